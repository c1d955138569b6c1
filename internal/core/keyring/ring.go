package keyring

import (
	"bytes"
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Ring is a group's keys in the hands of one member: the key of now, and those
// of before somebody left. It is of use as long as the transaction in which it
// was opened.
type Ring struct {
	group  Group
	member string
	own    *seal.Pair
	opened map[int]*seal.Pair
}

// Open gives the group's keys to a member. Anybody else gets NotFound: that
// there is a group is no secret, but who is in it is none of theirs.
func (g Group) Open(ctx context.Context, tx *db.Tx, member string, pair *seal.Pair) (_ *Ring, err error) {
	defer errs.Wrap(&err, "keyring.Open")
	r := &Ring{group: g, member: member, own: pair, opened: map[int]*seal.Pair{}}
	_, err = r.at(ctx, tx, g.Epoch)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Holder is the member whose ring it is.
func (r *Ring) Holder() string { return r.member }

// Group is the group as it was when the ring was opened.
func (r *Ring) Group() Group { return r.group }

// SealTo seals a value to the group itself, for whoever holds its keys. The value
// says which key it is for.
func (g Group) SealTo(at seal.Place, plain []byte) ([]byte, error) {
	return SealTo(g.Public, Record{Epoch: g.Epoch}, at, plain)
}

// OpenTo opens what was sealed to the group. A value from before groups had a
// second key does not say which it is for; then it is tried with each.
func (r *Ring) OpenTo(ctx context.Context, tx *db.Tx, at seal.Place, sealed []byte) (_ []byte, err error) {
	defer errs.Wrap(&err, "keyring.OpenTo")
	oldest, rest, err := unstamp(sealed)
	if err != nil {
		return nil, err
	}
	newest := oldest
	if len(rest) == len(sealed) {
		newest = r.group.Epoch
	}
	for epoch := oldest; epoch <= newest; epoch++ {
		pair, err := r.at(ctx, tx, epoch)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		at.Epoch = epoch
		if plain, err := pair.Open(at, rest); err == nil {
			return plain, nil
		}
	}
	return nil, errs.New(errs.NotFound, "", seal.ErrSealed)
}

// Again seals to the group's key of now what was sealed to one before. It gives
// nil for a value that needs nothing.
func (r *Ring) Again(ctx context.Context, tx *db.Tx, at seal.Place, sealed []byte) ([]byte, error) {
	if epoch, rest, err := unstamp(sealed); err == nil && epoch == r.group.Epoch && len(rest) < len(sealed) {
		return nil, nil
	}
	plain, err := r.OpenTo(ctx, tx, at, sealed)
	if err != nil {
		return nil, err
	}
	return r.group.SealTo(at, plain)
}

// at opens the group's key of an epoch.
func (r *Ring) at(ctx context.Context, tx *db.Tx, epoch int) (*seal.Pair, error) {
	if pair := r.opened[epoch]; pair != nil {
		return pair, nil
	}
	seed, err := unwrap(ctx, tx, r.group.at(epoch).place(), r.member, r.own)
	if err != nil {
		return nil, err
	}
	pair, err := seal.PairFromSeed(seed)
	if err != nil {
		return nil, err
	}
	var public []byte
	err = tx.QueryRow(ctx, `SELECT public_key FROM key_epochs WHERE owner = $1 AND epoch = $2`, r.group.ID, epoch).Scan(&public)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	if !bytes.Equal(pair.Public().Bytes(), public) || epoch == r.group.Epoch && !bytes.Equal(public, r.group.Public.Bytes()) {
		// Somebody put a key of theirs in its place: what came in since is
		// theirs to read, and that must not pass for a colleague who waits.
		return nil, errs.New(errs.Internal, "", errors.New("the public half of a group is not of its key"))
	}
	r.opened[epoch] = pair
	return pair, nil
}

// Admit lets a member bring somebody into the group: they get every key that
// the member holds, and so open what the member opens.
func (r *Ring) Admit(ctx context.Context, tx *db.Tx, who Member) (err error) {
	defer errs.Wrap(&err, "keyring.Admit")
	for epoch := 1; epoch <= r.group.Epoch; epoch++ {
		pair, err := r.at(ctx, tx, epoch)
		if errs.Is(err, errs.NotFound) {
			continue // from before the member's own time, and nobody gave it to them
		}
		if err != nil {
			return err
		}
		if err := wrap(ctx, tx, r.group.at(epoch).place(), who.ID, who.Public, pair.Seed()); err != nil {
			return err
		}
	}
	return nil
}

// Turn gives the group a new key, which only the given members hold. What is
// made from now on opens with it alone; what was made before opens with the
// keys that members hold already. Nobody has to be signed in for it: the
// server makes the key, wraps it and forgets it.
func (g Group) Turn(ctx context.Context, tx *db.Tx, members []Member) (_ Group, err error) {
	defer errs.Wrap(&err, "keyring.Turn")
	pair, err := seal.NewPair()
	if err != nil {
		return g, err
	}
	next, err := g.turnTo(ctx, tx, pair.Public())
	if err != nil {
		return g, err
	}
	for _, m := range members {
		if err := wrap(ctx, tx, next.place(), m.ID, m.Public, pair.Seed()); err != nil {
			return g, err
		}
	}
	return next, nil
}

// turnTo puts down another key of the group, which nobody holds yet.
func (g Group) turnTo(ctx context.Context, tx *db.Tx, public seal.Public) (Group, error) {
	next := g.at(g.Epoch + 1)
	next.Public = public
	n, err := tx.Exec(ctx, `UPDATE key_groups SET epoch = $3, public_key = $4 WHERE id = $1 AND epoch = $2`,
		g.ID, g.Epoch, next.Epoch, public.Bytes())
	if err != nil {
		return g, err
	}
	if n == 0 {
		return g, errs.New(errs.Conflict, "", errors.New("the group was turned meanwhile"))
	}
	return next, next.keepPublic(ctx, tx)
}

// at is the group as it was, or will be, at an epoch; its public half is not.
func (g Group) at(epoch int) Group {
	g.Epoch = epoch
	return g
}
