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

// On both engines a link is its owner's alone, follows a changed secret, and ends
// with the account or its key.
func TestIdentities(t *testing.T) {
	seal.UseCheapCosts()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		audittest.Make(t, d, "home")
		sessions := map[string]*staff.Session{}
		people := map[string]staff.Person{}
		for _, name := range []string{"Sue", "Ben"} {
			n, err := staff.Prepare(t.Context(), "home", name, staff.Supervisor, "correct horse battery")
			if err != nil {
				t.Fatal(err)
			}
			people[name] = n.Person
			do(t, d, func(ctx context.Context, tx *db.Tx) error {
				if err := n.Insert(ctx, tx, ""); err != nil {
					return err
				}
				token, err := staff.SignIn(ctx, tx, n.Person, n.Pair)
				if err != nil {
					return err
				}
				sessions[name], err = staff.Find(ctx, tx, token)
				return err
			})
		}
		who := func(agency string, marks ...string) (name string) {
			t.Helper()
			do(t, d, func(ctx context.Context, tx *db.Tx) error {
				p, err := staff.Identified(ctx, tx, agency, marks)
				name = p.Name
				if errs.Is(err, errs.Unauthenticated) {
					return nil
				}
				return err
			})
			return name
		}
		is := func(got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("it is %q, want %q", got, want)
			}
		}
		is(who("home", "one"), "")
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			return sessions["Sue"].LinkIdentity(ctx, tx, []string{"one"})
		})
		is(who("home", "one"), "Sue")
		is(who("elsewhere", "one"), "")
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			if err := sessions["Ben"].LinkIdentity(ctx, tx, []string{"new", "one"}); !errs.Is(err, errs.Conflict) {
				t.Errorf("what is Sue's became Ben's: %v", err)
			}
			return nil
		})

		t.Log("one under the secret of before is known, and is under that of now from then on")
		is(who("home", "new", "one"), "Sue")
		is(who("home", "one"), "")
		is(who("home", "new"), "Sue")

		t.Log("another takes the place of the first")
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			return sessions["Sue"].LinkIdentity(ctx, tx, []string{"two"})
		})
		is(who("home", "new"), "")
		is(who("home", "two"), "Sue")

		t.Log("a closed account is nobody's; a lost key ends the link")
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			return staff.SetDisabled(ctx, tx, "home", people["Sue"].ID, "", true)
		})
		is(who("home", "two"), "")
		do(t, d, func(ctx context.Context, tx *db.Tx) error {
			return staff.SetDisabled(ctx, tx, "home", people["Sue"].ID, "", false)
		})
		is(who("home", "two"), "Sue")
		lost, err := staff.PrepareLost(t.Context(), people["Sue"], "another long pass phrase")
		if err != nil {
			t.Fatal(err)
		}
		do(t, d, func(ctx context.Context, tx *db.Tx) error { return lost.Replace(ctx, tx, "") })
		is(who("home", "two"), "")
	}, audit.Migrations, keyring.Migrations, staff.Migrations)
}

func do(t *testing.T, d *db.DB, fn func(ctx context.Context, tx *db.Tx) error) {
	t.Helper()
	if err := d.Update(t.Context(), fn); err != nil {
		t.Fatal(err)
	}
}
