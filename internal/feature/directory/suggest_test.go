package directory

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// boxed stands for sealing: what is put in is not seen until it is taken out,
// for the record that it was put in for.
func boxed(f *Feature) {
	turn := func(b []byte) []byte {
		out := bytes.Clone(b)
		for i := range out {
			out[i] ^= 0x5a
		}
		return out
	}
	f.Seal = func(_ context.Context, _ *db.Tx, _, record string, plain []byte) ([]byte, error) {
		return turn([]byte(record + "\n" + string(plain))), nil
	}
	f.Unseal = func(_ context.Context, _ *db.Tx, _ *staff.Session, _, record string, sealed []byte) ([]byte, error) {
		plain, ok := bytes.CutPrefix(turn(sealed), []byte(record+"\n"))
		if !ok {
			return nil, errors.New("another record's")
		}
		return plain, nil
	}
}

func of(ctx context.Context, role staff.Role) context.Context {
	return web.WithViewer(ctx, &staff.Session{Person: staff.Person{ID: string(role), Agency: testAgency, Name: string(role), Role: role}})
}

// What the public says changes nothing that is shown. Curators see what kind it
// is; words are opened by who opens what the public sends, and are deleted.
func TestThePublicSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		boxed(c.f)
		ctx := t.Context()
		load(t, c.f, "lines", lines)
		if _, err := c.f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		id := idOf(t, c.f, "Warsaw line")
		before := names(search(t, c.f, Query{Public: true}))
		const words = "I am Maria and he answers their phone"
		said := Heard{Key: ids.New(), Service: id, Kind: "other", Text: words}
		for range 2 { // the same form twice is one
			if kept, err := c.f.Suggest(ctx, testAgency, said); err != nil || !kept {
				t.Fatal(kept, err)
			}
		}
		for field, bad := range map[string]Heard{
			"kind": {Service: id, Kind: "x"}, "text": {Service: id, Kind: "moved", Text: strings.Repeat("ж", MaxSaid+1)},
		} {
			if _, err := c.f.Suggest(ctx, testAgency, bad); errs.Of(err).Field != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		for _, bad := range []Heard{{Service: id, Kind: "other"}, {}} {
			if _, err := c.f.Suggest(ctx, testAgency, bad); errs.Of(err).Field != "text" {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		if _, err := c.f.Suggest(ctx, testAgency, Heard{Service: ids.UUID(), Kind: "moved"}); !errs.Is(err, errs.NotFound) {
			t.Errorf("of nothing: %v", err)
		}
		if _, err := c.f.Suggest(ctx, testAgency, Heard{Text: "The clinic in Lublin"}); err != nil {
			t.Fatal(err)
		}
		if after := names(search(t, c.f, Query{Public: true})); !equalSets(before, after) {
			t.Errorf("it changed what is shown: %v", after)
		}

		const desk = "/staff/directory/suggestions"
		_, page, _ := c.do(http.MethodGet, desk, nil)
		if !strings.Contains(page, "Something else") || !strings.Contains(page, "Warsaw line") || !strings.Contains(page, "A service is missing") || strings.Contains(page, "Maria") || strings.Contains(page, `value="passed"`) {
			t.Error("a curator sees too much or too little")
		}
		c.role = staff.Supervisor
		if _, page, _ = c.do(http.MethodGet, desk, nil); !strings.Contains(page, words) || !strings.Contains(page, `value="passed"`) {
			t.Error("a supervisor does not see the words")
		}
		var row string
		list, err := c.f.Suggestions(of(ctx, staff.Supervisor), testAgency, id)
		if err != nil || len(list) != 1 || list[0].Words != words {
			t.Fatalf("%+v, %v", list, err)
		}
		row = desk + "/" + list[0].ID
		if status, _, _ := c.do(http.MethodPost, row, url.Values{"do": {"passed"}}); status != http.StatusUnprocessableEntity {
			t.Errorf("nothing was passed on: %d", status)
		}
		if status, _, to := c.do(http.MethodPost, row, url.Values{"do": {"passed"}, "note": {"Somebody else answers"}}); status != http.StatusSeeOther || to != desk {
			t.Errorf("%d to %s", status, to)
		}
		detail, err := c.f.Service(ctx, testAgency, id)
		if err != nil || len(detail.Proposals) != 1 || detail.Proposals[0].Said != "Somebody else answers" || detail.Status != Verified {
			t.Errorf("%+v %s, %v", detail.Proposals, detail.Status, err)
		}
		if _, page, _ = c.do(http.MethodGet, desk, nil); !strings.Contains(page, "Passed on") || !strings.Contains(page, "Undo") {
			t.Error("what was decided cannot be taken back")
		}
		if _, _, to := c.do(http.MethodPost, row, url.Values{"do": {""}}); to != desk {
			t.Errorf("undo leads to %q", to)
		}
		if _, _, to := c.do(http.MethodPost, row, url.Values{"do": {"check"}}); to != desk {
			t.Errorf("a check leads to %q", to)
		}
		if detail, err = c.f.Service(ctx, testAgency, id); err != nil || detail.Status != Overdue || !detail.Verification.Public(time.Now()) {
			t.Errorf("%s, %+v, %v", detail.Status, detail.Verification, err)
		}

		age := func(days int) {
			t.Helper()
			err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE directory_suggestion SET decided = decided - $1 WHERE decided > 0`, int64(days)*24*int64(time.Hour/time.Microsecond))
				return err
			})
			if err := errs.First(err, c.f.SweepSuggestions(ctx)); err != nil {
				t.Fatal(err)
			}
		}
		left := func() (n, worded int) {
			t.Helper()
			list, err := c.f.Suggestions(of(ctx, staff.Supervisor), testAgency, id)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range list {
				if s.Worded {
					worded++
				}
			}
			return len(list), worded
		}
		age(29)
		if n, worded := left(); n != 1 || worded != 1 {
			t.Errorf("after 29 days: %d, %d with words", n, worded)
		}
		age(2)
		if n, worded := left(); n != 1 || worded != 0 {
			t.Errorf("after 31 days: %d, %d with words", n, worded)
		}
		age(400)
		if n, _ := left(); n != 0 {
			t.Errorf("after more than a year: %d", n)
		}
	}, Migrations)
}

// Several who say in different hours that nobody answers make a service due; one
// who says it often does not. It stays in sight.
func TestManyWhoReachNobodyMakeItDue(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		boxed(f)
		f.Now = time.Now
		ctx := t.Context()
		load(t, f, "lines", lines)
		if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		id := idOf(t, f, "Warsaw line")
		say := func() {
			t.Helper()
			if _, err := f.Suggest(ctx, testAgency, Heard{Service: id, Kind: "no_answer"}); err != nil {
				t.Fatal(err)
			}
		}
		status := func() Status {
			t.Helper()
			got, err := f.Service(ctx, testAgency, id)
			if err != nil {
				t.Fatal(err)
			}
			return got.Status
		}
		for range 5 {
			say()
		}
		if got := status(); got != Verified {
			t.Errorf("one who says it five times makes it %s", got)
		}
		err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { // as if they had come over a day
			list, err := db.Strings(ctx, tx, `SELECT id FROM directory_suggestion ORDER BY id`)
			for i, one := range list[:2] {
				if err == nil {
					_, err = tx.Exec(ctx, `UPDATE directory_suggestion SET at = at - $2 WHERE id = $1`, one, int64(i+1)*3_600_000_000)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		say()
		if got := status(); got != Overdue {
			t.Errorf("several make it %s", got)
		}
		if _, err := f.PublicService(ctx, testAgency, id); err != nil {
			t.Errorf("it left sight: %v", err)
		}
	}, Migrations)
}

// What is said of a confidential place is for who leads. The rest see neither
// that there is anything nor what, and decide nothing.
func TestWhatIsSaidOfAHiddenPlaceIsHeld(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		boxed(f)
		f.Now = time.Now
		ctx := t.Context()
		if _, err := f.ImportHSDS(ctx, spread, "spread", Options{Agency: testAgency, Country: "US"}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		house := idOf(t, f, "House")
		detail, err := f.Service(ctx, testAgency, house)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetVisibility(ctx, testAgency, detail.Places[0].ID, Hidden); err != nil {
			t.Fatal(err)
		}
		if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Suggest(ctx, testAgency, Heard{Service: house, Kind: "moved", Text: "to 9 Elm Street"}); err != nil {
			t.Fatal(err)
		}
		if list, err := f.Suggestions(of(ctx, staff.Curator), testAgency, ""); err != nil || len(list) != 0 {
			t.Errorf("a curator sees %+v, %v", list, err)
		}
		list, err := f.Suggestions(of(ctx, staff.Supervisor), testAgency, "")
		if err != nil || len(list) != 1 || !list[0].Held || list[0].Words != "to 9 Elm Street" {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := f.Decide(of(ctx, staff.Curator), testAgency, list[0].ID, decidedNothing, ""); !errs.Is(err, errs.NotFound) {
			t.Errorf("a curator decided: %v", err)
		}
		if err := f.Decide(of(ctx, staff.Supervisor), testAgency, list[0].ID, decidedNothing, ""); err != nil {
			t.Error(err)
		}
	}, Migrations)
}

// However many come, nobody is refused: then what they chose counts, and that
// their words were not kept is said.
func TestNobodyIsRefused(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	boxed(f)
	ctx := t.Context()
	load(t, f, "lines", lines)
	if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
		t.Fatal(err)
	}
	id := idOf(t, f, "Warsaw line")
	for n := range mostOfOne + 2 {
		kept, err := f.Suggest(ctx, testAgency, Heard{Service: id, Kind: "moved", Text: "to another street"})
		if err != nil || kept != (n < mostWorded) {
			t.Fatalf("the %d.: kept %v, %v", n+1, kept, err)
		}
	}
	if list, err := f.Suggestions(of(ctx, staff.Supervisor), testAgency, id); err != nil || len(list) != mostOfOne {
		t.Errorf("%d, %v", len(list), err)
	}
}
