package contact

import (
	"context"
	"database/sql"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// RenewIDs gives some contacts that a group opens, after one, in an order that
// stays; none at the end.
func (f *Feature) RenewIDs(ctx context.Context, tx *db.Tx, g keyring.Group, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM contacts WHERE agency = $1 AND id > $2 AND key_group = $3 ORDER BY id LIMIT $4`,
		g.Agency, after, columnOf(g), limit)
}

// RenewCount says how many contacts a group opens.
func (f *Feature) RenewCount(ctx context.Context, tx *db.Tx, g keyring.Group) (n int64, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*) FROM contacts WHERE agency = $1 AND key_group = $2`, g.Agency, columnOf(g)).Scan(&n)
	return n, err
}

// columnOf names a group as contacts do.
func columnOf(g keyring.Group) string {
	if g.Name == keyring.Intake {
		return ""
	}
	return g.ID
}

// Renew seals all of a contact under a new key, for whoever holds the group's
// keys. The keys of before are dropped: whoever kept one, and finds a copy of the
// disk of today, opens nothing with it. A contact that has the group's newest key
// and no other is left as it is.
func (f *Feature) Renew(ctx context.Context, tx *db.Tx, ring *keyring.Ring, id string) error {
	g := ring.Group()
	r, err := get(ctx, tx, g.Agency, id)
	if err != nil {
		return err
	}
	keys, err := ring.Keys(ctx, tx, id)
	if err != nil || keys.Newest() {
		return err
	}
	if err := r.witness(ctx, tx); err != nil {
		return err
	}
	return f.renew(ctx, tx, &r, keys, g, ring.Holder())
}

// renew makes a witnessed contact g's, which is the group that it has or another,
// for a colleague.
func (f *Feature) renew(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys, g keyring.Group, by string) error {
	next, err := f.keys.Renew(g, keys)
	if err != nil {
		return err
	}
	keys.Adopt(next)
	if err := r.adopt(ctx, tx, next); err != nil {
		return err
	}
	if err := r.reseal(ctx, tx, keys); err != nil {
		return err
	}
	if f.Reseal != nil {
		if err := f.Reseal(ctx, tx, keys); err != nil {
			return err
		}
	}
	if err := keys.DropBefore(ctx, tx); err != nil {
		return err
	}
	e, err := r.entry(ctx, tx, "keys.renewed", nil)
	if err != nil {
		return err
	}
	e.Staff = by
	return audit.Write(ctx, tx, r.Agency, e)
}

// reseal seals all of the contact's own under the keys of now.
func (r *row) reseal(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	r.intake = keys.Again(r.place("contacts", "intake"), r.intake)
	if r.record != nil {
		r.record = keys.Again(r.place("contacts", "record"), r.record)
	}
	if _, err := tx.Exec(ctx, `UPDATE contacts SET sealed_intake = $2, sealed_record = $3 WHERE id = $1`, r.ID, r.intake, r.record); err != nil {
		return err
	}
	if err := r.resealLines(ctx, tx, keys); err != nil {
		return err
	}
	if err := r.resealFiles(ctx, tx, keys); err != nil {
		return err
	}
	return r.resealDrafts(ctx, tx, keys)
}

// again seals anew under the record's key what was under it, and to its public half
// what was sealed to that. What anybody could have sealed stays such: under the
// record's key it would speak for us.
func again(keys *keyring.Keys, public seal.Public, at seal.Place, byKey int64, sealed []byte) ([]byte, error) {
	if byKey != 0 {
		return keys.Again(at, sealed), nil
	}
	return keys.AgainTo(public, at, sealed)
}

func (r *row) resealLines(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	public, err := seal.ParsePublic(r.public)
	if err != nil {
		return err
	}
	for after := int64(0); ; {
		lines, err := db.Collect(ctx, tx, scanLine,
			`SELECT seq, by_key, sealed FROM contact_messages WHERE contact = $1 AND seq > $2 ORDER BY seq LIMIT 500`, r.ID, after)
		if err != nil || len(lines) == 0 {
			return err
		}
		for _, l := range lines {
			if l.sealed, err = again(keys, public, r.place(messageTable, itoa(l.seq)), l.byKey, l.sealed); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `UPDATE contact_messages SET sealed = $3 WHERE contact = $1 AND seq = $2`, r.ID, l.seq, l.sealed); err != nil {
				return err
			}
			after = l.seq
		}
	}
}

// line is a sealed line of a conversation.
type line struct {
	seq, byKey int64
	sealed     []byte
}

func scanLine(rows *sql.Rows) (l line, err error) {
	err = rows.Scan(&l.seq, &l.byKey, &l.sealed)
	return l, err
}

func (r *row) resealDrafts(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	type draft struct {
		staff, kind string
		sealed      []byte
	}
	drafts, err := db.Collect(ctx, tx, func(rows *sql.Rows) (d draft, err error) {
		err = rows.Scan(&d.staff, &d.kind, &d.sealed)
		return d, err
	}, `SELECT staff, kind, sealed FROM contact_drafts WHERE contact = $1`, r.ID)
	if err != nil {
		return err
	}
	for _, d := range drafts {
		_, err := tx.Exec(ctx, `UPDATE contact_drafts SET sealed = $4 WHERE contact = $1 AND staff = $2 AND kind = $3`,
			r.ID, d.staff, d.kind, keys.Again(r.draftPlace(d.staff, d.kind), d.sealed))
		if err != nil {
			return err
		}
	}
	return nil
}
