package blind

import (
	"context"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func isSealed(err error) bool { return errors.Is(err, seal.ErrSealed) }

// catchUp brings the table in memory to what is on disk: by the news, or by
// reading all of it where it was never read, the key is another or the news
// do not reach back far enough.
func (i *Index) catchUp(ctx context.Context, keys ring) error {
	i.mu.RLock()
	fresh := i.table == nil || i.epoch != len(keys)
	i.mu.RUnlock()
	for !fresh {
		n, missed, err := i.readNews(ctx, keys)
		if err != nil || n == 0 && !missed {
			return err
		}
		fresh = missed
	}
	return i.load(ctx, keys)
}

// load reads all rows. Who asks meanwhile gets what was known before.
func (i *Index) load(ctx context.Context, keys ring) error {
	var t *table
	var seq int64
	err := i.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM blind_news WHERE agency = $1`, i.agency).Scan(&seq); err != nil {
			return err
		}
		var size int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM blind_marks WHERE agency = $1`, i.agency).Scan(&size); err != nil {
			return err
		}
		t = newTable(size)
		return i.loadInto(ctx, tx, keys, t)
	})
	if err != nil {
		return err
	}
	i.mu.Lock()
	i.table, i.epoch, i.seq = t, len(keys), seq
	i.mu.Unlock()
	return nil
}

func (i *Index) loadInto(ctx context.Context, tx *db.Tx, keys ring, t *table) error {
	rows, err := tx.Query(ctx, `SELECT record, epoch, sealed FROM blind_marks WHERE agency = $1`, i.agency)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var w waiting
		if err := rows.Scan(&w.record, &w.epoch, &w.sealed); err != nil {
			return err
		}
		r, err := i.openRow(keys, w.record, w.epoch, w.sealed)
		if err != nil {
			continue // of a newer key, for which it is loaded again; or meddled with
		}
		if id, err := ids.Parse(w.record); err == nil {
			t.put(id, r)
		}
	}
	return rows.Err()
}

// newsRead is how many news one look takes.
const newsRead = 500

// readNews takes the next news into the table. missed says that some are gone.
func (i *Index) readNews(ctx context.Context, keys ring) (n int, missed bool, err error) {
	changed := map[ids.Raw]row{}
	last := i.seq
	err = i.db.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		records, first, err := i.news(ctx, tx)
		if err != nil || len(records) == 0 {
			return err
		}
		n, missed = len(records), first != i.seq+1
		last = first + int64(n) - 1
		for _, record := range records {
			id, err := ids.Parse(record)
			if err != nil {
				return err
			}
			r, _, err := i.readRow(ctx, tx, keys, record)
			if err != nil && !isSealed(err) {
				return err
			}
			changed[id] = r // without a row: nothing
		}
		return nil
	})
	if err != nil || missed {
		return n, missed, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	for id, r := range changed {
		i.table.put(id, r)
	}
	i.seq = last
	return n, false, nil
}

func (i *Index) news(ctx context.Context, tx *db.Tx) (records []string, first int64, err error) {
	rows, err := tx.Query(ctx, `SELECT seq, record FROM blind_news WHERE agency = $1 AND seq > $2 ORDER BY seq LIMIT $3`, i.agency, i.seq, newsRead)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var record string
		if err := rows.Scan(&seq, &record); err != nil {
			return nil, 0, err
		}
		if len(records) == 0 {
			first = seq
		}
		records = append(records, record)
	}
	return records, first, rows.Err()
}

// sweep forgets news that are some minutes old: in which order records came
// shall not stay on disk. The last one stays, to count on from. It also turns the
// index to its next key where the group has turned and nobody wrote since.
func (i *Index) sweep(ctx context.Context) error {
	if i == nil {
		return nil
	}
	return i.db.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := i.Ensure(ctx, tx); err != nil {
			return err
		}
		var last int64
		if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM blind_news WHERE agency = $1`, i.agency).Scan(&last); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM blind_news WHERE agency = $1 AND seq < $2`, i.agency, i.old[0]); err != nil {
			return err
		}
		tx.AfterCommit(func() { i.old = [2]int64{i.old[1], last} })
		return nil
	})
}
