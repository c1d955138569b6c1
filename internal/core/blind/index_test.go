package blind

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

const agency = "home"

// house is a hotline whose intake group has two members, one of whom may leave.
type house struct {
	*Index
	t        testing.TB
	ann, ben keyring.Member
	pairs    map[string]*seal.Pair
}

func each(t *testing.T, story func(t *testing.T, h *house)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { story(t, newHouse(t, d)) }, keyring.Migrations, Migrations)
}

func newHouse(t testing.TB, d *db.DB) *house {
	h := &house{Index: New(d, agency, keyring.Intake), t: t, pairs: map[string]*seal.Pair{}}
	for _, m := range []*keyring.Member{&h.ann, &h.ben} {
		pair, err := seal.NewPair()
		h.ok(err)
		m.Public = pair.Public()
		m.ID = ids.New()
		h.pairs[m.ID] = pair
	}
	h.update(func(ctx context.Context, tx *db.Tx) error {
		if _, err := keyring.Create(ctx, tx, agency, keyring.Intake, h.ann, h.ben); err != nil {
			return err
		}
		return h.Ensure(ctx, tx)
	})
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) update(do func(context.Context, *db.Tx) error) {
	h.t.Helper()
	h.ok(h.db.Update(h.t.Context(), do))
}

// restart is the program anew, or another node, on the same database.
func (h *house) restart() *house {
	return &house{Index: New(h.db, agency, keyring.Intake), t: h.t, ann: h.ann, ben: h.ben, pairs: h.pairs}
}

// name makes a record that names things, as an intake does.
func (h *house) name(named ...Named) string {
	h.t.Helper()
	id := ids.New()
	h.change(id, named...)
	return id
}

func (h *house) change(record string, named ...Named) {
	h.t.Helper()
	for {
		p, err := h.Prepare(h.t.Context(), record, named...)
		h.ok(err)
		err = h.db.Update(h.t.Context(), p.Save)
		if !errors.Is(err, keyring.ErrTurned) {
			h.ok(err)
			return
		}
	}
}

// signIn is somebody's first request, and what it sets going.
func (h *house) signIn(who keyring.Member) {
	h.t.Helper()
	h.ok(h.Unlock(h.t.Context(), who.ID, h.pairs[who.ID]))
	h.ok(h.Work(h.t.Context()))
}

// with are the records that are found to share something with one.
func (h *house) with(record string) (list []string) {
	for _, m := range h.Shared(record) {
		list = append(list, m.Record)
	}
	return list
}

func (h *house) want(record string, others ...string) {
	h.t.Helper()
	slices.Sort(others)
	if got := h.with(record); !slices.Equal(got, others) {
		h.t.Errorf("%s is found with %q, want %q", record, got, others)
	}
}

func (h *house) rows(table string) (n int) {
	h.t.Helper()
	h.ok(h.db.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
	}))
	return n
}

func number(text string) Named { return Named{Kind: Phone, Text: text, Country: "US"} }

func TestSealedUntilTheFirstSignIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.name(number("+1 312 555 0147"))
		second := h.name(number("(312) 555-0147"), Named{Kind: Email, Text: "ana@example.org"})
		other := h.name(number("+1 312 555 0148"))
		silent := h.name()
		h.ok(h.Work(t.Context()))
		if h.Open() || h.rows("blind_waiting") != 4 || h.rows("blind_marks") != 0 {
			t.Fatal("it was linked with nobody signed in")
		}
		h.want(second)
		stranger, err := seal.NewPair()
		h.ok(err)
		h.ok(h.Unlock(t.Context(), "stranger", stranger))
		h.ok(h.Unlock(t.Context(), h.ann.ID, stranger))
		h.ok(h.Work(t.Context()))
		if h.Open() {
			t.Fatal("a stranger unlocked it")
		}
		h.signIn(h.ann)
		if !h.Open() || h.rows("blind_waiting") != 0 || h.rows("blind_marks") != 4 {
			t.Fatal("what waited was not linked")
		}
		h.want(first, second)
		h.want(second, first)
		h.want(other)
		h.want(silent)
		again := h.name(Named{Kind: Email, Text: "ANA@example.org"})
		h.ok(h.Work(t.Context()))
		h.want(again, second)
		if kinds := h.Shared(again)[0].Kinds; !slices.Equal(kinds, []Kind{Email}) {
			t.Errorf("they share %v", kinds)
		}
	})
}

