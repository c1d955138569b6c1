package directory

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestNumbersInANote(t *testing.T) {
	t.Parallel()
	have := []Phone{{Printed: "(217) 555-0100", E164: "+12175550100"}}
	for note, want := range map[string][]string{
		"Now +48 22 628 99 99, not 217-555-0100.":        {"+48 22 628 99 99"},
		"Call (312) 555-0142 or 312.555.0143":            {"(312) 555-0142", "312.555.0143"},
		"312 555 0142, that is 312-555-0142":             {"312 555 0142"},
		"Closed since 2026-11-28, open 9:00-17:00 again": nil,
		"since 28.11.2026 at 17 Main Street 60640":       nil,
		"": nil,
	} {
		if got := numbersIn(note, have); !slices.Equal(got, want) {
			t.Errorf("%q: %q, not %q", note, got, want)
		}
	}
}

// What the public says and somebody passes on stands in the curator's form, with
// its number; saving ends it, and undo brings back the old number and what was
// said. Undoing that it was passed on takes it from the curator, too.
func TestAChangeFollowsWhatWasSaid(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		boxed(c.f)
		ctx := t.Context()
		load(t, c.f, "lines", lines)
		if _, err := c.f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		id := idOf(t, c.f, "Warsaw line")
		page := "/staff/directory/services/" + id
		if _, err := c.f.Suggest(ctx, testAgency, Heard{Key: ids.New(), Service: id, Kind: "other", Text: "I am Maria. They have a new number, 22 555 01 99."}); err != nil {
			t.Fatal(err)
		}
		list, err := c.f.Suggestions(of(ctx, staff.Supervisor), testAgency, id)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		decide := func(do string) {
			t.Helper()
			c.role = staff.Supervisor
			if code, _, _ := c.do(http.MethodPost, "/staff/directory/suggestions/"+list[0].ID, url.Values{"do": {do}, "note": {"New number 22 555 01 99"}}); code != http.StatusSeeOther {
				t.Fatalf("%q: %d", do, code)
			}
			c.role = staff.Curator
		}
		waits := func() []Proposal {
			t.Helper()
			detail, err := c.f.Service(ctx, testAgency, id)
			if err != nil {
				t.Fatal(err)
			}
			return detail.Proposals
		}
		decide(decidedPassed)
		decide("")
		if w := waits(); len(w) != 0 {
			t.Errorf("what was taken back waits: %+v", w)
		}
		decide(decidedPassed)
		w := waits()
		if len(w) != 1 {
			t.Fatalf("%+v", w)
		}
		_, body, _ := c.do(http.MethodGet, page, nil)
		if link := page + "?follows=" + w[0].ID + "#edit"; !strings.Contains(body, link) {
			t.Errorf("no link to %s", link)
		}
		_, body, _ = c.do(http.MethodGet, page+"?follows="+w[0].ID, nil)
		for _, want := range []string{`id="edit" open`, `value="22 555 01 99"`, `name="follows" value="` + w[0].ID + `"`, "New number 22 555 01 99"} {
			if !strings.Contains(body, want) {
				t.Errorf("the form lacks %q", want)
			}
		}
		if strings.Contains(body, "Maria") {
			t.Error("a curator reads what the person wrote")
		}
		c.role = staff.Advocate
		if _, body, _ = c.do(http.MethodGet, page+"?follows="+w[0].ID, nil); strings.Contains(body, `name="follows"`) {
			t.Error("who may not edit has a form")
		}
		c.role = staff.Curator

		before, err := c.f.Service(ctx, testAgency, id)
		if err != nil {
			t.Fatal(err)
		}
		form := url.Values{"what": {"phones"}, "follows": {w[0].ID}}
		for _, p := range append(before.OwnPhones, Phone{Printed: "22 555 01 99"}) {
			form.Add("phone", p.ID)
			form.Add("number", p.Printed)
			form.Add("note", p.Description)
		}
		if code, _, to := c.do(http.MethodPost, page+"/edit", form); code != http.StatusSeeOther || to != page+"#history" {
			t.Fatalf("%d to %s", code, to)
		}
		after, err := c.f.Service(ctx, testAgency, id)
		if err != nil || len(after.OwnPhones) != len(before.OwnPhones)+1 || len(after.Proposals) != 0 || after.History[0].How != "New number 22 555 01 99" {
			t.Fatalf("%+v %+v %+v %v", after.OwnPhones, after.Proposals, after.History[0], err)
		}
		if code, _, _ := c.do(http.MethodPost, page+"/undo", url.Values{"event": {after.History[0].ID}}); code != http.StatusSeeOther {
			t.Fatalf("undo: %d", code)
		}
		back, err := c.f.Service(ctx, testAgency, id)
		if err != nil || len(back.OwnPhones) != len(before.OwnPhones) || len(back.Proposals) != 1 || back.Proposals[0] != w[0] {
			t.Errorf("%+v %+v %v", back.OwnPhones, back.Proposals, err)
		}
		// The change and its undo can go round again, and what is followed no more is no form.
		if code, _, _ := c.do(http.MethodPost, page+"/undo", url.Values{"event": {back.History[0].ID}}); code != http.StatusSeeOther {
			t.Errorf("undo of the undo: %d", code)
		}
		if _, body, _ = c.do(http.MethodGet, page+"?follows="+ids.New(), nil); strings.Contains(body, `name="follows"`) {
			t.Error("a form follows what nobody said")
		}
		// A curator who has it checked goes on with the check.
		if _, err := c.f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		if _, err := c.f.Suggest(ctx, testAgency, Heard{Key: ids.New(), Service: id, Kind: "moved"}); err != nil {
			t.Fatal(err)
		}
		list, err = c.f.Suggestions(of(ctx, staff.Curator), testAgency, id)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, to := c.do(http.MethodPost, "/staff/directory/suggestions/"+list[0].ID, url.Values{"do": {"check"}, "service": {id}}); to != page+"#check" {
			t.Errorf("a check leads to %q", to)
		}
	}, Migrations)
}
