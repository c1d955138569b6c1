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
)

var threeRisks = fstest.MapFS{"services.csv": {Data: []byte(
	"id,organization_id,name,status\n1,1,Crisis hotline,active\n2,1,Night shelter,active\n3,1,Legal desk,active\n4,1,Food desk,active\n")}}

// Other rules count at once: for what is checked from then on, for what was
// checked before, in the search and in what is published. A day that somebody
// chose stays, and nothing is hidden that nobody was warned of.
func TestRulesCountAtOnce(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		ctx := context.Background()
		load(t, f, "s", threeRisks)
		now := time.Now()
		f.Now = func() time.Time { return now }
		id := func(n string) string { return ids.DeriveUUID("s", "services/"+n) }
		for n, days := range map[string]int{"1": 20, "2": 50, "3": 50, "4": 50} {
			c := Check{Agency: testAgency, Service: id(n), By: "Kim", How: "by phone", When: now.AddDate(0, 0, -days)}
			if n == "4" {
				c.Due = now.AddDate(0, 0, 100)
			}
			if err := f.Verify(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		if got := search(t, f, Query{Public: true}).Total; got != 4 {
			t.Fatalf("%d are shown", got)
		}
		if err := f.SetRules(ctx, testAgency, Rules{Hotline: 15, Shelter: 20, Other: 100, Vetters: 2}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []struct {
			n         string
			status    Status
			due, hide int // days from now
		}{
			{"1", Overdue, -5, 14}, // 10 by the rule, but curators are warned for two weeks
			{"2", Overdue, -30, 14},
			{"3", Verified, 50, 150},
			{"4", Verified, 100, 250}, // chosen
		} {
			got, err := f.Service(ctx, testAgency, id(want.n))
			if err != nil {
				t.Fatal(err)
			}
			near := func(at time.Time, days int) bool {
				return at.Sub(now.AddDate(0, 0, days)).Abs() < 2*time.Hour // a change of clocks may lie between
			}
			if got.Status != want.status || !near(got.Verification.Due, want.due) || !near(got.Verification.Hide, want.hide) {
				t.Errorf("service %s is %s, due %v, hidden %v", want.n, got.Status, got.Verification.Due, got.Verification.Hide)
			}
		}
		f.Now = func() time.Time { return now.AddDate(0, 0, 15) }
		if got := names(search(t, f, Query{Public: true})); len(got) != 2 {
			t.Errorf("found after two weeks: %v", got)
		}
		p, err := f.Published(ctx, testAgency)
		if err != nil || len(p.services) != 2 {
			t.Errorf("published after two weeks: %d, %v", len(p.services), err)
		}

		f.Now = func() time.Time { return now }
		if err := f.Verify(ctx, Check{Agency: testAgency, Service: id("1"), By: "Kim", How: "by phone"}); err != nil {
			t.Fatal(err)
		}
		got, err := f.Service(ctx, testAgency, id("1"))
		if err != nil || got.Interval != 15 || got.Verification.Due.Sub(got.Verification.Checked) != 15*24*time.Hour {
			t.Errorf("a new check holds for %v, the page says %d days: %v", got.Verification.Due.Sub(got.Verification.Checked), got.Interval, err)
		}
		if err := f.SetRules(ctx, testAgency, Rules{Hotline: 40, Shelter: 20, Other: 100, Vetters: 2, Version: 1}); err != nil {
			t.Fatal(err)
		}
		if err := f.Undo(ctx, testAgency, id("1"), got.History[0].ID); err != nil {
			t.Fatal(err)
		}
		if got, err = f.Service(ctx, testAgency, id("1")); err != nil || got.Verification.Due.Sub(got.Verification.Checked) != 40*24*time.Hour {
			t.Errorf("the check that is back is due by old rules: %+v, %v", got.Verification, err)
		}
	}, Migrations)
}

func TestRulesHaveBounds(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	ctx := context.Background()
	for field, r := range map[string]Rules{
		"hotline": {Hotline: MinDays - 1, Shelter: 90, Other: 180, Vetters: 2}, "shelter": {Hotline: 30, Shelter: MaxDays + 1, Other: 180, Vetters: 2}, "other": {Hotline: 30, Shelter: 90, Vetters: 2}, "vetters": {Hotline: 30, Shelter: 90, Other: 180, Vetters: MaxVetters + 1},
	} {
		if err := f.SetRules(ctx, testAgency, r); errs.Of(err).Field != field {
			t.Errorf("%+v: %v", r, err)
		}
	}
	if err := f.SetRules(ctx, testAgency, Rules{Hotline: 30, Shelter: 90, Other: 180, Vetters: 2, Version: 1}); !errs.Is(err, errs.Conflict) {
		t.Errorf("rules that nobody saw were changed: %v", err)
	}
	if r, err := f.Rules(ctx, testAgency); err != nil || r != ProposedRules() {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestRulesPage(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		const page = "/staff/settings/directory"
		if status, _, _ := c.do(http.MethodGet, page, nil); status != http.StatusNotFound {
			t.Errorf("a curator decides: %d", status)
		}
		c.role = staff.Administrator
		form := url.Values{"version": {"0"}, "hotline": {"14"}, "shelter": {"60"}, "other": {"x"}, "vetters": {"2"}}
		if status, body, _ := c.do(http.MethodPost, page, form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "Write a number of days from 7 to 365.") || !strings.Contains(body, `value="14"`) {
			t.Errorf("what is no number: %d", status)
		}
		form.Set("other", "200")
		if status, _, to := c.do(http.MethodPost, page, form); status != http.StatusSeeOther || to != page+"?saved" {
			t.Errorf("%d to %s", status, to)
		}
		if status, body, _ := c.do(http.MethodPost, page, form); status != http.StatusConflict || !strings.Contains(body, "A colleague decided something else meanwhile.") {
			t.Errorf("it was decided twice on the same: %d", status)
		}
		if _, body, _ := c.do(http.MethodGet, page+"?saved", nil); !strings.Contains(body, `value="200"`) || !strings.Contains(body, "It counts at once") || !strings.Contains(body, "<bdi>Kim</bdi>") {
			t.Error("the page does not show what was decided, and by whom")
		}
	}, Migrations)
}
