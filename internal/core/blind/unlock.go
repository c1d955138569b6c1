package blind

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Unlock brings the index key into memory with the key of a signed-in member of
// the group. Whoever is none, or lacks a key of before their time, changes
// nothing. Once everything is open it does nothing: it may be called with every
// request. The index stays open until the program ends.
func (i *Index) Unlock(ctx context.Context, member string, pair *seal.Pair) (err error) {
	defer errs.Wrap(&err, "blind.Unlock")
	if i == nil || !i.wanted.Load() {
		return nil
	}
	var keys ring
	err = i.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err = i.openAll(ctx, tx, member, pair)
		return err
	})
	if errs.Is(err, errs.NotFound) {
		return nil
	}
	if err != nil || len(keys) == 0 {
		return err
	}
	i.mu.Lock()
	if len(keys) > len(i.keys) {
		i.keys = keys
	}
	i.wanted.Store(false) // Work looks whether a newer one came meanwhile
	i.mu.Unlock()
	i.Wake()
	return nil
}

// openAll opens the index key of every epoch.
func (i *Index) openAll(ctx context.Context, tx *db.Tx, member string, pair *seal.Pair) (keys ring, err error) {
	group, err := keyring.Find(ctx, tx, i.agency, i.group)
	if err != nil {
		return nil, err
	}
	opened, err := group.Open(ctx, tx, member, pair)
	if err != nil {
		return nil, err
	}
	records, err := i.keyRecords(ctx, tx)
	if err != nil {
		return nil, err
	}
	for _, r := range records {
		secret, err := opened.Key(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		k, err := newKey(secret)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// keyRecords names the index keys in the keyring, oldest first.
func (i *Index) keyRecords(ctx context.Context, tx *db.Tx) (list []keyring.Record, err error) {
	rows, err := tx.Query(ctx, `SELECT record FROM blind_keys WHERE agency = $1 ORDER BY epoch`, i.agency)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r := keyring.Record{Agency: i.agency, Epoch: 1}
		if err := rows.Scan(&r.ID); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}
