package directory

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// console is the directory's pages as a colleague of a role sees them.
type console struct {
	t       *testing.T
	f       *Feature
	handler http.Handler
	role    staff.Role
	lang    string
}

func newConsole(t *testing.T, d *db.DB) *console {
	t.Helper()
	c := &console{t: t, role: staff.Curator, lang: "en"}
	words, err := i18n.Load(desk.Words, Words())
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(desk.Assets)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}
	s.Guard = func(_ http.ResponseWriter, r *http.Request, need web.Access) (*http.Request, error) {
		session := &staff.Session{Person: staff.Person{ID: "curator", Agency: testAgency, Name: "Kim", Role: c.role, Language: c.lang}}
		if !session.May(need) {
			return nil, errs.New(errs.NotFound, "", nil)
		}
		return web.WithLang(r.WithContext(web.WithViewer(r.Context(), session)), c.lang), nil
	}
	c.f, err = New(d, s)
	if err != nil {
		t.Fatal(err)
	}
	c.f.Now = time.Now
	errorPages, err := s.NewPages(nil, desk.Pages)
	if err != nil {
		t.Fatal(err)
	}
	s.DeskError = desk.Errors(s, errorPages)
	s.PublicError = s.DeskError
	if c.handler, err = s.Handler(c.f.Routes()); err != nil {
		t.Fatal(err)
	}
	return c
}

func (c *console) do(method, path string, form url.Values) (int, string, string) {
	c.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("Location")
}

func TestConsole(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		loadOld(t, c.f)
		shelter := ids.DeriveUUID("old", "services/10")
		page := "/staff/directory/services/" + shelter

		code, body, _ := c.do("GET", "/staff/directory", nil)
		for _, want := range []string{"Emergency shelter", "4 services", `href="` + page + `"`, "Never checked", `href="tel:+13125550142"`} {
			if code != 200 || !strings.Contains(body, want) {
				t.Errorf("the list (%d) lacks %q", code, want)
			}
		}
		code, body, _ = c.do("POST", "/staff/directory", url.Values{"words": {"beds"}, "place": {"60601"}, "km": {"25"}, "language": {"es"}})
		for _, want := range []string{"1 service,", "“beds”", "within 25 km of 60601, Chicago", "Speaks Spanish", "Emergency shelter"} {
			if code != 200 || !strings.Contains(body, want) {
				t.Errorf("the search (%d) lacks %q", code, want)
			}
		}
		code, body, _ = c.do("POST", "/staff/directory", url.Values{"words": {strings.Repeat("longer words ", 100)}})
		if code != 422 || !strings.Contains(body, "Use fewer words.") || !strings.Contains(body, "longer words") {
			t.Errorf("too long a search: %d", code)
		}
		code, body, _ = c.do("GET", page, nil)
		for _, want := range []string{"River House", "1 River Road", "Nothing has been recorded yet", "Chicago"} {
			if code != 200 || !strings.Contains(body, want) {
				t.Errorf("the service (%d) lacks %q", code, want)
			}
		}

		code, body, _ = c.do("POST", page+"/verify", url.Values{"by": {""}, "how": {"by phone"}})
		if code != 422 || !strings.Contains(body, "Say who confirmed it") || !strings.Contains(body, "by phone") {
			t.Errorf("a check without a name: %d", code)
		}
		code, _, to := c.do("POST", page+"/verify", url.Values{"by": {"Ms. Rivers, director"}, "how": {"by phone"}, "due": {time.Now().AddDate(0, 0, 20).Format(time.DateOnly)}})
		if code != 303 || to != page+"#verified" {
			t.Errorf("a check: %d to %s", code, to)
		}
		_, list, _ := c.do("GET", "/staff/directory?status=never", nil)
		if left := search(t, c.f, Query{Status: Never, Unsure: true}); left.Total == 0 || !strings.Contains(list, left.Items[0].ID) || strings.Contains(list, shelter) {
			t.Errorf("the address of what was never checked lists something else; %d are left", left.Total)
		}
		_, body, _ = c.do("GET", page, nil)
		if next := regexp.MustCompile(`services/([^"]+)" data-key="x"`).FindStringSubmatch(body); next == nil || next[1] == shelter {
			t.Errorf("after a check the next to check is %v", next)
		}
		for _, want := range []string{"Ms. Rivers, director", "by phone", "tag-good", "next check"} {
			if !strings.Contains(body, want) {
				t.Errorf("after the check the page lacks %q", want)
			}
		}
		if res := search(t, c.f, Query{Public: true}); res.Total != 1 || res.Items[0].ID != shelter {
			t.Errorf("the public sees %v", names(res))
		}

		code, _, _ = c.do("POST", page+"/edit", url.Values{"what": {"phones"}, "phone": {""}, "number": {"312-555-0999"}, "note": {"new <b>"}})
		_, body, _ = c.do("GET", page, nil)
		if code != 303 || !strings.Contains(body, "+1 312-555-0999") || !strings.Contains(body, "Must be checked again") || strings.Contains(body, "<b>") {
			t.Errorf("a changed number: %d", code)
		}
		if res := search(t, c.f, Query{Public: true}); res.Total != 0 {
			t.Errorf("an unchecked change is public")
		}
		code, body, _ = c.do("POST", page+"/edit", url.Values{"what": {"hours"}, "opens1": {"nine"}})
		if code != 422 || !strings.Contains(body, "Write times like") || !strings.Contains(body, `name="opens1" value="nine"`) {
			t.Errorf("bad hours: %d", code)
		}
		code, _, _ = c.do("POST", page+"/edit", url.Values{"what": {"hours"}, "always": {"1"}, "opens1": {"nine"}})
		if _, body, _ = c.do("GET", page, nil); code != 303 || !strings.Contains(body, "Open day and night") || !strings.Contains(body, `name="always" value="1" checked`) {
			t.Errorf("day and night: %d", code)
		}
		code, _, _ = c.do("POST", page+"/edit", url.Values{"what": {"hours"}, "opens1": {"9:00"}, "closes1": {"17:00"}})
		if _, body, _ = c.do("GET", page, nil); code != 303 || !strings.Contains(body, "Monday 09:00–17:00") {
			t.Errorf("new hours: %d", code)
		}
		if rep := loadOld(t, c.f); rep.Changed != 0 {
			t.Errorf("reading the source again changes %d records", rep.Changed)
		}
		if _, body, _ = c.do("GET", page, nil); !strings.Contains(body, "Monday 09:00–17:00") {
			t.Error("reading the source again undid the curator")
		}

		if code, _, _ := c.do("GET", "/staff/directory/services/nothing", nil); code != 404 {
			t.Errorf("no such service: %d", code)
		}
		c.role = staff.Advocate
		if code, body, _ := c.do("GET", page, nil); code != 200 || strings.Contains(body, "/verify") || strings.Contains(body, "/edit") || strings.Contains(body, "Next to check") {
			t.Errorf("an advocate (%d) is offered what only a curator may do", code)
		}
		if code, _, _ := c.do("POST", page+"/verify", url.Values{"by": {"x"}, "how": {"y"}}); code != 404 {
			t.Errorf("an advocate verified: %d", code)
		}
	}, Migrations)
}

