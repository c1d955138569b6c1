package casework

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func TestMain(m *testing.M) {
	seal.UseCheapCosts()
	m.Run()
}

const agency = "home"

// house is a hotline whose clock the test sets, with two advocates and a
// supervisor who hold the intake key, and a case manager who does not.
type house struct {
	log *audittest.Log
	*Feature
	t                            testing.TB
	config                       db.Config
	at                           atomic.Int64
	ada, ben, sue, cas           *staff.Session
	taken                        map[string]string // contact → who has it
	person                       Person
	services                     map[string]ServiceLine
	hints                        atomic.Int64
	adaToken, benToken, sueToken string
	casToken                     string
	mine, other                  string // contacts of ada and of ben
}

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func (h *house) now() time.Time        { return db.Time(h.at.Load()) }
func (h *house) later(d time.Duration) { h.at.Add(d.Microseconds()) }
func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) view(fn func(ctx context.Context, tx *db.Tx) error) {
	h.t.Helper()
	h.ok(h.DB.View(context.Background(), fn))
}

func (h *house) refused(err error, kind errs.Kind) {
	h.t.Helper()
	if !errs.Is(err, kind) {
		h.t.Fatalf("got %v, want status %d", err, kind.Status())
	}
}

func each(t *testing.T, story func(t *testing.T, h *house)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); story(t, build(t, dbtest.SQLite(t))) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); story(t, build(t, dbtest.Postgres(t))) })
}

func build(t testing.TB, cfg db.Config) *house {
	h := &house{t: t, taken: map[string]string{}}
	h.at.Store(db.Micros(noon))
	cfg.Clock = h.now
	h.config = cfg
	d := dbtest.Open(t, cfg, staff.Migrations, keyring.Migrations, audit.Migrations, facts.Migrations, Migrations)
	h.Feature = &Feature{
		DB: d, Web: server(t, d), Clock: h.now, Keys: h.key, Freshen: func(context.Context, *db.Tx, *keyring.Keys) error { return nil }, Contact: h.contact, Service: h.service,
		House: func(context.Context, string) (House, error) {
			return House{"Example Line", []string{"+1 202-555-0143"}}, nil
		},
		Changed: func(*db.Tx, string, string) { h.hints.Add(1) },
	}
	h.log = audittest.Make(t, d, agency)
	h.ok(h.Start())
	h.people()
	h.mine, h.other = h.open(h.ada), h.open(h.ben)
	h.person = Person{
		Contactor: "self", Language: "es", Interpreter: true, AgeGroup: "adult", Needs: []string{"legal", "shelter"},
		Place: "Springfield", Region: "US-IL", Country: "US", Summary: "papers kept by the employer",
		Safe: Safe{Channel: "text", Address: "+1 217 555 0142", From: "18:00", To: "20:00", Voicemail: "no", CoverStory: "the dentist"},
	}
	h.services = map[string]ServiceLine{"svc-1": {
		ID: "svc-1", Name: "Harbour Legal Clinic", Organization: "Harbour Aid", Phones: []string{"+1 312 555 0100"}, Verified: true, Needs: []string{"legal"},
		Listed: func(p *i18n.Printer) Listing {
			return Listing{Where: "12 Pier Street, Chicago", Hours: []string{p.Weekday(time.Monday) + " 09:00–17:00"}, Languages: []string{p.LanguageName("es")}, Cost: "Free of charge"}
		},
	}}
	return h
}

func server(t testing.TB, d *db.DB) *web.Server {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	assets, err := web.NewAssets(desk.Assets, Assets)
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{Words: words, Assets: assets, Zone: time.UTC, Log: slog.New(slog.DiscardHandler), Guard: staff.Guard(d, nil)}
	pages, err := s.NewPages(nil, desk.Pages)
	if err != nil {
		t.Fatal(err)
	}
	s.DeskError = desk.Errors(s, pages)
	return s
}

