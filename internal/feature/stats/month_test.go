package stats

import (
	"context"
	"log/slog"
	"math/rand"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

const agency = "own"

// finished is a month long over, so that it can be published.
const finished = "2025-02"

// feature is the figures with a desk around them, where the header As says
// which role asks and Lang in which language.
func feature(t testing.TB, d *db.DB) *Feature {
	t.Helper()
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(desk.Assets, Assets)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{
		Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler),
		Guard: func(_ http.ResponseWriter, r *http.Request, need web.Access) (*http.Request, error) {
			session := &staff.Session{Person: staff.Person{ID: "me", Agency: agency, Name: "Ana", Role: staff.Role(r.Header.Get("As"))}, Pair: &seal.Pair{}}
			if !session.May(need) {
				return nil, errs.New(errs.NotFound, "", nil)
			}
			return web.WithLang(r.WithContext(web.WithViewer(r.Context(), session)), r.Header.Get("Lang")), nil
		},
		DeskError: func(w http.ResponseWriter, _ *http.Request, e *errs.Error) error {
			http.Error(w, e.Word, e.Kind.Status())
			return nil
		},
	}
	s.PublicError = s.DeskError
	audittest.Make(t, d, agency)
	f, err := New(d, s, agency, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// winter is a month with figures of all sizes.
func winter() (all []facts.Fact) {
	add := func(n int, change ...string) {
		for range n {
			f := facts.Fact{Kind: facts.Contact, Month: finished, Codes: map[string]string{
				"channel": "phone", "request_type": "referral", "substantive": "yes", "language": "en", "contactor": "self",
				"age_group": "adult", "disposition": "referred",
			}, Region: "US-IL"}
			for i := 0; i < len(change); i += 2 {
				if change[i] == "region" {
					f.Region = change[i+1]
				} else {
					f.Codes[change[i]] = change[i+1]
				}
			}
			all = append(all, f)
		}
	}
	add(60)
	add(25, "language", "es", "channel", "chat", "region", "US-TX")
	add(14, "channel", "web", "request_type", "tip", "contactor", "other", "region", facts.Unknown)
	add(3, "language", "ti", "channel", "web", "request_type", "crisis", "age_group", "child")
	add(1, "language", "pl", "region", "PL", "age_group", facts.Declined)
	add(12, "substantive", "hang_up", "language", facts.NotAsked)
	add(2, "substantive", "prank")
	for range 3 {
		all = append(all, facts.Fact{Kind: facts.Hour, Month: finished, Codes: map[string]string{"hour": "sun-23"}})
	}
	for range 11 {
		all = append(all, facts.Fact{Kind: facts.Referral, Month: finished, Codes: map[string]string{"need": "legal"}})
	}
	for range 4 {
		all = append(all, facts.Fact{Kind: facts.Outcome, Month: finished, Codes: map[string]string{"need": "legal", "outcome": "served"}})
	}
	return all
}

func seed(t testing.TB, d *db.DB, all []facts.Fact) {
	t.Helper()
	if err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return facts.Append(ctx, tx, agency, all...)
	}); err != nil {
		t.Fatal(err)
	}
}

// ask sends a request by an analyst, unless headers say otherwise.
func ask(t testing.TB, f *Feature, method, path string, headers ...string) (int, string) {
	t.Helper()
	h, err := f.Web.Handler(f.Routes())
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("As", "analyst")
	r.Header.Set("Lang", "en")
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// The exports are compared with files in testdata. UPDATE=1 writes them anew.
func TestExports(t *testing.T) {
	all := winter()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := feature(t, d)
		// Whatever the order, the same month is the same bytes.
		rand.New(rand.NewSource(time.Now().UnixNano())).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		seed(t, d, append([]facts.Fact(nil), all...))
		for _, file := range []string{"exact.csv", "exact.json", "publishable.csv", "publishable.json"} {
			code, body := ask(t, f, "GET", "/staff/figures/"+finished+"/"+file)
			if code != 200 {
				t.Fatalf("%s: %d", file, code)
			}
			golden := filepath.Join("testdata", file)
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, []byte(body), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), body); diff != "" {
				t.Errorf("%s:\n%s", file, diff)
			}
		}
	}, facts.Migrations, Migrations, keyring.Migrations, audit.Migrations)
}

