package admin

import (
	"context"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// general is a form in which everything is set.
var general = []string{
	"version", "0", "country", "US", "zone", "America/Chicago", "numbers", "555-0100\n +1 (555) 0101 \n555-0100", "text", "55501",
	"languages", "en, es;tl ES", "interpret", "1", "no_name", "1", "from1", "9:00", "to1", "17.30", "from5", "22:00", "to5", "06:00",
	"cost", "free", "recording", "none", "told", "consent", "police", "duty", "immigration", "never", "limits", "danger",
}

func TestSettings(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Administrator)
	want(t, b.get("/staff/settings"), http.StatusOK, "A public language that is turned on", "Nothing was changed yet.", "1 not reviewed yet")

	// A language is turned on by somebody who knows what nobody has reviewed.
	want(t, b.post("/staff/settings/public/en", "on", "1"), http.StatusUnprocessableEntity, "Tick that you know")
	want(t, b.post("/staff/settings/public/en", "on", "1", "sure", "1"), http.StatusSeeOther)
	want(t, b.post("/staff/settings/public/xx", "on", "1", "sure", "1"), http.StatusNotFound)
	want(t, b.get("/staff/settings"), http.StatusOK, "Name of the hotline (English)", "Time zone", "Turn off")

	want(t, b.get("/staff/settings/general"), http.StatusOK, `name="version" value="1"`, "United States", `name="from0"`)
	form := slices.Clone(general)
	want(t, b.post("/staff/settings/general", form...), http.StatusConflict, "Somebody else changed this", "&#43;1 (555) 0101")
	form[1] = "1"
	want(t, b.post("/staff/settings/general", form...), http.StatusSeeOther, "/staff/settings?saved")
	want(t, b.get("/staff/settings/general"), http.StatusOK, `value="09:00"`, `value="17:30"`, "555-0100\n&#43;1 (555) 0101<", `value="US" selected`,
		`value="duty" checked`, `value="fil" checked> <span>Filipino`, `<optgroup label="United States"><option value="America/New_York"`, `value="America/Chicago" selected`)
	want(t, b.get("/staff/settings"), http.StatusOK, "English, Spanish, Filipino", "America/Chicago", "555-0100", "Serious harm to somebody", "The law obliges us")

	want(t, b.post("/staff/settings/in/en", "version", "0", "name", "Thread Line", "title", "Notes", "who_calls", "Anybody",
		"exit_url", "https://www.example.org/", "own_cost", "Nothing at all."), http.StatusSeeOther)
	w := b.get("/staff/settings?saved")
	want(t, w, http.StatusOK, "Nothing is missing.", "Saved.", "administrator")
	want(t, b.get("/staff/settings/in/en"), http.StatusOK, "Thread Line", "Nothing at all.")
	want(t, b.get("/staff/settings/in/xx"), http.StatusNotFound)
	want(t, b.post("/staff/settings/in/xx", "version", "0"), http.StatusNotFound)

	h.update(func(ctx context.Context, tx *db.Tx) error {
		f, err := ReadFacts(ctx, tx, agency, "en")
		if f.Name != "Thread Line" || !f.IsPublic("en") || len(f.Numbers) != 2 || !reflect.DeepEqual(f.Languages, []string{"en", "es", "fil"}) {
			t.Errorf("facts are %+v", f)
		}
		if got := f.Hours(h.feature.web.Words.For("en")); got != "Monday \u206609:00–17:30\u2069, Friday \u206622:00–06:00\u2069" {
			t.Errorf("hours are %q", got)
		}
		changes, err2 := history(ctx, tx, agency, 10)
		if len(changes) != 3 || changes[0].Lang != "en" || changes[2].Lang != "" || changes[0].Staff != h.people[staff.Administrator].ID {
			t.Errorf("changes are %+v", changes)
		}
		return first(err, err2)
	})

	want(t, b.post("/staff/settings/public/en"), http.StatusSeeOther)
	want(t, b.get("/staff/settings"), http.StatusOK, "A public language that is turned on")
}

func first(errors ...error) error {
	for _, err := range errors {
		if err != nil {
			return err
		}
	}
	return nil
}

