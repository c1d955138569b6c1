package blind

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// row is what the index keeps of a record, opened.
type row struct {
	marks []mark
	apart []ids.Raw // records that were told apart from it by hand
}

// encode gives how many marks, the marks, and whom it was told apart from. Up
// to seven of those the sealed row has one size.
func (r row) encode() []byte {
	b := make([]byte, 0, 1+len(r.marks)*(1+markSize)+len(r.apart)*16)
	b = append(b, byte(len(r.marks)))
	for _, m := range r.marks {
		b = append(append(b, byte(m.kind)), m.mac[:]...)
	}
	for _, id := range r.apart {
		b = append(b, id[:]...)
	}
	return b
}

func decodeRow(b []byte) (r row, err error) {
	if len(b) < 1 || int(b[0]) > maxMarks || len(b) < 1+int(b[0])*(1+markSize) {
		return r, seal.ErrSealed
	}
	n := int(b[0])
	for b = b[1:]; n > 0; n-- {
		r.marks = append(r.marks, mark{Kind(b[0]), [markSize]byte(b[1 : 1+markSize])})
		b = b[1+markSize:]
	}
	for ; len(b) >= 16; b = b[16:] {
		r.apart = append(r.apart, ids.Raw(b[:16]))
	}
	if len(b) > 0 {
		return r, seal.ErrSealed
	}
	return r, nil
}

// place is where a sealed part of the index belongs.
func (i *Index) place(table, record string, epoch int) seal.Place {
	return seal.Place{Agency: i.agency, Record: record, Table: table, Row: record, Schema: 1, Epoch: epoch}
}

// openRow opens a row of any epoch that the ring holds; its marks are those of
// the newest.
func (i *Index) openRow(keys ring, record string, epoch int, sealed []byte) (r row, err error) {
	if epoch < 1 || epoch > len(keys) {
		return r, seal.ErrSealed
	}
	b, err := keys[epoch-1].key.Open(i.place("blind_marks", record, epoch), sealed)
	if err != nil {
		return r, err
	}
	if r, err = decodeRow(b); err != nil {
		return r, err
	}
	for n, m := range r.marks {
		r.marks[n] = keys.next(m, epoch)
	}
	return r, nil
}

// readRow gives a record's row, and false if there is none.
func (i *Index) readRow(ctx context.Context, tx *db.Tx, keys ring, record string) (r row, there bool, err error) {
	var epoch int
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT epoch, sealed FROM blind_marks WHERE agency = $1 AND record = $2`, i.agency, record).Scan(&epoch, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil {
		return r, false, err
	}
	r, err = i.openRow(keys, record, epoch, sealed)
	return r, true, err
}

// putRow seals a record's row under the newest key of the ring.
func (i *Index) putRow(ctx context.Context, tx *db.Tx, keys ring, record string, r row) error {
	epoch := len(keys)
	_, err := tx.Exec(ctx, `INSERT INTO blind_marks (record, agency, epoch, sealed) VALUES ($1, $2, $3, $4)
		ON CONFLICT (record) DO UPDATE SET epoch = excluded.epoch, sealed = excluded.sealed`,
		record, i.agency, epoch, keys[epoch-1].key.Seal(i.place("blind_marks", record, epoch), r.encode()))
	return err
}

// tell says to the other nodes which records changed.
func (i *Index) tell(ctx context.Context, tx *db.Tx, records ...string) error {
	var last int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM blind_news WHERE agency = $1`, i.agency).Scan(&last); err != nil {
		return err
	}
	for n, record := range records {
		if _, err := tx.Exec(ctx, `INSERT INTO blind_news (agency, seq, record) VALUES ($1, $2, $3)`, i.agency, last+1+int64(n), record); err != nil {
			return err
		}
	}
	tx.Notify(Topic(i.agency))
	return nil
}