func TestPublishedSaysNothingSmall(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), facts.Migrations, Migrations, keyring.Migrations, audit.Migrations)
	f := feature(t, d)
	seed(t, d, winter())
	_, csv := ask(t, f, "GET", "/staff/figures/"+finished+"/publishable.csv")
	for _, name := range []string{"sun-23", "Tigrinya", "Polish", "Poland", ",ti,", ",PL,"} {
		if strings.Contains(csv, name) {
			t.Errorf("the published figures name %s, of whom there are fewer than ten", name)
		}
	}
	for line := range strings.Lines(csv) {
		cells := strings.Split(line, ",")
		if len(cells) > 7 && len(cells[7]) == 1 && cells[7] != "0" {
			t.Errorf("a small figure is published: %s", line)
		}
	}
	for _, part := range []string{"outcomes,,total", "not_substantive,reason,hang_up"} {
		if !strings.Contains(csv, part) || strings.Contains(csv, part+",Hang-up,12") {
			t.Errorf("%s: not withheld", part)
		}
	}
}

func TestPublishing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := feature(t, d)
		seed(t, d, winter())
		publish := "/staff/figures/" + finished + "/publish"

		if code, _ := ask(t, f, "GET", "/figures/"+finished+".csv"); code != http.StatusNotFound {
			t.Errorf("before publishing everybody gets %d", code)
		}
		now := facts.MonthOf(time.Now().UTC())
		if code, body := ask(t, f, "POST", "/staff/figures/"+now+"/publish"); code != http.StatusConflict || !strings.Contains(body, "stats.error.running") {
			t.Errorf("a month that is running: %d %s", code, body)
		}
		if code, _ := ask(t, f, "POST", publish, "As", "advocate"); code != http.StatusNotFound {
			t.Errorf("an advocate publishes: %d", code)
		}
		if code, body := ask(t, f, "POST", publish); code != http.StatusSeeOther {
			t.Fatalf("publishing: %d %s", code, body)
		}
		code, first := ask(t, f, "GET", "/figures/"+finished+".json")
		if code != 200 || !strings.Contains(first, `"figures": "published"`) || !strings.Contains(first, `"revision": 1`) {
			t.Fatalf("after publishing: %d %s", code, first)
		}
		if code, body := ask(t, f, "POST", publish); code != http.StatusConflict || !strings.Contains(body, "stats.error.published") {
			t.Errorf("publishing again without a change: %d %s", code, body)
		}

		one := winter()[:1]
		seed(t, d, one)
		if code, body := ask(t, f, "POST", publish); code != http.StatusConflict || !strings.Contains(body, "stats.error.held") {
			t.Errorf("publishing a difference of one: %d %s", code, body)
		}
		if _, again := ask(t, f, "GET", "/figures/"+finished+".json"); again != first {
			t.Error("what was published has changed by itself")
		}

		for range 11 {
			seed(t, d, one)
		}
		if code, body := ask(t, f, "POST", publish); code != http.StatusSeeOther {
			t.Fatalf("publishing a difference of twelve: %d %s", code, body)
		}
		if _, second := ask(t, f, "GET", "/figures/"+finished+".json"); !strings.Contains(second, `"revision": 2`) {
			t.Error("the second version is not published")
		}
		_, list := ask(t, f, "GET", "/figures/months.json")
		want := `{"months":[{"month":"2025-02","csv":"/figures/2025-02.csv","json":"/figures/2025-02.json"}]}`
		if diff := cmp.Diff(want, list); diff != "" {
			t.Error(diff)
		}
	}, facts.Migrations, Migrations, keyring.Migrations, audit.Migrations)
}

// Publishing again must neither show a small difference nor show in one
// version what the other withholds.
func TestDifferencesOfReleases(t *testing.T) {
	report := func(channels ...int) Report {
		t := Table{ID: "channel"}
		total := 0
		for i, n := range channels {
			t.Cells = append(t.Cells, Cell{string(rune('a' + i)), Number{N: n}})
			total += n
		}
		return Report{Month: finished, Sections: []Section{{ID: "contacts", Total: Number{N: total}, Tables: []Table{t}}}}
	}
	for _, c := range []struct {
		name        string
		first, then []int
		want        State
	}{
		{"nothing", []int{40, 30}, []int{40, 30}, Published},
		{"one more", []int{40, 30}, []int{41, 30}, Held},
		{"one moved", []int{40, 30}, []int{41, 29}, Held},
		{"ten more", []int{40, 30}, []int{50, 30}, Changed},
		{"many moved", []int{40, 30}, []int{20, 50}, Changed},
		{"many, and one small one", []int{40, 30, 20}, []int{60, 30, 19}, Held},
		{"what was shown would be withheld", []int{40, 30, 20, 20}, []int{40, 30, 20, 3}, Held},
		{"what was withheld would be shown", []int{40, 30, 20, 3}, []int{40, 30, 20, 20}, Held},
		{"another one would be withheld beside it", []int{40, 30, 20, 3}, []int{40, 30, 90, 3}, Held},
		{"a withheld one grows and stays withheld", []int{40, 90, 20, 3}, []int{40, 90, 30, 3}, Changed},
		{"the section was small", []int{4, 3}, []int{40, 30}, Held},
	} {
		before := report(c.first...)
		last := &release{Public: before.publishable(10), exact: before}
		if got := stateOf(report(c.then...), last, 10, true); got != c.want {
			t.Errorf("%s: %v → %v is %q, want %q", c.name, c.first, c.then, got, c.want)
		}
	}
	if got := stateOf(report(40), nil, 10, true); got != Ready {
		t.Errorf("never published: %q", got)
	}
	before := report(40, 30)
	if got := stateOf(report(50, 30), &release{Public: before.publishable(10), exact: before}, 5, true); got != Held {
		t.Errorf("with another threshold: %q", got)
	}
}

