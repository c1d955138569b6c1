package directory

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// How long a check holds follows from what a wrong entry would do; an overdue
// service stays for as long again, flagged, and then goes.
func TestVerificationLife(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		ctx := context.Background()
		load(t, f, "s", fstest.MapFS{"services.csv": {Data: []byte(
			"id,organization_id,name,status\n1,1,Crisis hotline,active\n2,1,Night shelter,active\n3,1,Legal desk,active\n4,1,Old desk,defunct\n")}})
		start := time.Now()
		n, err := f.VerifyAll(ctx, testAgency, "s", "Kim", "read on their web site")
		if err != nil || n != 3 {
			t.Fatalf("%d verified, %v", n, err)
		}
		for _, c := range []struct {
			id   string
			days int
		}{{"1", 30}, {"2", 90}, {"3", 180}} {
			id := ids.DeriveUUID("s", "services/"+c.id)
			for _, at := range []struct {
				days   int
				status Status
				public bool
			}{{c.days - 1, Verified, true}, {c.days + 1, Overdue, true}, {2*c.days - 1, Overdue, true}, {2*c.days + 1, Overdue, false}} {
				f.Now = func() time.Time { return start.AddDate(0, 0, at.days) }
				got, err := f.Service(ctx, testAgency, id)
				if err != nil || got.Status != at.status {
					t.Errorf("service %s after %d days: %s, %v", c.id, at.days, got.Status, err)
				}
				_, err = f.PublicService(ctx, testAgency, id)
				if (err == nil) != at.public || err != nil && !errs.Is(err, errs.NotFound) {
					t.Errorf("service %s after %d days, public: %v", c.id, at.days, err)
				}
			}
		}
		got, err := f.Service(ctx, testAgency, ids.DeriveUUID("s", "services/3"))
		if err != nil || len(got.History) != 1 || got.History[0].By != "Kim" || got.History[0].Action != "verified" {
			t.Errorf("%+v, %v", got.History, err)
		}
	}, Migrations)
}

// A call of the week before is written down with its day, and the next check is
// counted from there.
func TestACheckOfAnotherDay(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		load(t, f, "s", fstest.MapFS{"services.csv": {Data: []byte("id,name,status\n1,Crisis hotline,active\n")}})
		id, when := ids.DeriveUUID("s", "services/1"), time.Now().AddDate(0, 0, -7).Truncate(time.Second)
		if err := f.Verify(t.Context(), Check{Agency: testAgency, Service: id, By: "Kim", How: "by phone", When: when}); err != nil {
			t.Fatal(err)
		}
		got, err := f.Service(t.Context(), testAgency, id)
		if err != nil || !got.Checked.Equal(when) {
			t.Fatalf("checked %v, %v", got.Checked, err)
		}
		for days, want := range map[int]Status{22: Verified, 24: Overdue} {
			f.Now = func() time.Time { return time.Now().AddDate(0, 0, days) }
			if got, err := f.Service(t.Context(), testAgency, id); err != nil || got.Status != want {
				t.Errorf("after %d days it is %s, %v", days, got.Status, err)
			}
		}
	}, Migrations)
}

// When the source changes what was verified, it must be verified again.
func TestChangedSourceResets(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		ctx := context.Background()
		files := func(about string) fstest.MapFS {
			return fstest.MapFS{"services.csv": {Data: []byte("id,organization_id,name,description,status\n1,1,Desk," + about + ",active\n2,1,Other,same,active\n")}}
		}
		load(t, f, "s", files("before"))
		if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		f.Now = time.Now
		rep := load(t, f, "s", files("after"))
		if rep.Changed != 1 || rep.Counts["verify.reset"] != 1 {
			t.Errorf("%s", rep.Summary())
		}
		if got := names(search(t, f, Query{Public: true})); len(got) != 1 || got[0] != "Other" {
			t.Errorf("public: %v", got)
		}
		one, err := f.Service(ctx, testAgency, ids.DeriveUUID("s", "services/1"))
		if err != nil || len(one.History) != 2 || one.Status != Never {
			t.Errorf("%+v, %v", one.History, err)
		}
	}, Migrations)
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	load(t, f, "s", fstest.MapFS{"services.csv": {Data: []byte("id,name,status\n1,Desk,active\n")}})
	id := ids.DeriveUUID("s", "services/1")
	now := time.Now()
	for _, c := range []struct {
		check Check
		kind  errs.Kind
	}{
		{Check{Service: id, How: "x"}, errs.Invalid},
		{Check{Service: id, By: "x"}, errs.Invalid},
		{Check{Service: id, By: strings.Repeat("x", 121), How: "x"}, errs.Invalid},
		{Check{Service: id, By: "x", How: "x", Due: now.Add(-time.Hour)}, errs.Invalid},
		{Check{Service: id, By: "x", How: "x", Due: now.AddDate(3, 0, 0)}, errs.Invalid},
		{Check{Service: id, By: "x", How: "x", When: now.Add(time.Hour)}, errs.Invalid},
		{Check{Service: id, By: "x", How: "x", When: now.AddDate(0, -3, 0)}, errs.Invalid},
		{Check{Service: "none", By: "x", How: "x"}, errs.NotFound},
	} {
		c.check.Agency = testAgency
		if err := f.Verify(context.Background(), c.check); !errs.Is(err, c.kind) {
			t.Errorf("%+v: %v", c.check, err)
		}
	}
	other := Check{Agency: "other", Service: id, By: "x", How: "x"}
	if err := f.Verify(context.Background(), other); !errs.Is(err, errs.NotFound) {
		t.Errorf("another agency verified: %v", err)
	}
}