// Each field says what is wrong with it, and what was typed stays.
func TestSettingsRefuse(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Administrator)
	for _, c := range []struct{ path, field, value, say string }{
		{"general", "country", "ZZ", "Choose a country."},
		{"general", "country", "<b>", "Choose a country."},
		{"general", "zone", "Mars/Olympus", "Choose a time zone"},
		{"general", "zone", "Local", "Choose a time zone"},
		{"general", "zone", "../../etc/passwd", "Choose a time zone"},
		{"general", "numbers", "call me", "Write numbers"},
		{"general", "numbers", strings.Repeat("1234\n", 3) + "12\n13\n14\n15\n16\n17\n18", "too many"},
		{"general", "text", "javascript:1", "Write numbers"},
		{"general", "from1", "25:00", "Write both times"},
		{"general", "from2", "09:00", "Write both times"},
		{"general", "languages", "en, klingonish-and-more", "Write codes of languages"},
		{"general", "cost", "gold", "not right"},
		{"general", "version", "x", "did not arrive whole"},
		{"in/ru", "name", strings.Repeat("x", 81), "too long"},
		{"in/ru", "own_cost", strings.Repeat("ы", 601), "too long"},
		{"in/ru", "exit_url", "http://example.org", "begins with https"},
		{"in/ru", "exit_url", "javascript:alert(1)//.", "begins with https"},
		{"in/ru", "exit_url", "https://user:pass@example.org/", "begins with https"},
		{"in/ru", "exit_url", "https://localhost/", "begins with https"},
	} {
		pairs := []string{c.field, c.value}
		if c.field != "version" {
			pairs = append(pairs, "version", "0")
		}
		w := b.post("/staff/settings/"+c.path, pairs...)
		want(t, w, http.StatusUnprocessableEntity, c.say)
		if strings.Contains(w.Body.String(), "<b>") {
			t.Errorf("%s: what was typed came back as markup", c.field)
		}
	}
	want(t, b.post("/staff/settings/general", "version", "0", "numbers", "rubbish", "zone", "Europe/Kyiv"),
		http.StatusUnprocessableEntity, "rubbish", "Europe/Kyiv")
	want(t, b.get("/staff/settings"), http.StatusOK, "Nothing was changed yet.")
}

func TestFactsOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, agency)
		ctx := context.Background()
		update := func(fn func(ctx context.Context, tx *db.Tx) error) {
			t.Helper()
			if err := d.Update(ctx, fn); err != nil {
				t.Fatal(err)
			}
		}
		values := url.Values{}
		for i := 0; i+1 < len(general); i += 2 {
			values.Set(general[i], general[i+1])
		}
		g, wrong := parseGeneral(values)
		if len(wrong) > 0 {
			t.Fatal(wrong)
		}
		update(func(ctx context.Context, tx *db.Tx) error { return SaveGeneral(ctx, tx, agency, "s1", 0, g) })
		update(func(ctx context.Context, tx *db.Tx) error { return SetPublic(ctx, tx, agency, "s1", "ar", true) })
		update(func(ctx context.Context, tx *db.Tx) error { return SetPublic(ctx, tx, agency, "s1", "en", true) })
		update(func(ctx context.Context, tx *db.Tx) error {
			return SaveLocal(ctx, tx, agency, "ar", "s1", 0, Local{Name: "خط", Title: "ملاحظات", WhoCalls: "الجميع", ExitURL: "https://example.org/"})
		})
		for _, version := range []int{0, 1} {
			err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				return SaveGeneral(ctx, tx, agency, "s2", version, General{})
			})
			if !errs.Is(err, errs.Conflict) {
				t.Errorf("saving over version %d: %v", version, err)
			}
		}
		update(func(ctx context.Context, tx *db.Tx) error {
			f, err := ReadFacts(ctx, tx, agency, "ar")
			if err != nil {
				return err
			}
			g.Public = []string{"ar", "en"}
			if !reflect.DeepEqual(f.General, g) || f.Name != "خط" || len(f.Missing()) != 0 {
				t.Errorf("facts are %+v, missing %v", f, f.Missing())
			}
			gaps, err := Missing(ctx, tx, agency)
			if len(gaps) != 4 || gaps[0] != (Gap{"en", "name"}) {
				t.Errorf("missing are %v", gaps)
			}
			public, err2 := PublicLanguages(ctx, tx, agency)
			if !reflect.DeepEqual(public, []string{"en", "ar"}) {
				t.Errorf("public are %v", public)
			}
			other, err3 := ReadFacts(ctx, tx, "agency2", "ar")
			if other.Name != "" || len(other.Missing()) != 15 {
				t.Errorf("another agency sees %+v", other)
			}
			return first(err, err2, err3)
		})
	}, tables...)
}
