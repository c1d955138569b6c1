package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// setUp makes the first accounts and the groups of an agency. Those of the
// people who answer or lead are members of the intake group from the start;
// everybody else has to be admitted. The recovery key can open it too.
func setUp(ctx context.Context, tx *db.Tx, recovery seal.Public, people []staff.New, mark map[string]string) (err error) {
	defer errs.Wrap(&err, "app.setUp")
	group, err := keyring.CreateRecovery(ctx, tx, homeAgency, recovery)
	if err != nil {
		return err
	}
	members := []keyring.Member{{ID: group.ID, Public: recovery}}
	for _, n := range people {
		if err := n.Insert(ctx, tx, ""); err != nil {
			return err
		}
		if n.Person.Role.May(staff.ReadContact) {
			members = append(members, keyring.Member{ID: n.Person.ID, Public: n.Person.Public})
		}
	}
	if _, err := keyring.Create(ctx, tx, homeAgency, keyring.Intake, members...); err != nil {
		return err
	}
	mark[isSetUp] = "1"
	for key, value := range mark {
		if err := remember(ctx, tx, key, value); err != nil {
			return err
		}
	}
	return nil
}