func TestWhatARecordNamesCanChange(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.signIn(h.ann)
		a, b := h.name(number("+1 312 555 0147")), h.name(number("+1 312 555 0148"))
		h.ok(h.Work(t.Context()))
		h.want(a)
		h.change(b, number("312 555 0147"), number("312 555 0149"))
		h.ok(h.Work(t.Context()))
		h.want(a, b)
		h.change(a)
		h.ok(h.Work(t.Context()))
		h.want(b)
	})
}

func TestAnotherNodeAndTheNextStartFindTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := h.name(number("+1 312 555 0147"))
		h.signIn(h.ann)
		node := h.restart()
		if node.Open() {
			t.Fatal("a start needs nobody")
		}
		node.signIn(h.ben)
		b := h.name(number("312-555-0147"))
		h.ok(h.Work(t.Context())) // linked here, and told there
		h.want(b, a)
		h.ok(node.Work(t.Context()))
		node.want(b, a)
		h.update(func(ctx context.Context, tx *db.Tx) error { return h.Forget(ctx, tx, a) })
		h.want(b)
		h.ok(node.Work(t.Context()))
		node.want(b)

		// News that are older than some minutes are gone; then all is read again.
		for range 3 {
			c := h.name(number("312 555 0147"))
			h.ok(h.Work(t.Context()))
			h.ok(h.sweep(t.Context()))
			if !slices.Contains(h.with(b), c) {
				t.Error("after a sweep a new one is not found")
			}
		}
		if n := h.rows("blind_news"); n > 3 {
			t.Errorf("%d news stay", n)
		}
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `DELETE FROM blind_news WHERE seq < (SELECT MAX(seq) FROM blind_news)`)
			return err
		})
		h.name(number("312 555 0147"))
		h.ok(h.Work(t.Context()))
		h.ok(node.Work(t.Context()))
		node.want(b, h.with(b)...)
	})
}

func TestToldApartIsNeverFoundAgain(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		apart := func(i *house, record string, others ...string) error {
			return i.db.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return i.Apart(ctx, tx, record, others...) })
		}
		mother, daughter := h.name(number("+1 312 555 0147")), h.name(number("+1 312 555 0147"))
		if err := apart(h, daughter, mother); !errs.Is(err, errs.Unavailable) {
			t.Fatalf("told apart while sealed: %v", err)
		}
		h.signIn(h.ann)
		h.want(daughter, mother)
		h.ok(apart(h, daughter, mother))
		h.want(daughter)
		h.want(mother)
		h.change(daughter, number("+1 312 555 0147"), number("+1 312 555 0150"))
		h.ok(h.Work(t.Context()))
		h.want(mother)
		next := h.name(number("312 555 0147"))
		h.ok(h.Work(t.Context()))
		h.want(next, mother, daughter)
		node := h.restart()
		node.signIn(h.ben)
		node.want(daughter, next)
		node.want(mother, next)
		if err := apart(h, ids.New(), mother); !errs.Is(err, errs.NotFound) {
			t.Errorf("a record that is not there: %v", err)
		}
	})
}

