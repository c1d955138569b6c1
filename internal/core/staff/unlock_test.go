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

const phrase = "correct horse battery"

func TestMain(m *testing.M) {
	seal.UseCheapCosts()
	m.Run()
}

// A public half that was put in the place of a colleague's own is noticed when
// they sign in: what is meant for them would be wrapped to somebody else.
func TestASwappedPublicHalfIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		add := func(name string) staff.New {
			n, err := staff.Prepare(t.Context(), "home", name, staff.Advocate, phrase)
			if err != nil {
				t.Fatal(err)
			}
			err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return n.Insert(ctx, tx, "") })
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		ada, thief := add("Ada"), add("Eve")
		if _, pair, err := staff.Unlock(t.Context(), d, "home", "Ada", phrase); err != nil || string(pair.Seed()) != string(ada.Pair.Seed()) {
			t.Fatalf("the right pass phrase: %v", err)
		}
		for name, phrase := range map[string]string{"Ada": "wrong horse battery", "Nobody": phrase} {
			if _, _, err := staff.Unlock(t.Context(), d, "home", name, phrase); !errs.Is(err, errs.Unauthenticated) {
				t.Errorf("%s: %v", name, err)
			}
		}
		set := func(column string, value any) {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `UPDATE staff SET `+column+` = $1 WHERE name = $2`, value, "Ada")
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		set("public_key", thief.Pair.Public().Bytes())
		if _, _, err := staff.Unlock(t.Context(), d, "home", "Ada", phrase); !errs.Is(err, errs.Internal) {
			t.Fatalf("signed in with a foreign public half: %v", err)
		}
		set("public_key", ada.Pair.Public().Bytes())
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE staff SET sealed_seed = (SELECT sealed_seed FROM staff WHERE name = 'Eve'),
				cost = (SELECT cost FROM staff WHERE name = 'Eve') WHERE name = 'Ada'`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := staff.Unlock(t.Context(), d, "home", "Ada", phrase); !errs.Is(err, errs.Unauthenticated) {
			t.Fatalf("another's pass phrase and key opened in Ada's place: %v", err)
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
