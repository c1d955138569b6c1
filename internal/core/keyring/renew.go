package keyring

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Stale says whether the key that a record has now is under one that the group
// has no more: somebody who left could know it. It needs nobody's key.
func (g Group) Stale(ctx context.Context, tx *db.Tx, r Record) (bool, error) {
	var epoch int
	err := tx.QueryRow(ctx, `SELECT b.epoch FROM key_wraps r JOIN key_wraps b ON b.owner = r.recipient AND b.recipient = $4
		WHERE r.agency = $1 AND r.owner = $2 AND r.epoch = $3`, r.Agency, r.ID, r.Epoch, g.ID).Scan(&epoch)
	if errors.Is(err, sql.ErrNoRows) {
		return false, errs.New(errs.NotFound, "", nil)
	}
	return epoch < g.Epoch, err
}

// StaleAmong says how many of at most SealedAtOnce records have a key under one
// that the group has no more. It needs nobody's key.
func (g Group) StaleAmong(ctx context.Context, tx *db.Tx, records ...string) (n int, err error) {
	defer errs.Wrap(&err, "keyring.StaleAmong")
	list, err := wrapsOf(ctx, tx, g, records)
	stale := map[string]bool{}
	for _, w := range list {
		if w.batch.group.Epoch < g.Epoch {
			stale[w.record.ID] = true
		}
	}
	return len(stale), err
}

// Renew makes the next key of a record for a group, its own or another, by who
// holds the record's keys. The caller adopts it, seals all of the record anew,
// and then drops the keys before. It is refused to who does not hold all of
// those: what they cannot open would be lost.
func (m *Maker) Renew(g Group, k *Keys) (Prepared, error) {
	if k.partial {
		return Prepared{}, errs.New(errs.Conflict, "", errors.New("not all keys of the record are held"))
	}
	next := k.Record
	next.Epoch++
	return m.prepare(g, next, k.lineage[:])
}

// Adopt makes a key that is kept, see Prepared.Save, the record's key of now.
func (k *Keys) Adopt(p Prepared) {
	k.Record, k.stale = p.Record, false
	k.epochs[p.Record.Epoch] = p.Key
}

// DropBefore takes the keys before that of now away. What is sealed under them
// opens for nobody any more.
func (k *Keys) DropBefore(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM key_wraps WHERE agency = $1 AND owner = $2 AND epoch < $3`,
		k.Record.Agency, k.Record.ID, k.Record.Epoch)
	return err
}
