package blind

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// batch is how many records one transaction links: few, because on SQLite all
// who write wait for it.
const batch = 20

// Work does what there is to do and returns: it loads the index, links what
// waits, in the order in which it came, and seals rows of old keys anew. While the
// index is sealed it does nothing. It may be broken off anywhere, and run on
// several nodes at once: what waits is linked and taken off the list in one
// transaction, by whoever is first.
func (i *Index) Work(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "blind.Work")
	if i == nil {
		return nil
	}
	i.work.Lock()
	defer i.work.Unlock()
	for more := true; more; {
		keys, err := i.current(ctx)
		if err != nil || len(keys) == 0 {
			return err
		}
		if err := i.catchUp(ctx, keys); err != nil {
			return err
		}
		if i.wanted.Load() {
			return nil // what waits is sealed to a key that nobody has brought yet
		}
		linked, err := i.link(ctx, keys)
		if err != nil {
			return err
		}
		renewed := 0
		if linked == 0 {
			if renewed, err = i.renew(ctx, keys); err != nil {
				return err
			}
		}
		more = linked+renewed > 0
	}
	return nil
}

// current gives the keys in memory, and notes if a newer one is wanted.
func (i *Index) current(ctx context.Context) (keys ring, err error) {
	now, err := i.sealTo(ctx)
	i.mu.RLock() // against Unlock, which may bring in this moment what is wanted
	defer i.mu.RUnlock()
	if now == nil || now.Epoch > len(i.keys) {
		i.wanted.Store(true)
	}
	return i.keys, err
}

// waiting is a row of what waits.
type waiting struct {
	record string
	epoch  int
	sealed []byte
}

// link links the first that wait and says how many there were.
func (i *Index) link(ctx context.Context, keys ring) (n int, err error) {
	var list []waiting
	err = i.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = i.first(ctx, tx, `SELECT record, epoch, sealed FROM blind_waiting WHERE agency = $1 AND epoch <= $2 ORDER BY at, record LIMIT $3`, len(keys))
		return err
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	marks := make([][]mark, len(list)) // before the transaction, because opening takes long
	for n, w := range list {
		marks[n] = keys.marks(i.openWaiting(keys, w))
	}
	err = i.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		for n, w := range list {
			if err := i.linkOne(ctx, tx, keys, w, marks[n]); err != nil {
				return err
			}
		}
		return nil
	})
	if db.IsUnique(err) { // another node told its news in the same moment
		err = nil
	}
	return len(list), err
}

// openWaiting gives what a record names. What does not open was meddled with,
// and names nothing.
func (i *Index) openWaiting(keys ring, w waiting) (named []Named) {
	b, err := keys[w.epoch-1].pair.Open(i.place("blind_waiting", w.record, w.epoch), w.sealed)
	if err != nil || json.Unmarshal(b, &named) != nil {
		return nil
	}
	return named
}

// linkOne makes a record's marks these, if it still waits with what they were made of.
func (i *Index) linkOne(ctx context.Context, tx *db.Tx, keys ring, w waiting, marks []mark) error {
	var now []byte
	err := tx.QueryRow(ctx, `SELECT COALESCE((SELECT sealed FROM blind_waiting WHERE record = $1), $2)`, w.record, []byte{}).Scan(&now)
	if err != nil || !bytes.Equal(now, w.sealed) {
		return err // another node was quicker, or it was changed or forgotten meanwhile
	}
	if _, err := tx.Exec(ctx, `DELETE FROM blind_waiting WHERE record = $1`, w.record); err != nil {
		return err
	}
	r, _, err := i.readRow(ctx, tx, keys, w.record)
	if err != nil && !isSealed(err) {
		return err
	}
	r.marks = marks
	if err := i.putRow(ctx, tx, keys, w.record, r); err != nil {
		return err
	}
	if len(marks) > 0 && i.Linked != nil {
		i.Linked(tx, w.record)
	}
	return i.tell(ctx, tx, w.record)
}

// renew seals rows of old keys under the newest one, and says how many.
func (i *Index) renew(ctx context.Context, keys ring) (n int, err error) {
	err = i.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := i.first(ctx, tx, `SELECT record, epoch, sealed FROM blind_marks WHERE agency = $1 AND epoch < $2 ORDER BY epoch, record LIMIT $3`, len(keys))
		if err != nil {
			return err
		}
		n = len(list)
		for _, w := range list {
			r, err := i.openRow(keys, w.record, w.epoch, w.sealed)
			if err != nil && !isSealed(err) {
				return err
			} // what does not open was meddled with: it becomes a row without marks
			if err := i.putRow(ctx, tx, keys, w.record, r); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// first reads up to a batch of rows.
func (i *Index) first(ctx context.Context, tx *db.Tx, query string, epoch int) (list []waiting, err error) {
	rows, err := tx.Query(ctx, query, i.agency, epoch, batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var w waiting
		if err := rows.Scan(&w.record, &w.epoch, &w.sealed); err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	return list, rows.Err()
}