func TestMonthPage(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), facts.Migrations, Migrations, keyring.Migrations, audit.Migrations)
	f := feature(t, d)
	seed(t, d, winter())
	for _, lang := range i18n.Languages() {
		for _, month := range []string{finished, "2024-01", facts.MonthOf(time.Now().UTC())} {
			code, body := ask(t, f, "GET", "/staff/figures/"+month, "Lang", lang.Code)
			if code != 200 {
				t.Fatalf("%s %s: %d %s", lang.Code, month, code, body)
			}
			// Every figure's table links to its definition, which is there.
			for _, s := range sections {
				ids := []string{s.ID}
				for _, table := range s.Tables {
					ids = append(ids, table.ID)
				}
				for _, id := range ids {
					if !strings.Contains(body, `href="#def-`+id+`"`) || !strings.Contains(body, `id="def-`+id+`"`) {
						t.Errorf("%s: %s has no definition", lang.Code, id)
					}
				}
			}
			if !strings.Contains(body, `href="/staff/figures/`+finished+`"`) {
				t.Errorf("%s: no link to the month that has figures", lang.Code)
			}
			if month == finished && !strings.Contains(body, `tone-4">3</td><td class="number">3</td></tr>`) {
				t.Errorf("%s: the hours of the week are not there", lang.Code)
			}
			if strings.Contains(body, "style=") {
				t.Errorf("%s: inline style", lang.Code)
			}
		}
		for _, file := range []string{"exact.csv", "publishable.json"} {
			if code, _ := ask(t, f, "GET", "/staff/figures/"+finished+"/"+file, "Lang", lang.Code); code != 200 {
				t.Errorf("%s %s: %d", lang.Code, file, code)
			}
		}
	}
	if code, _ := ask(t, f, "GET", "/staff/figures"); code != http.StatusSeeOther {
		t.Errorf("without a month: %d", code)
	}
	for _, path := range []string{
		"/staff/figures/2025-13", "/staff/figures/x", "/staff/figures/" + finished + "/exact.xlsx",
		"/staff/figures/" + finished + "/other.csv", "/staff/figures/" + finished + "/exact", "/figures/..%2f2025-02.csv", "/figures/2025-02",
	} {
		if code, _ := ask(t, f, "GET", path); code != http.StatusNotFound {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := ask(t, f, "GET", "/staff/figures/"+finished, "As", "advocate"); code != http.StatusNotFound {
		t.Errorf("an advocate sees exact figures: %d", code)
	}
}

// Every value that a fact can have has a name in every language.
func TestEveryValueHasAName(t *testing.T) {
	for _, problem := range i18n.Check(Words) {
		t.Error(problem)
	}
	words, err := i18n.Load(Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sections {
		for _, table := range s.Tables {
			values := s.values(table)
			if table.Open {
				values = []string{facts.Unknown, "PL", "US-IL", "es"}
			}
			for _, v := range values {
				if label(words.For("ar"), table.ID, v) == "" {
					t.Errorf("%s %s has no name", table.ID, v)
				}
			}
		}
	}
}

func TestSpreadsheetsFindNoFormula(t *testing.T) {
	for _, cell := range []string{"=1+1", "+1", "-1", "@sum", "\tx", "\rx", "|x"} {
		if got := harmless(cell); !strings.HasPrefix(got, "'") {
			t.Errorf("%q stays %q", cell, got)
		}
	}
	if got := harmless("Poland"); got != "Poland" {
		t.Errorf("Poland became %q", got)
	}
}

func TestThreshold(t *testing.T) {
	d := dbtest.Open(t, dbtest.SQLite(t), Migrations, keyring.Migrations, audit.Migrations)
	if _, err := New(d, feature(t, d).Web, agency, 2); err == nil {
		t.Error("a threshold of 2 was taken")
	}
}
