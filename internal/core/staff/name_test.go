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

// Who admits a colleague goes by the name. No other account may look like it,
// and somebody signs in however they write theirs.
func TestNoTwoColleaguesLookAlike(t *testing.T) {
	seal.UseCheapCosts()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		add := func(name string) error {
			n, err := staff.Prepare(t.Context(), "home", name, staff.Advocate, "correct horse battery")
			if err != nil {
				return err
			}
			return d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return n.Insert(ctx, tx, "") })
		}
		for _, name := range []string{"Sue", "Łucja Żak", "Анна", "李梅", "محمد علي", "Zoë 2", "O’Neil"} {
			if err := add(name); err != nil {
				t.Errorf("%q: %v", name, err)
			}
		}
		for _, name := range []string{"sue", "SUE", "sue\u200b", "s\u00adue", "Ｓｕｅ", "  Sue ", "Zoe\u0308 2"} {
			if err := add(name); !errs.Is(err, errs.Conflict) {
				t.Errorf("%q beside Sue: %v", name, err)
			}
		}
		for _, name := range []string{"ѕue", "Αnna", "123", "…", "\u3164"} {
			if err := add(name); !errs.Is(err, errs.Invalid) {
				t.Errorf("%q: %v", name, err)
			}
		}
		if p, _, err := staff.Unlock(t.Context(), d, "home", " sUE ", "correct horse battery"); err != nil || p.Name != "Sue" {
			t.Errorf("Sue signs in as %+v: %v", p, err)
		}
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}
