package signin

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/live"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

const (
	agency     = "agency1"
	passphrase = "correct horse battery"
)

var tables = []db.Migrations{audit.Migrations, staff.Migrations, keyring.Migrations}

func TestMain(m *testing.M) {
	seal.UseCheapCosts()
	m.Run()
}

// house is an agency with one person of each role, of whom the supervisor is
// admitted.
type house struct {
	t       *testing.T
	db      *db.DB
	feature *Feature
	handler http.Handler
	people  map[staff.Role]staff.Person
	pairs   map[staff.Role]*seal.Pair
	log     *audittest.Log
	clock   *time.Duration // how far the database's clock is ahead
}

func open(t *testing.T) *house {
	t.Helper()
	ahead := new(time.Duration)
	cfg := dbtest.SQLite(t)
	cfg.Clock = func() time.Time { return time.Now().Add(*ahead) }
	h := on(t, dbtest.Open(t, cfg, tables...))
	h.clock = ahead
	return h
}

func on(t *testing.T, d *db.DB) *house {
	t.Helper()
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(desk.Assets, Assets)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Guard: staff.Guard(d, nil)}
	hub := live.New(d)
	t.Cleanup(hub.Close)
	h := &house{t: t, db: d, people: map[staff.Role]staff.Person{}, pairs: map[staff.Role]*seal.Pair{}}
	f := &Feature{
		DB: d, Hub: hub, Web: s, Agency: agency, Standing: h.standing,
		Known: func(context.Context, *db.Tx) ([]string, error) { return []string{"Hope Line"}, nil },
	}
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	h.feature = f
	s.DeskError = desk.Errors(s, f.pages)
	s.PublicError = s.DeskError
	if h.handler, err = s.Handler(f.Routes()); err != nil {
		t.Fatal(err)
	}
	h.log = audittest.Make(t, d, agency)
	for _, role := range staff.Roles {
		h.add(string(role), role)
	}
	return h
}

// standing is what the house's people may open, as the groups would say.
func (h *house) standing(_ context.Context, _ *db.Tx, p staff.Person) (Standing, error) {
	switch {
	case !p.Role.May(staff.ReadContact):
		return Standing{Admission: desk.NotNeeded}, nil
	case p.Role != staff.Supervisor:
		return Standing{Admission: desk.Waits}, nil
	}
	return Standing{Admission: desk.Admitted}, nil
}

func (h *house) update(fn func(ctx context.Context, tx *db.Tx) error) {
	h.t.Helper()
	if err := h.db.Update(context.Background(), fn); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) add(name string, role staff.Role) staff.Person {
	h.t.Helper()
	account, err := staff.Prepare(context.Background(), agency, name, role, passphrase)
	if err != nil {
		h.t.Fatal(err)
	}
	h.update(func(ctx context.Context, tx *db.Tx) error { return account.Insert(ctx, tx, "") })
	h.people[role], h.pairs[role] = account.Person, account.Pair
	return account.Person
}

// browser is somebody's browser: it keeps the cookie and says where a request
// comes from.
type browser struct {
	h      *house
	cookie string
	others map[string]string // cookies besides the session's
	site   string            // Sec-Fetch-Site
	script bool              // asked by htmx
	quiet  bool              // X-Background
	hurry  time.Duration     // how long they wait for an answer
}

func (h *house) browser() *browser { return &browser{h: h, site: "same-origin"} }

// signedIn is the browser of somebody of a role.
func (h *house) signedIn(role staff.Role) *browser {
	h.t.Helper()
	b := h.browser()
	w := b.post("/staff/signin", "name", string(role), "passphrase", passphrase)
	if w.Code != http.StatusSeeOther || b.cookie == "" {
		h.t.Fatalf("signing in as %s: %d", role, w.Code)
	}
	return b
}

func (b *browser) get(path string) *httptest.ResponseRecorder {
	return b.do(httptest.NewRequest(http.MethodGet, path, nil))
}

func (b *browser) post(path string, pairs ...string) *httptest.ResponseRecorder {
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

func (b *browser) do(r *http.Request) *httptest.ResponseRecorder {
	r.Header.Set("Sec-Fetch-Site", b.site)
	if b.cookie != "" {
		r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie})
	}
	for name, value := range b.others {
		r.AddCookie(&http.Cookie{Name: name, Value: value}) //nolint:gosec // as the browser sends it
	}
	if b.script {
		r.Header.Set("Hx-Request", "true")
	}
	if b.quiet {
		r.Header.Set("X-Background", "1")
	}
	if b.hurry > 0 {
		ctx, cancel := context.WithTimeout(r.Context(), b.hurry)
		defer cancel()
		r = r.WithContext(ctx)
	}
	w := httptest.NewRecorder()
	b.h.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if c.Name == staff.CookieName {
			b.cookie = c.Value
			continue
		}
		if b.others == nil {
			b.others = map[string]string{}
		}
		if b.others[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.others, c.Name)
		}
	}
	return w
}

// want fails the test unless the answer has a status and says something.
func want(t *testing.T, w *httptest.ResponseRecorder, status int, say ...string) {
	t.Helper()
	if w.Code != status {
		t.Errorf("status %d, want %d; %s", w.Code, status, w.Header().Get("Location"))
	}
	for _, s := range say {
		if !strings.Contains(w.Body.String(), s) && !strings.Contains(w.Header().Get("Location"), s) {
			t.Errorf("answer lacks %q", s)
		}
	}
}

// named is the account with a name, as it stands now.
func (h *house) named(name string) (p staff.Person) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = staff.Named(ctx, tx, agency, name)
		return err
	})
	return p
}
