package directory

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// newcomers are two agencies that nobody here knows, a service of none, and an
// agency that gives no service: it waits for nobody.
var newcomers = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,description\n1,Open Door,\n2,Night Light,\n3,Paper Only,\n")},
	"services.csv":      {Data: []byte("id,organization_id,name,status\n1,1,Advice,active\n2,2,Beds,active\n3,,Soup,active\n")},
}

// strangers loads them as they come, with a check of each service.
func strangers(t *testing.T, f *Feature) (id func(kind, n string) string) {
	t.Helper()
	if rep, err := f.ImportHSDS(t.Context(), newcomers, "n", Options{Agency: testAgency}); err != nil {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	id = func(kind, n string) string { return ids.DeriveUUID("n", kind+"/"+n) }
	for _, n := range []string{"1", "2", "3"} {
		if err := f.Verify(t.Context(), Check{Agency: testAgency, Service: id("services", n), By: "Kim", How: "by phone"}); err != nil {
			t.Fatal(err)
		}
	}
	return id
}

func as(ctx context.Context, name string) context.Context {
	return web.WithViewer(ctx, &staff.Session{Person: staff.Person{ID: name, Agency: testAgency, Name: name, Role: staff.Curator}})
}

// sees fails unless the public sees these services, wherever it looks.
func sees(t *testing.T, f *Feature, want ...string) {
	t.Helper()
	got := names(search(t, f, Query{Public: true, Unsure: true}))
	if !equalSets(got, want) {
		t.Errorf("found: %v, not %v", got, want)
	}
	p, err := f.Published(t.Context(), testAgency)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.services) != len(want) {
		t.Errorf("%d are published, not %v", len(p.services), want)
	}
	c := &copied{t, f, "", map[string]string{}, map[string]bool{}}
	if c.follow(10); len(c.services) != len(want) {
		t.Errorf("who copies has %d, not %v", len(c.services), want)
	}
	for _, r := range search(t, f, Query{Unsure: true}).Items {
		_, err := f.PublicService(t.Context(), testAgency, r.ID)
		if shown := err == nil; shown != strings.Contains(strings.Join(want, "\n"), r.Name) || err != nil && !errs.Is(err, errs.NotFound) {
			t.Errorf("%s by itself: %v", r.Name, err)
		}
	}
}

func equalSets(a, b []string) bool {
	in := map[string]int{}
	for _, s := range a {
		in[s]++
	}
	for _, s := range b {
		in[s]--
	}
	for _, n := range in {
		if n != 0 {
			return false
		}
	}
	return true
}

// Nobody sees what a new agency offers before two people found out about it,
// and no longer than both stand by it.
func TestNewAgenciesWaitForTwoPeople(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		id := strangers(t, f)
		door := id("organizations", "1")
		sees(t, f)
		got, err := f.Service(ctx, testAgency, id("services", "1"))
		if err != nil || got.Status != Verified || !got.Unvetted || got.Agency != door {
			t.Errorf("%s, unvetted %v, of %s: %v", got.Status, got.Unvetted, got.Agency, err)
		}
		vouch := func(name, what, note string) error { return f.Vouch(as(ctx, name), testAgency, door, what, note) }
		for field, err := range map[string]error{
			"what": vouch("ana", "guessed", "x"), "note": vouch("ana", "called", " "),
		} {
			if errs.Of(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		if err := f.Vouch(ctx, testAgency, door, "called", "x"); !errs.Is(err, errs.NotFound) {
			t.Errorf("nobody vouched: %v", err)
		}
		if err := f.Vouch(as(ctx, "ana"), "other", door, "called", "x"); !errs.Is(err, errs.NotFound) {
			t.Errorf("another agency's: %v", err)
		}
		if err := vouch("ana", "register", "number 12 of the city"); err != nil {
			t.Fatal(err)
		}
		if err := vouch("ana", "called", "once more"); errs.Of(err).Field != "what" {
			t.Errorf("one person is two: %v", err)
		}
		sees(t, f)
		if err := vouch("bo", "called", "the town hall gave the number"); err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice")

		a, err := f.Agency(as(ctx, "bo"), testAgency, door)
		if err != nil || !a.Vetted || !a.Mine || a.Vouched != 2 || len(a.Deeds) != 2 {
			t.Fatalf("%+v, %v", a, err)
		}
		if err := f.Withdraw(as(ctx, "cy"), testAgency, door, a.Deeds[0].ID, false); err != nil {
			t.Fatal(err)
		}
		sees(t, f)
		if a, err = f.Agency(ctx, testAgency, door); err != nil || a.Vetted || len(a.Deeds) != 2 || a.Deeds[0].Against != "cy" {
			t.Errorf("%+v, %v", a, err)
		}
		rules := ProposedRules()
		rules.Vetters = 1
		if err := f.SetRules(ctx, testAgency, rules); err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice")
		rules.Vetters, rules.Version = 2, 1
		if err := f.SetRules(ctx, testAgency, rules); err != nil {
			t.Fatal(err)
		}
		sees(t, f)
		if err := f.Withdraw(as(ctx, "cy"), testAgency, door, a.Deeds[0].ID, true); err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice")
		if err := f.Withdraw(as(ctx, "cy"), testAgency, door, ids.New(), true); !errs.Is(err, errs.NotFound) {
			t.Errorf("what is not there was taken back: %v", err)
		}
	}, Migrations)
}

