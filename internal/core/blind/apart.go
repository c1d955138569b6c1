package blind

import (
	"context"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Apart notes that a colleague holds a record for somebody else's than others,
// whatever they share: neither is found by the other any more. It is Unavailable
// while the index is sealed, and NotFound for a record that is not in it.
func (i *Index) Apart(ctx context.Context, tx *db.Tx, record string, others ...string) (err error) {
	defer errs.Wrap(&err, "blind.Apart")
	keys := i.held()
	if !i.Open() || i.wanted.Load() {
		return errs.New(errs.Unavailable, "", nil)
	}
	id, err := ids.Parse(record)
	if err != nil {
		return errs.New(errs.NotFound, "", err)
	}
	r, there, err := i.readRow(ctx, tx, keys, record)
	if err != nil {
		return err
	}
	if !there {
		return errs.New(errs.NotFound, "", nil)
	}
	for _, other := range others {
		raw, err := ids.Parse(other)
		if err != nil {
			return errs.New(errs.NotFound, "", err)
		}
		if raw != id && !slices.Contains(r.apart, raw) {
			r.apart = append(r.apart, raw)
		}
	}
	if err := i.putRow(ctx, tx, keys, record, r); err != nil {
		return err
	}
	tx.AfterCommit(func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.table.put(id, r)
	})
	return i.tell(ctx, tx, record)
}

// Forget takes a record out of the index, linked or waiting, in the transaction
// that shreds it. On other nodes it is gone a moment later, and from backups with
// the keys.
func (i *Index) Forget(ctx context.Context, tx *db.Tx, record string) (err error) {
	defer errs.Wrap(&err, "blind.Forget")
	if i == nil {
		return nil
	}
	for _, query := range []string{`DELETE FROM blind_waiting WHERE record = $1`, `DELETE FROM blind_marks WHERE record = $1`} {
		if _, err := tx.Exec(ctx, query, record); err != nil {
			return err
		}
	}
	id, err := ids.Parse(record)
	if err != nil {
		return nil //nolint:nilerr // no such id can be in the index
	}
	tx.AfterCommit(func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		if i.table != nil {
			i.table.drop(id)
		}
	})
	return i.tell(ctx, tx, record)
}
