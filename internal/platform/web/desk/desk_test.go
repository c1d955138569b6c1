package desk_test

import (
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// viewer is somebody at the desk, as core/staff has them.
type viewer struct {
	may      string
	Presence string
	locked   bool
}

func (v viewer) Name() string          { return "Ana <b>" }
func (v viewer) RoleName() string      { return "advocate" }
func (v viewer) May(a web.Access) bool { return strings.Contains(v.may, string(a)) }
func (v viewer) Locked() bool          { return v.locked }

func server(t *testing.T) *web.Server {
	t.Helper()
	words, err := i18n.Load(desk.Words)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(desk.Assets)
	if err != nil {
		t.Fatal(err)
	}
	return &web.Server{Words: words, Assets: assets, Zone: time.UTC, Demo: true, Log: slog.New(slog.DiscardHandler)}
}

func TestWordsAreComplete(t *testing.T) {
	for _, problem := range i18n.Check(desk.Words) {
		t.Error(problem)
	}
	for _, problem := range i18n.CheckPages(server(t).Words, desk.Pages) {
		t.Error(problem)
	}
}

// Each kind of error and each role has a sentence of its own.
func TestKindsHaveWords(t *testing.T) {
	words := server(t).Words
	for kind := errs.Internal; kind <= errs.Unavailable; kind++ {
		if word := errs.New(kind, "", nil).Word; !words.Has(word) {
			t.Errorf("no text %s", word)
		}
	}
}

// everyPart is a page that uses all that the shell offers.
const everyPart = `{{define "title"}}Parts{{end}}{{define "main"}}
{{template "field" (dict "Name" "who" "Label" "Who" "Hint" "h" "Error" "e" "Required" true)}}
{{template "area" (dict "Name" "text" "Label" "Text" "Draft" "/staff/draft" "Value" .Data)}}
{{template "select" (dict "Name" "one" "Label" "One" "Options" (opts) "Value" "b" "Empty" "-")}}
{{template "choices" (dict "Name" "some" "Label" "Some" "Options" (opts) "Type" "checkbox")}}
{{template "answer" (dict "Name" "safe" "Label" "Safe" "Value" "declined")}}{{template "answertext" "no"}}
{{template "banner" (dict "Text" "well" "Kind" "success")}}{{template "empty" (dict "Text" "none" "Href" "/staff/" "Link" "x")}}
{{template "filter" (dict "Text" "42" "Clear" "/staff/")}}<table><tr>{{template "sorter" (dict "Text" "N" "Href" "?s=n" "Now" "ascending")}}</tr></table>
{{template "pager" (dict "Next" "?after=1")}}{{end}}`

func render(t *testing.T, lang string, v web.Viewer) string {
	t.Helper()
	s := server(t)
	own := fstest.MapFS{"parts.html": {Data: []byte(everyPart)}}
	pages, err := s.NewPages(map[string]any{"opts": func() []desk.Option {
		return []desk.Option{{Value: "a", Label: "A", On: true}, {Value: "b", Label: "B"}}
	}}, desk.Pages, own)
	if err != nil {
		t.Fatal(err)
	}
	r := web.WithLang(httptest.NewRequest(http.MethodGet, "/staff/queue/x", nil), lang)
	if v != nil {
		r = r.WithContext(web.WithViewer(r.Context(), v))
	}
	w := httptest.NewRecorder()
	if err := pages.Render(w, r, http.StatusOK, "parts", `</textarea><script>`); err != nil {
		t.Fatal(err)
	}
	return w.Body.String()
}

func TestShell(t *testing.T) {
	for _, lang := range i18n.Languages() {
		body := render(t, lang.Code, viewer{may: "queue.read directory.read", Presence: "ready"})
		for _, want := range []string{
			`<html lang="` + lang.Code + `" dir="` + lang.Dir + `">`,
			`href="/staff/queue" data-key="g q" aria-current="page"`, `href="/staff/directory" data-key="g d">`,
			`Ana &lt;b&gt;`, `data-live-stream="/staff/live"`, `class="banner banner-warning"`,
			`aria-invalid="true" aria-describedby="who-wrong who-hint"`, `value="b" selected`, `value="a" checked`,
			`value="declined" checked`, `data-draft="/staff/draft"`, `data-fresh="` + server(t).Words.For(lang.Code).T("desk.one_new") + `"`, `aria-sort="ascending"`, `&lt;/textarea&gt;`,
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: page lacks %s", lang.Code, want)
			}
		}
		for _, l := range i18n.Languages() {
			if !strings.Contains(body, `value="`+l.Code+`" lang="`+l.Code+`"`) {
				t.Errorf("%s: the desk does not offer %s", lang.Code, l.Name)
			}
		}
		for _, bad := range []string{`href="/staff/settings"`, `href="/staff/floor"`, "ZgotmplZ", "no value", "&lt;nil&gt;"} {
			if strings.Contains(body, bad) {
				t.Errorf("%s: page has %s", lang.Code, bad)
			}
		}
	}
}

