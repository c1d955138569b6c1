package staff_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/totp"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Of many who send the same code at once only one gets in, on both engines; and a
// lost pass phrase takes the second step along.
func TestACodeCountsOnce(t *testing.T) {
	seal.UseCheapCosts()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		sue, err := staff.Prepare(t.Context(), "home", "Sue", staff.Supervisor, "correct horse battery")
		if err != nil {
			t.Fatal(err)
		}
		update := func(fn func(ctx context.Context, tx *db.Tx) error) {
			t.Helper()
			if err := d.Update(t.Context(), fn); err != nil {
				t.Fatal(err)
			}
		}
		var token string
		secret, recovery := totp.NewSecret(), []string(nil)
		update(func(ctx context.Context, tx *db.Tx) error {
			if err := sue.Insert(ctx, tx, ""); err != nil {
				return err
			}
			token, err = staff.SignIn(ctx, tx, sue.Person, sue.Pair)
			return err
		})
		update(func(ctx context.Context, tx *db.Tx) error {
			s, err := staff.Find(ctx, tx, token)
			if err != nil {
				return err
			}
			recovery, err = s.EnrolSecond(ctx, tx, secret, totp.Code(secret, totp.Step(tx.Now)-1))
			return err
		})
		for _, code := range []string{totp.Code(secret, totp.Step(d.Now())), recovery[0]} {
			tokens := make([]string, 6)
			update(func(ctx context.Context, tx *db.Tx) error {
				for i := range tokens {
					if tokens[i], err = staff.Halfway(ctx, tx, sue.Person, sue.Pair); err != nil {
						return err
					}
				}
				return nil
			})
			var in atomic.Int64
			var all sync.WaitGroup
			for _, half := range tokens {
				all.Go(func() {
					var ok bool
					err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
						_, _, ok, err = staff.SecondStep(ctx, tx, half, code)
						return err
					})
					if err != nil {
						t.Error(err)
					}
					if ok {
						in.Add(1)
					}
				})
			}
			all.Wait()
			if in.Load() != 1 {
				t.Errorf("%d got in with one code", in.Load())
			}
		}

		lost, err := staff.PrepareLost(t.Context(), sue.Person, "another long pass phrase")
		if err != nil {
			t.Fatal(err)
		}
		update(func(ctx context.Context, tx *db.Tx) error {
			half, err := staff.Halfway(ctx, tx, sue.Person, sue.Pair)
			if err != nil {
				return err
			}
			if err := lost.Replace(ctx, tx, ""); err != nil {
				return err
			}
			if second, err := staff.ReadSecond(ctx, tx, sue.Person); err != nil || second.On || second.Codes != 0 {
				t.Errorf("the second step outlived a lost pass phrase: %+v %v", second, err)
			}
			if _, _, ok, err := staff.SecondStep(ctx, tx, half, recovery[1]); ok || !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("who was half way got in: %v %v", ok, err)
			}
			return nil
		})
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
