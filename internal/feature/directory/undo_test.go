package directory

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Each edit can be taken back, and that again; not under a later one.
func TestEditsAreTakenBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		load(t, c.f, "lines", lines)
		id := idOf(t, c.f, "Warsaw line")
		number := func() string {
			t.Helper()
			detail, err := c.f.Service(ctx, testAgency, id)
			if err != nil || len(detail.OwnPhones) != 1 {
				t.Fatal(detail.OwnPhones, err)
			}
			return detail.OwnPhones[0].Printed
		}
		edit := func(to string) {
			t.Helper()
			if err := c.f.EditService(ctx, Edit{Agency: testAgency, Service: id, Who: "Kim", Phones: []PhoneEdit{{Number: to}}}); err != nil {
				t.Fatal(err)
			}
		}
		newest := func(action string) string {
			t.Helper()
			detail, err := c.f.Service(ctx, testAgency, id)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range detail.History {
				if e.Action == action {
					return e.ID
				}
			}
			t.Fatalf("nothing %s", action)
			return ""
		}
		undo := func(event string) int {
			t.Helper()
			status, page, _ := c.do(http.MethodPost, "/staff/directory/services/"+id+"/undo", url.Values{"event": {event}})
			if status == http.StatusUnprocessableEntity && !strings.Contains(page, "Take back the newer change first.") {
				t.Error("it is not said why")
			}
			return status
		}
		was := number()
		edit("+48 22 222 22 22")
		first := newest("edited")
		if undo(first) != http.StatusSeeOther || number() != was {
			t.Errorf("it is %q", number())
		}
		if undo(newest("undone")) != http.StatusSeeOther || number() != "+48 22 222 22 22" {
			t.Errorf("taken back twice it is %q", number())
		}
		edit("+48 22 333 33 33")
		if undo(first) != http.StatusUnprocessableEntity || number() != "+48 22 333 33 33" {
			t.Error("an older edit was taken back under a newer one")
		}
		if undo("nothing") != http.StatusNotFound {
			t.Error("what was never done was taken back")
		}
	}, Migrations)
}

// A check that was pressed by mistake is taken back: the one before it counts
// again, or that there was none. Nobody takes back one that something followed.
func TestChecksAreTakenBack(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		load(t, c.f, "lines", lines)
		id := idOf(t, c.f, "Warsaw line")
		page := "/staff/directory/services/" + id
		check := func(by string) string {
			t.Helper()
			if err := c.f.Verify(ctx, Check{Agency: testAgency, Service: id, By: by, How: "by telephone"}); err != nil {
				t.Fatal(err)
			}
			got, err := c.f.Service(ctx, testAgency, id)
			if err != nil {
				t.Fatal(err)
			}
			return got.History[0].ID
		}
		first := check("Ana")
		was, err := c.f.Service(ctx, testAgency, id)
		if err != nil {
			t.Fatal(err)
		}
		second := check("Kim")
		if code, _, _ := c.do(http.MethodPost, page+"/undo", url.Values{"event": {first}}); code != http.StatusUnprocessableEntity {
			t.Errorf("a check that another followed was taken back: %d", code)
		}
		if _, _, to := c.do(http.MethodPost, page+"/verify", url.Values{"missed": {id}}); to != page+"#check" {
			t.Errorf("not reached leads to %q", to)
		}
		if _, body, _ := c.do(http.MethodGet, page, nil); !strings.Contains(body, `name="event" value="`+second+`"`) || strings.Contains(body, `value="`+first+`"`) {
			t.Error("not the newest check alone can be taken back")
		}
		if _, _, to := c.do(http.MethodPost, page+"/undo", url.Values{"event": {second}}); to != page+"#history" {
			t.Errorf("it leads to %q", to)
		}
		now, err := c.f.Service(ctx, testAgency, id)
		if err != nil || now.Verification == nil || now.Verification.By != "Ana" || !now.Verification.Checked.Equal(was.Verification.Checked) || !now.Verification.Hide.Equal(was.Verification.Hide) {
			t.Errorf("%+v, not %+v: %v", now.Verification, was.Verification, err)
		}
		other := idOf(t, c.f, "American line")
		if err := c.f.Verify(ctx, Check{Agency: testAgency, Service: other, By: "Kim", How: "x"}); err != nil {
			t.Fatal(err)
		}
		got, err := c.f.Service(ctx, testAgency, other)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.f.Undo(ctx, testAgency, other, got.History[0].ID); err != nil {
			t.Fatal(err)
		}
		if got, err = c.f.Service(ctx, testAgency, other); err != nil || got.Verification != nil || got.Status != Never {
			t.Errorf("%+v: %v", got.Verification, err)
		}
	}, Migrations)
}

// Where nobody was reached the queue does not lead again for some hours.
func TestWhoWasNotReachedWaits(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		load(t, c.f, "lines", lines)
		all := search(t, c.f, Query{Status: Never, Unsure: true})
		seen := map[string]bool{}
		at := all.Items[0].ID
		for range all.Total {
			if seen[at] {
				t.Fatal("the queue leads to where nobody was reached")
			}
			seen[at] = true
			_, body, _ := c.do(http.MethodGet, "/staff/directory/services/"+at, nil)
			_, after, ok := strings.Cut(body, `name="missed" value="`)
			if !ok {
				t.Fatal("there is no way to say that nobody was reached")
			}
			next, _, _ := strings.Cut(after, `"`)
			c.do(http.MethodPost, "/staff/directory/services/"+at+"/verify", url.Values{"missed": {next}})
			at = next
		}
		c.f.Now = func() time.Time { return time.Now().Add(tryAgain + time.Hour) }
		if _, body, _ := c.do(http.MethodGet, "/staff/directory/services/"+at, nil); !strings.Contains(body, `name="next"`) {
			t.Error("they are never called again")
		}
	}, Migrations)
}