func TestShellWithoutSomebody(t *testing.T) {
	for name, v := range map[string]web.Viewer{"nobody": nil, "locked": viewer{may: "queue.read", locked: true}} {
		body := render(t, "en", v)
		if strings.Contains(body, `class="top-nav"`) || strings.Contains(body, `action="/staff/presence"`) {
			t.Errorf("%s: the page shows the parts of the desk", name)
		}
		if got := strings.Contains(body, "data-live-stream"); got != (v != nil) {
			t.Errorf("%s: the alert line is %v; it stays while locked and is not there for strangers", name, got)
		}
	}
}

// The policy of content security forbids what stands inline.
var inline = regexp.MustCompile(`(?i)\sstyle=|\son[a-z]+=|<style|<script(?:\s*>|[^>]*[^>]>[^<])|javascript:|https?://|\shx-on`)

func TestNothingInlineNothingFromElsewhere(t *testing.T) {
	body := render(t, "en", viewer{may: "queue.read", Presence: "away"})
	if bad := inline.FindString(body); bad != "" {
		t.Errorf("page has %q", bad)
	}
	for _, dir := range []fs.FS{desk.Assets, desk.Pages} {
		err := fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || name == "htmx.min.js" || strings.HasSuffix(name, ".wav") {
				return err
			}
			data, err := fs.ReadFile(dir, name)
			text := strings.ReplaceAll(string(data), "http://www.w3.org/2000/svg", "")
			if strings.Contains(text, "://") || strings.Contains(text, "innerHTML =") || strings.Contains(text, ".style.") {
				t.Errorf("%s loads from elsewhere or styles inline", name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// One sheet for both directions of writing: nothing is on the left or right.
func TestStyleHasNoSides(t *testing.T) {
	css, err := fs.ReadFile(desk.Assets, "desk.css")
	if err != nil {
		t.Fatal(err)
	}
	sides := regexp.MustCompile(`(?:margin|padding|border)-(?:left|right)|[^-](?:left|right):|text-align:\s*(?:left|right)|float:`)
	if bad := sides.Find(css); bad != nil {
		t.Errorf("style sheet has %q", bad)
	}
}

func TestErrors(t *testing.T) {
	s := server(t)
	pages, err := s.NewPages(nil, desk.Pages)
	if err != nil {
		t.Fatal(err)
	}
	show := desk.Errors(s, pages)
	r := httptest.NewRequest(http.MethodGet, "/staff/x", nil)
	w := httptest.NewRecorder()
	if err := show(w, r, errs.New(errs.Busy, "", nil)); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), s.Words.For("en").T("error.busy")) || !strings.Contains(w.Body.String(), "<html") {
		t.Errorf("got %d %q, want a page that says it is busy", w.Code, w.Body)
	}
	r.Header.Set("Hx-Request", "true")
	w = httptest.NewRecorder()
	if err := show(w, r, errs.New(errs.Busy, "", nil)); err != nil {
		t.Fatal(err)
	}
	if w.Code != http.StatusTooManyRequests || strings.Contains(w.Body.String(), "<html") || w.Header().Get("Hx-Retarget") != "#alert" {
		t.Errorf("got %d %q, want a sentence for the place of notices", w.Code, w.Body)
	}
}