func (h *house) people() {
	var list []staff.New
	for _, p := range []struct {
		s    **staff.Session
		name string
		role staff.Role
	}{{&h.ada, "Ada", staff.Advocate}, {&h.ben, "Ben", staff.Advocate}, {&h.sue, "Sue", staff.Supervisor}, {&h.cas, "Cas", staff.CaseManager}} {
		n, err := staff.Prepare(context.Background(), agency, p.name, p.role, "correct horse battery")
		h.ok(err)
		*p.s = &staff.Session{Person: n.Person, Pair: n.Pair}
		list = append(list, n)
	}
	h.ok(h.DB.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		var members []keyring.Member
		for _, n := range list {
			if err := n.Insert(ctx, tx, ""); err != nil {
				return err
			}
			members = append(members, keyring.Member{ID: n.Person.ID, Public: n.Person.Public})
		}
		if _, err := keyring.Create(ctx, tx, agency, keyring.Intake, members[:3]...); err != nil {
			return err
		}
		for i, token := range []*string{&h.adaToken, &h.benToken, &h.sueToken, &h.casToken} {
			var err error
			if *token, err = staff.SignIn(ctx, tx, list[i].Person, list[i].Pair); err != nil {
				return err
			}
		}
		return nil
	}))
}

// open makes a contact's key and gives the contact to somebody.
func (h *house) open(to *staff.Session) string {
	id := ids.New()
	h.ok(h.DB.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		p, err := new(keyring.Maker).Prepare(g, id)
		if err != nil {
			return err
		}
		return p.Save(ctx, tx)
	}))
	h.taken[id] = to.Person.ID
	return id
}

// nobody has a contact whose person wrote again.
const nobody = "nobody"

// key is the rule of contacts: who has taken it, a supervisor, and while nobody has
// it who follows what belongs to it, if they
// hold the group's key.
func (h *house) key(ctx context.Context, tx *db.Tx, s *staff.Session, _ web.Access, id string, follows bool) (*keyring.Keys, error) {
	if owner := h.taken[id]; owner == "" || owner != s.Person.ID && s.Person.Role != staff.Supervisor && !(follows && owner == nobody) {
		return nil, errs.New(errs.NotFound, "", nil)
	}
	g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	if err != nil {
		return nil, err
	}
	ring, err := g.Open(ctx, tx, s.Person.ID, s.Pair)
	if err != nil {
		return nil, err
	}
	return ring.Keys(ctx, tx, id)
}

func (h *house) contact(ctx context.Context, s *staff.Session, id string) (p Person, err error) {
	return h.person, h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := h.key(ctx, tx, s, staff.ReadContact, id, false)
		return err
	})
}

func (h *house) service(_ context.Context, _, id string) (ServiceLine, error) {
	s, ok := h.services[id]
	if !ok {
		return s, errs.New(errs.NotFound, "", nil)
	}
	return s, nil
}

// asked is a release as a person would give it.
func asked() Asked {
	return Asked{
		ID: ids.New(), Service: "svc-1", Need: "legal", Days: 30, How: "spoken", By: "person",
		Items: []Item{{Name, "Maria"}, {Language, "es"}, {Needs, "legal,shelter"}, {Summary, "papers kept by the employer"}},
	}
}

func (h *house) refer() string {
	h.t.Helper()
	id, err := h.Refer(context.Background(), h.ada, h.mine, asked())
	h.ok(err)
	return id
}

func (h *house) follow(id string, step Step, code string) {
	h.t.Helper()
	h.ok(h.Follow(context.Background(), h.ada, id, Deed{Step: step, Code: code}))
}

func (h *house) get(id string) Referral {
	h.t.Helper()
	ref, err := h.Get(context.Background(), h.ada, id)
	h.ok(err)
	return ref
}

// logged says that the last entry of the log about a record is this one.
func (h *house) logged(record, action string) {
	h.t.Helper()
	if got := h.log.Actions(record); len(got) == 0 || got[len(got)-1] != action {
		h.t.Errorf("the log of it has no %q at its end: %q", action, got)
	}
}

// counted are the figures of a kind by one code, over two months.
func (h *house) counted(kind, code string) map[string]int {
	h.t.Helper()
	var c facts.Counts
	h.view(func(ctx context.Context, tx *db.Tx) (err error) {
		c, err = facts.Count(ctx, tx, agency, facts.Query{Kind: kind, From: "2026-11", To: "2026-12", By: []string{code}})
		return err
	})
	return c.By[code]
}
