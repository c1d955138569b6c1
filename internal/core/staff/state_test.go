package staff_test

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Every key that an account gets in the program is one that the log knows, from the
// first; one that somebody writes into the database is not, also if the program
// gives another after it.
func TestTheLogKnowsTheKeysOfAccounts(t *testing.T) {
	seal.UseCheapCosts()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		log := audittest.Make(t, d, "home")
		const first, second, third, fourth = "the first long phrase", "the second long phrase", "the third long phrase", "the fourth long phrase"
		n, err := staff.Prepare(t.Context(), "home", "Ada", staff.Advocate, first)
		if err != nil {
			t.Fatal(err)
		}
		id := n.Person.ID
		states := map[audit.State]bool{}
		holds := func() bool {
			t.Helper()
			var is audit.State
			do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				is, err = staff.StateOf(ctx, tx, "home", id)
				return err
			})
			states[is] = true
			return log.History().HoldsWhole(id, is)
		}
		change := func(old, to string) {
			t.Helper()
			p, pair, err := staff.Unlock(t.Context(), d, "home", "Ada", old)
			if err != nil {
				t.Fatal(err)
			}
			var s *staff.Session
			var token string
			do(t, d, func(ctx context.Context, tx *db.Tx) (err error) {
				if token, err = staff.SignIn(ctx, tx, p, pair); err != nil {
					return err
				}
				s, err = staff.Find(ctx, tx, token)
				return err
			})
			c, err := s.PrepareChange(t.Context(), d, old, to)
			if err != nil {
				t.Fatal(err)
			}
			do(t, d, func(ctx context.Context, tx *db.Tx) error { return c.Save(ctx, tx, s, token) })
		}
		lose := func(phrase string) {
			t.Helper()
			do(t, d, func(ctx context.Context, tx *db.Tx) error {
				p, err := staff.Get(ctx, tx, "home", id)
				if err != nil {
					return err
				}
				n, err := staff.PrepareLost(ctx, p, phrase)
				if err != nil {
					return err
				}
				return n.Replace(ctx, tx, "")
			})
		}
		for _, deed := range []struct {
			name string
			do   func()
			keys int // that the account has had then
		}{
			{"made", func() {
				do(t, d, func(ctx context.Context, tx *db.Tx) error { return n.HandedOver().Insert(ctx, tx, "") })
			}, 1},
			{"another key for who was handed a pass phrase", func() { change(first, second) }, 2},
			{"another pass phrase", func() { change(second, third) }, 2},
			{"a lost pass phrase", func() { lose(fourth) }, 3},
		} {
			deed.do()
			if !holds() || len(states) != deed.keys {
				t.Errorf("%s: the log knows it: %v, after %d keys", deed.name, holds(), len(states))
			}
		}
		thief, err := seal.NewPair()
		if err != nil {
			t.Fatal(err)
		}
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE staff SET public_key = $1 WHERE id = $2`, thief.Public().Bytes(), id)
			return err
		})
		if holds() {
			t.Error("a key that the program did not give is not found")
		}
		lose(first)
		if holds() {
			t.Error("it is not found once the program has given another")
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
