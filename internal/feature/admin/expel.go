package admin

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// expelFromAll takes somebody out of every group that they are in.
func expelFromAll(ctx context.Context, tx *db.Tx, agency, id, by string, people []staff.Person) error {
	groups, err := keyring.Groups(ctx, tx, agency)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if err := expel(ctx, tx, g, id, by, people); err != nil {
			return err
		}
	}
	return nil
}

// expel takes somebody out of a group, if they are in it. The group turns to a
// new key, since they may have kept the old one. by is whose deed it is.
func expel(ctx context.Context, tx *db.Tx, group keyring.Group, id, by string, people []staff.Person) error {
	holds, err := group.Members(ctx, tx)
	if err != nil || !holds[id] {
		return err
	}
	if err := group.Remove(ctx, tx, id); err != nil {
		return err
	}
	var stay []keyring.Member
	for _, p := range people {
		if p.ID != id && holds[p.ID] {
			stay = append(stay, keyring.Member{ID: p.ID, Public: p.Public})
		}
	}
	recovery, err := recoveryOf(ctx, tx, group.Agency)
	if err != nil {
		return err
	}
	for _, r := range recovery {
		if holds[r.ID] {
			stay = append(stay, r)
		}
	}
	return audit.Turning(ctx, tx, group, by, func() error {
		_, err := group.Turn(ctx, tx, stay)
		return err
	})
}

// recoveryOf is the holder of the recovery key, if there is one.
func recoveryOf(ctx context.Context, tx *db.Tx, agency string) ([]keyring.Member, error) {
	g, err := keyring.Find(ctx, tx, agency, keyring.Recovery)
	if errs.Is(err, errs.NotFound) {
		return nil, nil
	}
	return []keyring.Member{{ID: g.ID, Public: g.Public}}, err
}
