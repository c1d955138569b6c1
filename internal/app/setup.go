package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// setUp makes the first accounts, the groups and the log of an agency. Those
// of the people who answer or lead are members of the intake group from the
// start, and those who lead or audit of the group that reads the log; everybody
// else has to be admitted. The recovery key can open both too.
func setUp(ctx context.Context, tx *db.Tx, recovery seal.Public, people []staff.New, mark map[string]string) (err error) {
	defer errs.Wrap(&err, "app.setUp")
	group, err := keyring.CreateRecovery(ctx, tx, homeAgency, recovery)
	if err != nil {
		return err
	}
	paper := keyring.Member{ID: group.ID, Public: recovery}
	answer, oversee := []keyring.Member{paper}, []keyring.Member{paper}
	for _, n := range people {
		m := keyring.Member{ID: n.Person.ID, Public: n.Person.Public}
		if n.Person.Role.May(staff.ReadContact) {
			answer = append(answer, m)
		}
		if n.Person.Role.May(staff.ReadAudit) || n.Person.Role.May(staff.SeeReaders) {
			oversee = append(oversee, m)
		}
	}
	intake, err := keyring.Create(ctx, tx, homeAgency, keyring.Intake, answer...)
	if err != nil {
		return err
	}
	readers, err := keyring.Create(ctx, tx, homeAgency, keyring.Audit, oversee...)
	if err != nil {
		return err
	}
	if err := audit.Create(ctx, tx, homeAgency); err != nil {
		return err
	}
	for _, n := range people { // after the log, in which it is the first entry
		if err := n.Insert(ctx, tx, ""); err != nil {
			return err
		}
	}
	for _, g := range []keyring.Group{group, intake, readers} {
		if err := groupMade(ctx, tx, g); err != nil {
			return err
		}
	}
	for _, name := range []string{backupKey, feedSeed} {
		if _, err := madeKey(ctx, tx, name); err != nil {
			return err
		}
	}
	mark[isSetUp] = "1"
	for key, value := range mark {
		if err := remember(ctx, tx, key, value); err != nil {
			return err
		}
	}
	return nil
}

// groupMade writes down which keys a group has from the start.
func groupMade(ctx context.Context, tx *db.Tx, g keyring.Group) error {
	is, err := audit.GroupStateOf(ctx, tx, homeAgency, g.ID)
	if err != nil {
		return err
	}
	return audit.Write(ctx, tx, homeAgency, audit.Entry{Action: string(staff.EditGroups) + " made", Record: g.ID, Is: is})
}