// Who left may have kept the index key and have a copy of the disk.
func TestWhoLeftOpensNothingOfTheIndexThatCameSince(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		old := h.name(number("+1 312 555 0147"))
		h.signIn(h.ann)
		stolen := h.held()
		h.update(func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			if err != nil {
				return err
			}
			if err := g.Remove(ctx, tx, h.ben.ID); err != nil {
				return err
			}
			_, err = g.Turn(ctx, tx, []keyring.Member{h.ann})
			return err
		})
		fresh := h.name(number("312 555 0147"))
		h.ok(h.Work(t.Context()))
		if h.rows("blind_waiting") != 1 {
			t.Fatal("it was linked under the key that left")
		}
		h.want(old) // still answered by what is known
		opens := func() (n int) {
			h.ok(h.db.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				for _, record := range []string{old, fresh} {
					if _, there, err := h.readRow(ctx, tx, stolen, record); err == nil && there {
						n++
					}
				}
				var w waiting
				if tx.QueryRow(ctx, `SELECT record, epoch, sealed FROM blind_waiting`).Scan(&w.record, &w.epoch, &w.sealed) == nil {
					for epoch := range stolen {
						w.epoch = epoch + 1
						n += len(h.openWaiting(stolen, w))
					}
				}
				return nil
			}))
			return n
		}
		if n := opens(); n != 1 {
			t.Fatalf("before anybody came the leaver opens %d", n)
		}
		left := h.restart()
		left.signIn(h.ben)
		if left.Open() {
			t.Fatal("the leaver unlocked it")
		}
		h.signIn(h.ann)
		h.want(old, fresh)
		h.want(fresh, old)
		if n := opens(); n != 0 {
			t.Fatalf("afterwards the leaver opens %d", n)
		}
		node := h.restart()
		node.signIn(h.ann)
		node.want(fresh, old)
	})
}

func TestWhoIsAdmittedUnlocksItToo(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b := h.name(number("+1 312 555 0147")), h.name(number("+1 312 555 0147"))
		pair, err := seal.NewPair()
		h.ok(err)
		cem := keyring.Member{ID: ids.New(), Public: pair.Public()}
		h.pairs[cem.ID] = pair
		h.update(func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			if err != nil {
				return err
			}
			ring, err := g.Open(ctx, tx, h.ann.ID, h.pairs[h.ann.ID])
			if err != nil {
				return err
			}
			return ring.Admit(ctx, tx, cem)
		})
		h.signIn(cem)
		h.want(a, b)
	})
}

// Rows that somebody changed, or moved to another record, make no match and
// stop nothing.
func TestAChangedRowNamesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a, b, c := h.name(number("+1 312 555 0147")), h.name(number("+1 312 555 0147")), h.name()
		h.signIn(h.ann)
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE blind_marks SET sealed = (SELECT sealed FROM blind_marks WHERE record = $1) WHERE record = $2`, a, c)
			return err
		})
		node := h.restart()
		node.signIn(h.ben)
		node.want(a, b)
		node.want(c)
		waits := h.name(number("+1 312 555 0147"))
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE blind_waiting SET sealed = $1`, []byte("something else"))
			return err
		})
		h.ok(h.Work(t.Context()))
		h.want(waits)
		if n := h.rows("blind_waiting"); n != 0 {
			t.Errorf("%d wait for ever", n)
		}
	})
}

func TestRunIsWokenByWhatComesIn(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		linked := make(chan string, 10)
		h.Linked = func(tx *db.Tx, record string) { tx.AfterCommit(func() { linked <- record }) }
		defer h.db.Listen(func(topic string) {
			if topic == Topic(agency) {
				h.Wake()
			}
		}, h.Wake)()
		ctx, end := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { h.Run(ctx, func(err error) { t.Error(err) }); close(done) }()
		h.ok(h.Unlock(t.Context(), h.ann.ID, h.pairs[h.ann.ID]))
		id := h.name(number("+1 312 555 0147"))
		select {
		case got := <-linked:
			if got != id {
				t.Errorf("linked %s", got)
			}
		case <-time.After(20 * time.Second):
			t.Error("nobody linked it")
		}
		end()
		<-done
	})
}
