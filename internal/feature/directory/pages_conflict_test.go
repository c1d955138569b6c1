package directory

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// A curator sees what sources do not agree on, in every language, chooses, takes it
// back, and sets who goes before whom; nobody else does.
func TestConflictsDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		if _, body, _ := c.do("GET", conflictsPage, nil); !strings.Contains(body, "The sources agree, or somebody has decided.") {
			t.Errorf("empty: %s", body)
		}
		load(t, c.f, "a", saysA)
		load(t, c.f, "b", saysB("312-555-0177"))
		one, two := ids.DeriveUUID("a", "services/1"), ids.DeriveUUID("b", "services/8")
		if err := c.f.Merge(t.Context(), testAgency, entService, one, two, "Kim"); err != nil {
			t.Fatal(err)
		}
		if err := c.f.Merge(t.Context(), testAgency, entOrganization, ids.DeriveUUID("a", "organizations/1"), ids.DeriveUUID("b", "organizations/9"), "Kim"); err != nil {
			t.Fatal(err)
		}
		page := "/staff/directory/services/" + one
		for _, l := range i18n.Languages() {
			c.lang = l.Code
			for path, want := range map[string]string{conflictsPage: "312-555-0177", page: conflictsPage + "#" + one, feedsPage: "clew directory subscribe", "/staff/directory": conflictsPage} {
				if code, body, _ := c.do("GET", path, nil); code != 200 || !strings.Contains(body, want) || strings.Contains(body, ">directory.") {
					t.Errorf("%s in %s: %d\n%s", path, l.Code, code, body)
				}
			}
		}
		c.lang = "en"
		_, body, _ := c.do("GET", conflictsPage, nil)
		for _, want := range []string{"Sources differ at 2 records", "312-555-0142", `data-key="1"`, `data-key="3"`, "post@harbour.example", "shown now"} {
			if !strings.Contains(body, want) {
				t.Errorf("the page lacks %q: %s", want, body)
			}
		}
		seen := regexp.MustCompile(`name="field" value="phones"><input type="hidden" name="seen" value="([0-9a-f]+)"`).FindStringSubmatch(body)
		if seen == nil {
			t.Fatalf("no choice: %s", body)
		}
		form := url.Values{"kind": {"service"}, "id": {one}, "field": {"phones"}, "voice": {"b " + two}, "seen": {"other"}}
		if code, body, _ := c.do("POST", conflictsPage, form); code != 409 || !strings.Contains(body, "Look again.") {
			t.Errorf("an old page: %d", code)
		}
		form.Set("seen", seen[1])
		var log []string
		c.f.Log = func(_ context.Context, _ *db.Tx, _, who, action, record string) error {
			log = append(log, who+" "+action+" "+record)
			return nil
		}
		if code, _, to := c.do("POST", conflictsPage, form); code != 303 || to != conflictsPage {
			t.Errorf("choose: %d", code)
		}
		if got := numbers(t, c.f, one); len(got) != 1 || got[0] != "3125550177" {
			t.Errorf("chosen: %v", got)
		}
		if _, body, _ := c.do("GET", page, nil); !strings.Contains(body, "Chosen among what sources say") || !strings.Contains(body, "edited here · Kim") {
			t.Errorf("the service does not tell it: %s", body)
		}
		_, body, _ = c.do("GET", conflictsPage, nil)
		event := regexp.MustCompile(`name="event" value="([^"]+)"`).FindStringSubmatch(body)
		if event == nil || !strings.Contains(body, "Sources differ at 1 record") {
			t.Fatalf("what was decided: %s", body)
		}
		undo := url.Values{"id": {one}, "event": {event[1]}}
		if code, _, _ := c.do("POST", conflictsPage+"/undo", undo); code != 303 {
			t.Errorf("undo: %d", code)
		}
		if code, _, _ := c.do("POST", conflictsPage+"/undo", undo); code != 409 {
			t.Errorf("undone twice: %d", code)
		}
		if code, _, to := c.do("POST", feedsPage+"/order", url.Values{"source": {"b"}, "move": {"up"}}); code != 303 || to != feedsPage+"#order" {
			t.Errorf("order: %d", code)
		}
		if list, err := c.f.Sources(t.Context(), testAgency); err != nil || len(list) != 2 || list[0].Name != "b" {
			t.Errorf("%+v, %v", list, err)
		}
		if code, _, _ := c.do("POST", feedsPage+"/order", url.Values{"source": {"x"}, "move": {"up"}}); code != 404 {
			t.Errorf("an unknown source: %d", code)
		}
		deed := "curator directory.edit "
		if want := []string{deed + one, deed + one, deed}; !slices.Equal(log, want) {
			t.Errorf("the log has %q", log)
		}
		c.role = staff.Advocate
		for _, path := range []string{conflictsPage, conflictsPage + "/undo", feedsPage + "/order"} {
			if code, _, _ := c.do("POST", path, form); code != 404 {
				t.Errorf("an advocate at %s: %d", path, code)
			}
		}
	}, Migrations)
}