// Who vouches for a whole set vouches for its agencies, but for those that
// somebody doubts. What was here before agencies were vetted stays, and it is
// written down why.
func TestAWholeSourceIsVouchedFor(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		id := strangers(t, f)
		if _, waiting, err := f.Vetters(ctx, testAgency); err != nil || waiting != 3 {
			t.Errorf("%d wait, %v", waiting, err)
		}
		if n, err := f.VetAll(ctx, testAgency, "other", "Kim", "known for years"); err != nil || n != 0 {
			t.Errorf("%d of another source, %v", n, err)
		}
		if _, err := f.VerifyAll(ctx, testAgency, "n", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice", "Beds", "Soup")
		light := id("organizations", "2")
		a, err := f.Agency(ctx, testAgency, light)
		if err != nil || len(a.Deeds) != 1 || a.Deeds[0].Kind != ofSource || a.Deeds[0].By != "Kim" || a.Deeds[0].Note != "by phone" {
			t.Fatalf("%+v, %v", a.Deeds, err)
		}
		if err := f.Withdraw(as(ctx, "ana"), testAgency, light, a.Deeds[0].ID, false); err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice", "Soup")
		if _, err := f.VerifyAll(ctx, testAgency, "n", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		if n, err := f.VetAll(ctx, testAgency, "", "Kim", "known for years"); err != nil || n != 1 { // the one without services
			t.Errorf("%d, %v", n, err)
		}
		sees(t, f, "Advice", "Soup")

		text, err := migrationFiles.ReadFile("migrations/00009_vetting.sql")
		if err != nil {
			t.Fatal(err)
		}
		_, statement, _ := strings.Cut(string(text), "INSERT INTO")
		statement, _, _ = strings.Cut(statement, ";")
		err = d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { // as if it were installed now
			if _, err := tx.Exec(ctx, `DELETE FROM directory_vetting`); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, "INSERT INTO"+statement); err != nil {
				return err
			}
			return errs.First(noteVetting(ctx, tx, testAgency, light), f.touch(ctx, tx, testAgency))
		})
		if err != nil {
			t.Fatal(err)
		}
		sees(t, f, "Advice", "Beds", "Soup")
		if a, err = f.Agency(ctx, testAgency, light); err != nil || len(a.Deeds) != 1 || a.Deeds[0].Kind != asBefore {
			t.Errorf("%+v, %v", a.Deeds, err)
		}
	}, Migrations)
}

// A service that goes over to another agency is seen as that one's.
func TestAServiceIsSeenAsItsAgency(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	ctx := t.Context()
	id := strangers(t, f)
	for _, name := range []string{"ana", "bo"} {
		if err := f.Vouch(as(ctx, name), testAgency, id("organizations", "1"), "partner", "the coalition"); err != nil {
			t.Fatal(err)
		}
	}
	sees(t, f, "Advice")
	if err := f.Merge(ctx, testAgency, entOrganization, id("organizations", "1"), id("organizations", "2"), "ana"); err != nil {
		t.Fatal(err)
	}
	sees(t, f, "Advice", "Beds")
}

func TestVettingDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		id := strangers(t, c.f)
		door, light := "/staff/directory/agencies/"+id("organizations", "1"), id("organizations", "2")
		c.role = staff.Advocate
		if status, _, _ := c.do(http.MethodGet, door, nil); status != http.StatusNotFound {
			t.Errorf("an advocate vets: %d", status)
		}
		for _, role := range []staff.Role{staff.Curator, staff.Supervisor} {
			c.role = role
			status, page, _ := c.do(http.MethodGet, "/staff/directory/vetting", nil)
			for _, want := range []string{"Open Door", "Night Light", "Soup", "3 agencies wait to be vetted.", "0 of 2"} {
				if status != http.StatusOK || !strings.Contains(page, want) {
					t.Errorf("the queue (%d) lacks %q", status, want)
				}
			}
		}
		status, page, _ := c.do(http.MethodGet, door, nil)
		for _, want := range []string{"It gives no registration number.", "Not vetted yet", "Nobody has vouched for it yet.", `data-key="x"`, `data-key="Ctrl+Enter"`} {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("the agency (%d) lacks %q", status, want)
			}
		}
		if status, page, _ = c.do(http.MethodPost, door+"/vouch", url.Values{"note": {"number 12"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Say what you did.") || !strings.Contains(page, "number 12") {
			t.Errorf("a vouch without what was done: %d", status)
		}
		if _, _, to := c.do(http.MethodPost, door+"/vouch", url.Values{"what": {"register"}, "note": {"number 12"}, "next": {light}}); to != "/staff/directory/agencies/"+light+"#vouch" {
			t.Errorf("it leads to %q", to)
		}
		if _, page, _ = c.do(http.MethodGet, door, nil); !strings.Contains(page, "Looked it up in a register") || !strings.Contains(page, "Somebody else has to do so too.") || strings.Contains(page, `name="note"`) {
			t.Error("the page does not say who did what")
		}
		a, err := c.f.Agency(t.Context(), testAgency, id("organizations", "1"))
		if err != nil {
			t.Fatal(err)
		}
		for _, step := range []struct{ do, want string }{{"", "Taken back on"}, {"again", "Somebody else has to do so too."}} {
			if _, _, to := c.do(http.MethodPost, door+"/withdraw", url.Values{"deed": {a.Deeds[0].ID}, "do": {step.do}}); to != door+"#deeds" {
				t.Errorf("it leads to %q", to)
			}
			if _, page, _ = c.do(http.MethodGet, door, nil); !strings.Contains(page, step.want) {
				t.Errorf("after %q there is no %q", step.do, step.want)
			}
		}
		c.role = staff.Curator
		if _, page, _ = c.do(http.MethodGet, "/staff/directory/services/"+id("services", "1"), nil); !strings.Contains(page, "its agency is not vetted yet") {
			t.Error("the service's page does not say why the public does not see it")
		}
		if _, page, _ = c.do(http.MethodGet, "/staff/directory", nil); !strings.Contains(page, "3 agencies wait to be vetted.") {
			t.Error("the list does not say that agencies wait")
		}
	}, Migrations)
}
