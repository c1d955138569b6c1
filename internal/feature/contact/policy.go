package contact

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// may says whether the colleague may do something to a contact now: nil,
// NotFound, or the error that asks for a reason; see staff.Can. follows says
// that they follow what came of it.
//
// What is not there and what is not theirs cost the same statements and no key, so
// that no clock tells them apart.
func (f *Feature) may(ctx context.Context, tx *db.Tx, s *staff.Session, action web.Access, id string, follows bool) error {
	o, _, err := object(ctx, tx, s, id)
	if err != nil {
		return err
	}
	o.Follows = follows
	switch staff.Can(s.Person, action, o) {
	case staff.Yes:
		return nil
	case staff.Reason:
		return f.saidWhy(ctx, tx, s, id)
	}
	return errs.New(errs.NotFound, "", nil)
}

// object is a contact as the policy sees it. One that is not there is of no
// agency. Its group is empty for the intake group.
func object(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (o staff.Object, group string, err error) {
	var state string
	r := row{Agency: s.Person.Agency}
	err = tx.QueryRow(ctx, `SELECT agency, state, taken_by, key_group FROM contacts WHERE agency = $1 AND id = $2`, s.Person.Agency, id).
		Scan(&o.Agency, &state, &o.With, &r.Group)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return o, "", err
	}
	o.Waiting, o.Closed = State(state) == Waiting, State(state) == Closed
	g, err := r.group(ctx, tx)
	if err != nil {
		return o, "", err
	}
	members, err := g.Members(ctx, tx)
	o.Held = members[s.Person.ID]
	return o, r.Group, err
}
