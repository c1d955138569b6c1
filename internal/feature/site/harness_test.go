package site_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

const code = "12345678901234567890"

// written is the same code as contacts give it.
const written = "1234 5678 9012 3456 7890"

// hotline is the rest of the program as the site sees it.
type hotline struct {
	*site.Feature
	handler http.Handler
	server  *web.Server

	mu       sync.Mutex
	facts    site.Facts
	contacts map[string]site.Contact // by key
	written  map[string]string       // by key
	hidden   bool
	files    []string
	deletion string // how far the wish is that we delete
	ended    []string
	fail     error // what Submit gives
	search   site.Search
	wrong    []site.Wrong
}

var allFacts = site.Facts{
	Name: "Test line", Country: "US", Numbers: []string{"+1 555 0100 000"}, Text: "555 0101",
	Always: true, Languages: []string{"en", "es", "zh", "ru", "pl", "ar"}, Interpret: true, NoName: true,
	ExitURL: "https://weather.example/", Cost: "free", Recording: "none", Told: "consent",
	Police: "consent", Immigration: "never", Limits: "child_danger",
}

func start(t testing.TB, facts site.Facts) *hotline {
	t.Helper()
	words, err := i18n.Load(site.Words, desk.Words)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(site.Assets)
	if err != nil {
		t.Fatal(err)
	}
	h := &hotline{facts: facts, contacts: map[string]site.Contact{}, written: map[string]string{}}
	h.server = &web.Server{Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler)}
	if h.Feature, err = site.New(h.server); err != nil {
		t.Fatal(err)
	}
	h.server.PublicError = h.Error
	h.fill()
	if h.handler, err = h.server.Handler(h.Routes()); err != nil {
		t.Fatal(err)
	}
	return h
}