// What the starter directory is from, and where a service works, is said in words.
func TestConsoleSaysItInWords(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	if _, err := c.f.LoadStarter(t.Context(), testAgency); err != nil {
		t.Fatal(err)
	}
	found := search(t, c.f, Query{Words: "Animus", Unsure: true})
	if found.Total == 0 {
		t.Fatal("not in the starter directory")
	}
	for lang, want := range map[string]string{"en": "Bulgaria", "ar": "بلغاريا"} {
		c.lang = lang
		code, body, _ := c.do("GET", "/staff/directory/services/"+found.Items[0].ID, nil)
		if code != 200 || !strings.Contains(body, want) || !strings.Contains(body, "2009") {
			t.Errorf("%s (%d) does not say %s", lang, code, want)
		}
		for _, not := range []string{"BG<", "source texts", ">" + StarterSource + "<"} {
			if strings.Contains(body, not) {
				t.Errorf("%s says %q", lang, not)
			}
		}
	}
	c.lang = "en"
	if _, body, _ := c.do("GET", "/staff/directory", nil); !strings.Contains(body, "Keep in mind") || strings.Contains(body, "Does it fit?") {
		t.Error("a list that nobody asked anything says what fits")
	}
	if found := search(t, c.f, Query{Words: "around the world", Unsure: true}); len(found.Items) == 0 || len(found.Items[0].Phones) > 0 || strings.Contains(strings.Join(Say(c.words(), found.Items[0]).Ask, " "), "call") {
		t.Errorf("call first, without a number: %+v", found.Items)
	}
}

func (c *console) words() *i18n.Printer { return c.f.web.Words.For(c.lang) }

// Every language draws every page.
func TestConsoleLanguages(t *testing.T) {
	t.Parallel()
	c := newConsole(t, dbtest.Open(t, dbtest.SQLite(t), Migrations))
	loadOld(t, c.f)
	if _, err := c.f.VerifyAll(context.Background(), testAgency, "", "Kim", "by phone"); err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Languages() {
		c.lang = l.Code
		for _, path := range []string{"/staff/directory", "/staff/directory/services/" + ids.DeriveUUID("old", "services/11")} {
			code, body, _ := c.do("GET", path, nil)
			if code != 200 || !strings.Contains(body, `lang="`+l.Code+`"`) || strings.Contains(body, "directory.") && strings.Contains(body, "!(") {
				t.Errorf("%s in %s: %d", path, l.Code, code)
			}
			for _, left := range []string{"directory.why", "directory.form", "directory.verify.", "directory.need.", "&lt;no value"} {
				if strings.Contains(body, left) {
					t.Errorf("%s in %s shows %q", path, l.Code, left)
				}
			}
		}
		code, body, _ := c.do("POST", "/staff/directory", url.Values{"words": {"legal help"}, "place": {"Springfield"}, "need": {"legal"}, "language": {"es"}, "from": {"US"}, "open": {"1"}, "status": {"verified"}})
		if code != 200 || strings.Contains(body, "directory.filter") {
			t.Errorf("searching in %s: %d", l.Code, code)
		}
	}
}
