package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Move gives a contact to another group, by a colleague who may open it and is in
// that group. All of it is sealed anew: who is only in the group of before opens
// it no more, and does not see that it is there. Who had taken it keeps it if they
// are in the group; otherwise it is the mover's.
func (f *Feature) Move(ctx context.Context, s *staff.Session, id, to string) (err error) {
	defer errs.Wrap(&err, "contact.Move")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.WriteContact, id)
		if err != nil {
			return err
		}
		g, err := keyring.Get(ctx, tx, r.Agency, to)
		if err != nil {
			return err
		}
		if _, err := g.Open(ctx, tx, s.Person.ID, s.Pair); err != nil {
			return err
		}
		if columnOf(g) == r.Group || g.Name == keyring.Audit {
			return errs.New(errs.Conflict, "contact.error.group", nil)
		}
		if err := r.witness(ctx, tx); err != nil {
			return err
		}
		if err := f.renew(ctx, tx, &r, keys, g, s.Person.ID); err != nil {
			return err
		}
		f.hintOf(tx, queueTopic(r.Agency), r) // to whose it was
		r.Group = columnOf(g)
		if err := f.Links.Forget(ctx, tx, id); err != nil { // the index is the intake group's
			return err
		}
		if err := r.keepGroup(ctx, tx, g, s.Person.ID); err != nil {
			return err
		}
		return f.note(ctx, tx, &r, keys, s, staff.WriteContact, "moved")
	})
}

// keepGroup writes down whose the contact is now.
func (r *row) keepGroup(ctx context.Context, tx *db.Tx, g keyring.Group, mover string) error {
	members, err := g.Members(ctx, tx)
	if err != nil {
		return err
	}
	if r.TakenBy != "" && !members[r.TakenBy] {
		r.TakenBy = mover
	}
	_, err = tx.Exec(ctx, `UPDATE contacts SET key_group = $2, taken_by = $3 WHERE id = $1`, r.ID, r.Group, r.TakenBy)
	return err
}

// groups are those to which a colleague can move a contact: they are in them, and
// it is not theirs yet. now names the one that it has.
func (f *Feature) groups(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (now keyring.Group, others []keyring.Group, err error) {
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return now, nil, err
	}
	list, err := keyring.GroupsOf(ctx, tx, r.Agency, s.Person.ID)
	for _, g := range list {
		switch {
		case g.Name == keyring.Audit:
		case columnOf(g) == r.Group:
			now = g
		default:
			others = append(others, g)
		}
	}
	return now, others, err
}