// A curator goes from one to the next by keyboard: first to what the public
// will lose sight of soonest, and is told of it before.
func TestWhatIsCheckedNext(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		load(t, c.f, "lines", lines)
		now := time.Now()
		for name, days := range map[string]int{"Warsaw line": 40, "American line": 55, "Moldovan line": 10} {
			check := Check{Agency: testAgency, Service: idOf(t, c.f, name), By: "Kim", How: "by telephone", When: now.AddDate(0, 0, -days), Due: now.Add(time.Hour)}
			if err := c.f.Verify(ctx, check); err != nil {
				t.Fatal(err)
			}
		}
		err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { // as if a month had gone by
			_, err := tx.Exec(ctx, `UPDATE directory_check SET due = checked + 2592000000000, hide = checked + 5184000000000`)
			if err == nil {
				err = c.f.touch(ctx, tx, testAgency)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, page, _ := c.do(http.MethodGet, "/staff/directory", nil); !strings.Contains(page, "1 service will soon leave the public pages") {
			t.Error("nobody is told what is about to be hidden")
		}
		american, warsaw := idOf(t, c.f, "American line"), idOf(t, c.f, "Warsaw line")
		_, page, _ := c.do(http.MethodGet, "/staff/directory/services/"+warsaw, nil)
		if !strings.Contains(page, `name="next" value="`+american+`"`) {
			t.Error("what leaves sight soonest is not next")
		}
		_, _, to := c.do(http.MethodPost, "/staff/directory/services/"+american+"/verify", url.Values{"by": {"Ana"}, "how": {"By telephone"}, "next": {warsaw}})
		if to != "/staff/directory/services/"+warsaw+"#check" {
			t.Errorf("it leads to %q", to)
		}
	}, Migrations)
}

// A check stands on the day that the colleague named, wherever the hotline is.
func TestACheckStandsOnTheDayOfTheHotline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		if _, err := c.f.LoadStarter(t.Context(), testAgency); err != nil {
			t.Fatal(err)
		}
		res, err := c.f.Search(t.Context(), Query{Agency: testAgency, Limit: 1})
		if err != nil || len(res.Items) == 0 {
			t.Fatalf("no service: %v", err)
		}
		page := "/staff/directory/services/" + res.Items[0].ID
		for _, hours := range []int{-11, 13} {
			here := time.FixedZone("here", hours*3600)
			c.f.web.Move(here)
			for _, ago := range []int{3, 0} {
				day := time.Now().In(here).AddDate(0, 0, -ago)
				form := url.Values{"by": {"Ana"}, "how": {"By telephone"}}
				if ago > 0 {
					form.Set("when", day.Format(time.DateOnly))
				}
				if code, body, _ := c.do(http.MethodPost, page+"/verify", form); code != http.StatusSeeOther {
					t.Fatalf("checking: %d %s", code, body)
				}
				told := "Checked " + c.f.web.Words.For("en").Date(day)
				if _, body, _ := c.do(http.MethodGet, page, nil); !strings.Contains(body, told) {
					t.Errorf("%d hours from UTC the page does not say %q", hours, told)
				}
			}
		}
	}, Migrations)
}