func (h *hotline) fill() {
	h.Facts = func(context.Context, string) (site.Facts, error) { return h.facts, nil }
	h.Emergency = func(c string) (site.Emergency, bool) {
		e, ok := map[string]site.Emergency{"US": {Number: "911", Source: "test"}, "PL": {Number: "112", Source: "test"}}[c]
		return e, ok
	}
	h.Countries = func() []string { return []string{"US", "PL", "MX", "ZM"} }
	h.Submit = func(_ context.Context, c site.Contact) (string, error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.fail != nil {
			return "", h.fail
		}
		if old, ok := h.contacts[c.Key]; ok && old != c {
			return "", site.ErrOther
		}
		h.contacts[c.Key] = c
		return written, nil
	}
	h.Wrongs = []string{"no_answer", "moved", "closed", "other"}
	h.NameService = func(_ context.Context, id string) (string, error) {
		if id != "1" {
			return "", errs.New(errs.NotFound, "", nil)
		}
		return "Legal desk", nil
	}
	h.Hear = func(_ context.Context, w site.Wrong) (bool, error) {
		if w.Service != "" && w.Kind == "" {
			return false, errs.In("kind", "")
		}
		h.wrong = append(h.wrong, w)
		return len(w.Text) < 20, nil
	}
	h.EndAnswer = func(_ context.Context, key string) error { h.ended = append(h.ended, key); return nil }
	h.OpenMailbox = func(_ context.Context, c string) (site.Mailbox, error) {
		if c != code || h.hidden {
			return site.Mailbox{}, errs.New(errs.NotFound, "", nil)
		}
		return site.Mailbox{Status: "answered", Deletion: h.deletion, DeleteOn: time.Date(2026, 12, 6, 0, 0, 0, 0, time.UTC), Lines: []site.Line{
			{Sent: time.Now().Add(-48 * time.Hour)},
			{Sent: time.Now().Add(-47 * time.Hour), Pictures: 1},
			{Ours: true, Text: "You can call us.\n<b>Any time.</b>", Sent: time.Now()},
		}}, nil
	}
	h.WriteMailbox = func(_ context.Context, _, c, key, text string) error {
		if c != code || h.hidden {
			return errs.New(errs.NotFound, "", nil)
		}
		h.written[key] = text
		return nil
	}
	h.FileLimits = site.FileLimits{Most: 10, MB: 10, Form: 1 << 20}
	h.SendFiles = func(_ context.Context, _, c, _ string, next site.Files) (sent site.Sent, err error) {
		if c != code || h.hidden {
			return sent, errs.New(errs.NotFound, "", nil)
		}
		for which := 1; ; which++ {
			name, r, err := next()
			if errors.Is(err, io.EOF) {
				return sent, nil
			}
			if err != nil {
				return sent, err
			}
			b, err := io.ReadAll(r)
			if err != nil || name == "large" {
				sent.Refused = append(sent.Refused, site.Refused{Which: which, Why: "large"})
				continue
			}
			h.files = append(h.files, name+" "+string(b))
			sent.Taken++
		}
	}
	h.HideMailbox = func(_ context.Context, c string) error { h.hidden = h.hidden || c == code; return nil }
	wish := func(state string) func(context.Context, string) error {
		return func(_ context.Context, c string) error {
			if c != code || h.hidden {
				return errs.New(errs.NotFound, "", nil)
			}
			h.deletion = state
			return nil
		}
	}
	h.AskDelete, h.KeepAll = wish("asked"), wish("")
	h.Choices = func(_ context.Context, lang string) ([]site.Choice, []site.Choice, error) {
		return []site.Choice{{Value: "shelter", Label: "A place to stay"}}, []site.Choice{{Value: "women", Label: "Women"}}, nil
	}
	h.FindServices = func(_ context.Context, s site.Search) (site.Found, error) {
		h.search = s
		switch s.Place {
		case "Nowhere":
			return site.Found{PlaceUnknown: true}, nil
		case "Empty":
			return site.Found{}, nil
		case "Tricky":
			return site.Found{Services: []site.Service{{
				Name: "بيت 312-555-0100", About: "Call us.\n\nAnother line\n+1 555 0199", Phones: []string{"112 / 911"}, Cost: "312-555-0100", For: "نساء 18 - 25",
			}}}, nil
		}
		return site.Found{More: true, Place: s.Place, Services: []site.Service{{
			Name: "Open door", Organization: "Example aid", About: "Beds and advice.", Phones: []string{"+1 555 0102"},
			Site: "https://door.example/", Address: "1 Main Street", Kilometres: 4, Spot: &site.Spot{East: 3, North: -2}, Hours: "Mon–Fri 9–17",
			Opening:   site.Opening{Known: true, Open: true, Until: time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)},
			Languages: []string{"en", "es"}, Cost: "free", Papers: "none asked", For: "women", Why: []string{"4 km away"},
			Checked: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		}}}, nil
	}
	h.FindHotlines = func(_ context.Context, _, country string) (site.Hotlines, error) {
		if country != "PL" {
			return site.Hotlines{}, nil
		}
		checked := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		return site.Hotlines{
			Lines: []site.Hotline{{
				Name: "Warsaw line", Languages: []string{"Polish", "Russian (Monday)"}, For: "anybody", Site: "https://chat.example/", Checked: checked,
				Opening: site.Opening{Known: true, Open: true, Until: time.Date(2026, 11, 23, 17, 0, 0, 0, time.UTC)},
				Numbers: []site.HotlineNumber{{Number: "+48 22 628 99 99"}, {Number: "+48 12 345 67 89", Text: true, Unsure: true}},
			}},
			Embassies: []site.Hotline{{Name: "Embassy", Citizens: []string{"Mexico"}, Numbers: []site.HotlineNumber{{Number: "+48 22 311 18 00"}}, Checked: checked}},
		}, nil
	}
}

// do sends a request the way an old browser does: without Origin, Sec-Fetch
// headers or cookies.
func (h *hotline) do(method, path string, form url.Values) *httptest.ResponseRecorder {
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	return w
}

func (h *hotline) get(path string) string { return h.do("GET", path, nil).Body.String() }

// still are the pages that take no input, forms those that do.
var (
	still = []string{"/", "/someone", "/work", "/now", "/questions", "/checklist", "/safety"}
	forms = []string{"/contact", "/mailbox", "/services", "/tell", "/list"}
)

func every() (paths []string) {
	for _, p := range append(append([]string{}, still...), forms...) {
		paths = append(paths, p)
		for _, l := range i18n.Languages() {
			paths = append(paths, "/"+l.Code+p)
		}
	}
	return paths
}
