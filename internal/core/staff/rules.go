package staff

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Rules are what an administrator asks of who signs in.
type Rules struct {
	Second   map[Role]bool // must have a second step
	Identity map[Role]bool // the organisation's own provider takes the place of its code
}

// ReadRules gives an agency's rules.
func ReadRules(ctx context.Context, tx *db.Tx, agency string) (r Rules, err error) {
	defer errs.Wrap(&err, "staff.ReadRules")
	var second, identity string
	err = tx.QueryRow(ctx, `SELECT second_roles, identity_roles FROM staff_rules WHERE agency = $1`, agency).Scan(&second, &identity)
	if errors.Is(err, sql.ErrNoRows) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	if r.Second, err = parseRoles(second); err != nil {
		return r, err
	}
	r.Identity, err = parseRoles(identity)
	return r, err
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

func storeRoles(roles map[Role]bool) (string, error) {
	list := slices.Sorted(maps.Keys(roles))
	if slices.ContainsFunc(list, func(r Role) bool { return !r.Valid() }) {
		return "", errs.In("roles", "staff.error.role")
	}
	b, err := json.Marshal(list)
	return string(b), err
}

// SetRules says which roles must have a second step, and for which the provider takes
// the place of its code. Who must and has none is led to set one up before anything else.
func (s *Session) SetRules(ctx context.Context, tx *db.Tx, r Rules) (err error) {
	defer errs.Wrap(&err, "staff.SetRules")
	second, err := storeRoles(r.Second)
	if err != nil {
		return err
	}
	identity, err := storeRoles(r.Identity)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO staff_rules (agency, second_roles, identity_roles) VALUES ($1, $2, $3)
		ON CONFLICT (agency) DO UPDATE SET second_roles = $2, identity_roles = $3`, s.Person.Agency, second, identity)
	if err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(EditSettings) + " second-roles"})
}
