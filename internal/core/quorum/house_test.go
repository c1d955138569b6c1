package quorum_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// house is a hotline with five officers, a supervisor who opens contacts, and
// one who has lost the pass phrase and waits outside.
type house struct {
	*testing.T
	d      *db.DB
	now    time.Time
	paper  *seal.Pair // the key that was printed
	people map[string]staff.New
	maker  keyring.Maker
	keeper *quorum.Keeper
}

var officers = []string{"ada", "ben", "cem", "dua", "eve"}

func each(t *testing.T, story func(h *house)) {
	t.Helper()
	seal.UseCheapCosts()
	for name, config := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &house{T: t, now: time.Date(2026, 3, 1, 3, 0, 0, 0, time.UTC), people: map[string]staff.New{}}
			cfg := config(t)
			cfg.Clock = func() time.Time { return h.now }
			h.d = dbtest.Open(t, cfg, staff.Migrations, keyring.Migrations, audit.Migrations, quorum.Migrations)
			h.setUp()
			story(h)
		})
	}
}

func (h *house) setUp() {
	h.Helper()
	for _, name := range append([]string{"sol", "lou", "max", "kit"}, officers...) {
		role := staff.Volunteer
		switch name {
		case "sol", "lou":
			role = staff.Supervisor
		case "max":
			role = staff.Administrator
		case "kit":
			role = staff.Auditor
		}
		n, err := staff.Prepare(h.Context(), "home", name, role, name+"'s own long pass phrase")
		h.ok(err)
		h.people[name] = n
	}
	var err error
	h.paper, err = seal.NewPair()
	h.ok(err)
	h.update(func(ctx context.Context, tx *db.Tx) error {
		r, err := keyring.CreateRecovery(ctx, tx, "home", h.paper.Public())
		if err != nil {
			return err
		}
		recovery := keyring.Member{ID: r.ID, Public: r.Public}
		if _, err := keyring.Create(ctx, tx, "home", keyring.Intake, recovery, h.member("sol")); err != nil {
			return err
		}
		// The log is somebody else's to hand over.
		if _, err := keyring.Create(ctx, tx, "home", keyring.Audit, recovery, h.member("kit")); err != nil {
			return err
		}
		if err := audit.Create(ctx, tx, "home"); err != nil {
			return err
		}
		for _, n := range h.people {
			if err := n.Insert(ctx, tx, ""); err != nil {
				return err
			}
		}
		return nil
	})
	h.keeper = h.server()
}

// server is one of the machines on which the program answers.
func (h *house) server() *quorum.Keeper {
	return &quorum.Keeper{DB: h.d, Agency: "home", Serves: true, Admit: func(ctx context.Context, tx *db.Tx, holder string, pair *seal.Pair, account string) error {
		who, err := staff.Get(ctx, tx, "home", account)
		if err != nil {
			return err
		}
		g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
		if err != nil {
			return err
		}
		ring, err := g.Open(ctx, tx, holder, pair)
		if err != nil {
			return err
		}
		return ring.Admit(ctx, tx, keyring.Member{ID: who.ID, Public: who.Public})
	}}
}

func (h *house) ok(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) update(do func(context.Context, *db.Tx) error) {
	h.Helper()
	h.ok(h.d.Update(h.Context(), do))
}

func (h *house) member(name string) keyring.Member {
	p := h.people[name].Person
	return keyring.Member{ID: p.ID, Public: p.Public}
}

func (h *house) person(name string) (p staff.Person) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		p, err = staff.Named(ctx, tx, "home", name)
		return err
	})
	return p
}

func (h *house) id(name string) string { return h.people[name].Person.ID }

// share sets the quorum up: three of the five, in the words of who does what.
func (h *house) share() {
	h.Helper()
	h.name(3, officers...)
	for _, name := range officers {
		h.ok(h.reply(name, true))
	}
	h.ok(h.make("sol"))
}

func (h *house) name(needed int, names ...string) {
	h.Helper()
	h.ok(h.tryName(needed, names...))
}

func (h *house) tryName(needed int, names ...string) error {
	var list []string
	for _, name := range names {
		list = append(list, h.id(name))
	}
	return h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) error {
		return quorum.Name(ctx, tx, "home", h.id("max"), needed, list)
	})
}

