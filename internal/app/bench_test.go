package app

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// BenchmarkPages measures what an advocate waits for at a hotline that has
// taken a million contacts (CLEW_BENCH_CONTACTS sets another number): the
// queue, a contact with its panels, the floor. Each reports its 95th
// percentile through the whole handler, session, keys and page included.
func BenchmarkPages(b *testing.B) {
	seal.UseCheapCosts()
	many := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("CLEW_BENCH_CONTACTS")); err == nil {
		many = n
	}
	h := benchHouse(b)
	h.fill(many)
	own := h.takeOne()
	for _, page := range []struct{ name, path, who string }{
		{"queue", "/staff/queue", "Ada"},
		{"contact", "/staff/contacts/" + own, "Ada"},
		{"floor", "/staff/floor", "Sol"},
	} {
		b.Run(page.name, func(b *testing.B) {
			cookie := h.signIn(page.who)
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				h.get(page.path, cookie)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(many), "contacts")
		})
	}
}

type house struct {
	b       *testing.B
	app     *App
	handler http.Handler
	people  []demoStaff
}

// BenchmarkConversation opens a contact with 200 messages, half of them sealed to
// it while nobody was signed in: the whole page, through the whole handler.
func BenchmarkConversation(b *testing.B) {
	seal.UseCheapCosts()
	for name, cfg := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := benchHouseOn(b, cfg(b))
			path := "/staff/contacts/" + h.takeWith(200)
			cookie := h.signIn("Ada")
			for b.Loop() {
				h.get(path, cookie)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/1000/float64(b.N), "ms/page")
		})
	}
}

func benchHouse(b *testing.B) *house { return benchHouseOn(b, db.Config{Dir: b.TempDir()}) }

func benchHouseOn(b *testing.B, cfg db.Config) *house {
	key := make([]byte, 32)
	rand.Read(key)
	o := Options{Data: cfg.Dir, Database: cfg.URL, Withhold: "10", Files: filesOf(b, cfg)}
	a, err := openApp(b.Context(), o, key, slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(a.Close)
	h := &house{b: b, app: a}
	if h.people, err = a.prepareDemo(b.Context()); err != nil {
		b.Fatal(err)
	}
	server, err := a.server(true)
	if err != nil {
		b.Fatal(err)
	}
	if err := a.usePages(b.Context(), server); err != nil {
		b.Fatal(err)
	}
	if h.handler, err = a.handler(server); err != nil {
		b.Fatal(err)
	}
	a.features.contact.Start(b.Context())
	return h
}

// fill stores contacts of usual size, one in a thousand still waiting. They
// share one set of sealed bytes: nobody opens them here, and what is measured
// is finding among them.
func (h *house) fill(many int) {
	const batch = 5000
	for done := 0; done < many; done += batch {
		err := h.app.DB.Update(h.b.Context(), func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, homeAgency, keyring.Intake)
			if err != nil {
				return err
			}
			p, err := new(keyring.Maker).Prepare(g, "example")
			if err != nil {
				return err
			}
			sealed := p.Key.Seal(seal.Place{Table: "contacts"}, make([]byte, 600))
			for i := range batch {
				state := contact.Closed
				if (done+i)%1000 == 0 {
					state = contact.Waiting
				}
				_, err := tx.Exec(ctx, `INSERT INTO contacts (id, agency, state, severity, channel, language, arrived, taken_by, taken, unread,
					last_seq, epoch, public_key, mailbox, sealed_intake, sealed_record) VALUES ($1, $2, $3, 1, 'web', 'en', $4, '', 0, 0, 0, 1, $5, '', $6, $6)`,
					ids.New(), homeAgency, string(state), db.Micros(tx.Now)-int64(i), p.Public.Bytes(), sealed)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			h.b.Fatal(err)
		}
	}
}

// takeOne makes a contact with a usual conversation and gives it to the advocate.
func (h *house) takeOne() string { return h.takeWith(40) }

// takeWith makes one with so many messages, half of them the person's.
func (h *house) takeWith(messages int) string {
	ctx := h.b.Context()
	f := h.app.features.contact
	r, err := f.Open(ctx, contact.Incoming{Channel: contact.Web, RequestType: contact.Crisis, Language: "es", Text: "Help", Place: "Chicago"}, "", true)
	if err != nil {
		h.b.Fatal(err)
	}
	p, pair, err := staff.Unlock(ctx, h.app.DB, homeAgency, "Ada", h.passphrase("Ada"))
	if err != nil {
		h.b.Fatal(err)
	}
	s := &staff.Session{Person: p, Pair: pair}
	if err := f.Take(ctx, s, r.ID); err != nil {
		h.b.Fatal(err)
	}
	box, err := f.OpenMailbox(ctx, r.Code)
	if err != nil {
		h.b.Fatal(err)
	}
	for i := range messages / 2 {
		if err := f.Say(ctx, s, r.ID, contact.Out, fmt.Sprintf("reply %d", i), ""); err != nil {
			h.b.Fatal(err)
		}
		if err := f.WriteAgain(ctx, box, contact.Again{Text: fmt.Sprintf("message %d", i), Channel: contact.Web}, ""); err != nil {
			h.b.Fatal(err)
		}
	}
	return r.ID
}

func (h *house) passphrase(name string) string {
	for _, p := range h.people {
		if p.Name == name {
			return p.Passphrase
		}
	}
	return ""
}

func (h *house) signIn(name string) *http.Cookie {
	ctx := h.b.Context()
	p, pair, err := staff.Unlock(ctx, h.app.DB, homeAgency, name, h.passphrase(name))
	if err != nil {
		h.b.Fatal(err)
	}
	var token string
	err = h.app.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		token, err = staff.SignIn(ctx, tx, p, pair)
		return err
	})
	if err != nil {
		h.b.Fatal(err)
	}
	return &http.Cookie{Name: staff.CookieName, Value: token}
}

func (h *house) get(path string, cookie *http.Cookie) {
	r := httptest.NewRequestWithContext(h.b.Context(), http.MethodGet, path, nil)
	r.AddCookie(cookie)
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		h.b.Fatalf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
	}
}
