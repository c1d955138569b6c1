package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// group is the one whose members open the contact.
func (r row) group(ctx context.Context, tx *db.Tx) (keyring.Group, error) {
	if r.Group == "" {
		return keyring.Find(ctx, tx, r.Agency, keyring.Intake)
	}
	return keyring.Get(ctx, tx, r.Agency, r.Group)
}

// open opens a contact's keys for a colleague who is in its group.
func (f *Feature) open(ctx context.Context, tx *db.Tx, r row, s *staff.Session) (*keyring.Keys, error) {
	g, err := r.group(ctx, tx)
	if err != nil {
		return nil, err
	}
	ring, err := g.Open(ctx, tx, s.Person.ID, s.Pair)
	if err != nil {
		return nil, err
	}
	return ring.Keys(ctx, tx, r.ID)
}

// freshen gives a contact its next key, if somebody who left could know the one
// it has. Whoever adds something calls it before: with the contact's keys, which
// learn the new one, or without any, as when the person writes again.
func (f *Feature) freshen(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
	if keys != nil && !keys.Stale() {
		return nil
	}
	g, err := r.group(ctx, tx)
	if err != nil {
		return err
	}
	if keys == nil {
		if stale, err := g.Stale(ctx, tx, r.keyRecord()); err != nil || !stale {
			return err
		}
	}
	next, err := f.keys.Next(g, r.keyRecord())
	if err != nil {
		return err
	}
	if keys != nil {
		keys.Adopt(next)
	}
	return r.adopt(ctx, tx, next)
}

// adopt keeps the contact's next key, and what others seal to.
func (r *row) adopt(ctx context.Context, tx *db.Tx, next keyring.Prepared) error {
	if err := next.Save(ctx, tx); err != nil {
		return err
	}
	r.Epoch, r.public = next.Record.Epoch, next.Public.Bytes()
	_, err := tx.Exec(ctx, `UPDATE contacts SET epoch = $2, public_key = $3 WHERE id = $1`, r.ID, r.Epoch, r.public)
	return err
}