func (h *house) reply(name string, yes bool) error {
	return h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) error {
		return quorum.Reply(ctx, tx, h.person1(ctx, tx, name), yes)
	})
}

func (h *house) person1(ctx context.Context, tx *db.Tx, name string) staff.Person {
	p, err := staff.Named(ctx, tx, "home", name)
	h.ok(err)
	return p
}

func (h *house) make(name string) error {
	return h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) error {
		return quorum.Make(ctx, tx, h.person1(ctx, tx, name), h.people[name].Pair)
	})
}

func (h *house) current() (s quorum.Set) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		s, _, err = quorum.Current(ctx, tx, "home")
		return err
	})
	return s
}

func (h *house) ask(by, account string) (id string, err error) {
	err = h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		id, err = quorum.Ask(ctx, tx, h.person1(ctx, tx, by), h.id(account), "lost_passphrase", !h.opens(ctx, tx, account))
		return err
	})
	return id, err
}

func (h *house) cancel(by, id string) error {
	return h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) error { return quorum.Cancel(ctx, tx, h.person1(ctx, tx, by), id) })
}

func (h *house) give(name, id, typed string) error {
	return h.keeper.Give(h.Context(), h.person(name), h.people[name].Pair, id, typed)
}

func (h *house) paperOf(name string) string {
	h.Helper()
	var s quorum.Share
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		s, err = quorum.Print(ctx, tx, h.person1(ctx, tx, name), h.people[name].Pair)
		return err
	})
	return s.PaperText()
}

func (h *house) request(id string) (r quorum.Request) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = quorum.Get(ctx, tx, "home", id)
		return err
	})
	return r
}

// opens says whether somebody opens what comes in now.
func (h *house) opens(ctx context.Context, tx *db.Tx, name string) bool {
	g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
	h.ok(err)
	_, err = g.Open(ctx, tx, h.id(name), h.people[name].Pair)
	if err != nil && !errs.Is(err, errs.NotFound) {
		h.Error(err)
	}
	return err == nil
}

// contact makes a record and says who opens it.
func (h *house) contact(id string) keyring.Record {
	h.Helper()
	var g keyring.Group
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		g, err = keyring.Find(ctx, tx, "home", keyring.Intake)
		return err
	})
	p, err := h.maker.Prepare(g, id)
	h.ok(err)
	h.update(p.Save)
	return p.Record
}

// openedBy says whether a key pair, as holder, opens a record.
func (h *house) openedBy(holder string, pair *seal.Pair, rec keyring.Record) (opens bool) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		opens = false
		g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
		if err != nil {
			return err
		}
		ring, err := g.Open(ctx, tx, holder, pair)
		if err == nil {
			_, err = ring.Key(ctx, tx, rec)
		}
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		opens = err == nil
		return nil
	})
	return opens
}

// lose gives an account another key, as a lost pass phrase does, and its owner
// chooses a pass phrase of their own.
func (h *house) lose(name string) {
	h.Helper()
	n, err := staff.PrepareLost(h.Context(), h.person(name), name+"'s other long pass phrase")
	h.ok(err)
	h.update(func(ctx context.Context, tx *db.Tx) error { return n.Replace(ctx, tx, h.id("max")) })
	h.people[name] = n
}

func (h *house) disable(name string) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		return staff.SetDisabled(ctx, tx, "home", h.id(name), h.id("max"), true)
	})
}

// log is all deeds, the oldest first, as the auditor reads them.
func (h *house) log() (deeds []string) {
	h.Helper()
	h.ok(audit.Sequence(h.Context(), h.d, "home"))
	h.update(func(ctx context.Context, tx *db.Tx) error {
		r, err := audit.Open(ctx, tx, "home", h.id("kit"), h.people["kit"].Pair)
		if err != nil {
			return err
		}
		list, err := r.Page(ctx, tx, audit.Newest, 10000)
		audit.ByTime(list)
		for _, e := range list {
			deeds = append(deeds, e.Action)
		}
		return err
	})
	return deeds
}

func (h *house) logged(deed string) {
	h.Helper()
	if log := h.log(); !slices.Contains(log, deed) {
		h.Errorf("%q is not in the log: %q", deed, log)
	}
}

// refused checks that an error has these words.
func (h *house) refused(err error, word string) {
	h.Helper()
	if err == nil || errs.Of(err).Word != word {
		h.Errorf("want %s, got %v", word, err)
	}
}
