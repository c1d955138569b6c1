package directory

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"

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
