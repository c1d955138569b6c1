package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// SecondRoles are the roles that must have a second step.
func SecondRoles(ctx context.Context, tx *db.Tx, agency string) (roles map[Role]bool, err error) {
	defer errs.Wrap(&err, "staff.SecondRoles")
	var stored string
	err = tx.QueryRow(ctx, `SELECT second_roles FROM staff_rules WHERE agency = $1`, agency).Scan(&stored)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseRoles(stored)
}

func parseRoles(stored string) (map[Role]bool, error) {
	var list []Role
	if err := json.Unmarshal([]byte(stored), &list); err != nil {
		return nil, err
	}
	roles := map[Role]bool{}
	for _, r := range list {
		roles[r] = true
	}
	return roles, nil
}

// SetSecondRoles says which roles must have a second step. Who has none is led to
// set one up before anything else.
func (s *Session) SetSecondRoles(ctx context.Context, tx *db.Tx, roles []Role) (err error) {
	defer errs.Wrap(&err, "staff.SetSecondRoles")
	if slices.ContainsFunc(roles, func(r Role) bool { return !r.Valid() }) {
		return errs.In("roles", "staff.error.role")
	}
	b, err := json.Marshal(slices.Compact(slices.Sorted(slices.Values(roles))))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO staff_rules (agency, second_roles) VALUES ($1, $2)
		ON CONFLICT (agency) DO UPDATE SET second_roles = $2`, s.Person.Agency, string(b))
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(EditSettings) + " second-roles"})
}
