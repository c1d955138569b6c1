package staff_test

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Trying a pass phrase takes a moment. A thief who is trying one while its owner
// changes it, or while the account is given another key or closed, has nothing
// from it: neither a session nor an account with a pass phrase of theirs.
func TestWhatHappensWhileAPassphraseIsTried(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		update := func(do func(context.Context, *db.Tx) error) { t.Helper(); must(d.Update(t.Context(), do)) }
		open := func(name, phrase string) (staff.Person, *seal.Pair) {
			t.Helper()
			p, pair, err := staff.Unlock(t.Context(), d, "home", name, phrase)
			must(err)
			return p, pair
		}
		signIn := func(p staff.Person, pair *seal.Pair) (s *staff.Session, token string, err error) {
			err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				if token, err = staff.SignIn(ctx, tx, p, pair); err != nil {
					return err
				}
				s, err = staff.Find(ctx, tx, token)
				return err
			})
			return s, token, err
		}
		changed := func(s *staff.Session, token, old, to string) staff.Change {
			t.Helper()
			c, err := s.PrepareChange(t.Context(), d, old, to)
			must(err)
			return c
		}
		const first, second, third = "the first long phrase", "the second long phrase", "the third long phrase"
		for name, meanwhile := range map[string]func(owner *staff.Session, token string){
			"changed": func(owner *staff.Session, token string) {
				c := changed(owner, token, first, second)
				update(func(ctx context.Context, tx *db.Tx) error { return c.Save(ctx, tx, owner, token) })
			},
			"lost": func(owner *staff.Session, _ string) {
				n, err := staff.PrepareLost(t.Context(), owner.Person, second)
				must(err)
				update(func(ctx context.Context, tx *db.Tx) error { return n.Replace(ctx, tx, "") })
			},
			"closed": func(owner *staff.Session, _ string) {
				update(func(ctx context.Context, tx *db.Tx) error {
					return staff.SetDisabled(ctx, tx, "home", owner.Person.ID, "", true)
				})
			},
		} {
			n, err := staff.Prepare(t.Context(), "home", "Ada "+name, staff.Advocate, first)
			must(err)
			update(func(ctx context.Context, tx *db.Tx) error { return n.Insert(ctx, tx, "") })
			owner, token, err := signIn(open(n.Person.Name, first))
			must(err)
			thief, thiefToken, err := signIn(open(n.Person.Name, first))
			must(err)
			p, pair := open(n.Person.Name, first) // and now it takes its moment
			change := changed(thief, thiefToken, first, third)

			meanwhile(owner, token)

			if _, _, err := signIn(p, pair); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%s meanwhile: the thief is signed in: %v", name, err)
			}
			err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return change.Save(ctx, tx, thief, thiefToken) })
			if !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%s meanwhile: the thief's pass phrase counts: %v", name, err)
			}
			err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return thief.Resume(ctx, tx, thiefToken, pair) })
			if !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%s meanwhile: the thief's screen is unlocked: %v", name, err)
			}
			if _, _, err := staff.Unlock(t.Context(), d, "home", n.Person.Name, third); err == nil {
				t.Errorf("%s meanwhile: the thief's pass phrase opens the account", name)
			}
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
