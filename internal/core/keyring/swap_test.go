package keyring_test

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func pair(t *testing.T) *seal.Pair {
	t.Helper()
	p, err := seal.NewPair()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A public half that was put in the place of a group's own is noticed by the
// first member who opens the group, and is not taken for a missing wrap.
func TestASwappedPublicHalfIsFound(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		member, thief := pair(t), pair(t)
		open := func() error {
			return d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				g, err := keyring.Find(ctx, tx, "home", keyring.Intake)
				if err != nil {
					return err
				}
				if _, err := g.Open(ctx, tx, "somebody", member); !errs.Is(err, errs.NotFound) {
					t.Errorf("who has no wrap got %v", err)
				}
				_, err = g.Open(ctx, tx, "member", member)
				return err
			})
		}
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := keyring.Create(ctx, tx, "home", keyring.Intake, keyring.Member{ID: "member", Public: member.Public()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := open(); err != nil {
			t.Fatal(err)
		}
		err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE key_groups SET public_key = $1`, thief.Public().Bytes())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := open(); !errs.Is(err, errs.Internal) {
			t.Fatalf("opened with a foreign public half: %v", err)
		}
	}, keyring.Migrations)
}
