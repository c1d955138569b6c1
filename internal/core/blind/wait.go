package blind

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Prepared is what a record names, sealed for the index. Making it takes no
// transaction, so it is done before the one that others wait for. The zero
// Prepared keeps nothing.
type Prepared struct {
	index  *Index
	record string
	to     *publicKey
	sealed []byte
}

// waitingSize in bytes is what one row holds of what was named, whatever that
// is: that somebody left a number does not show.
const waitingSize = 1000

// Prepare seals what a record names to the index key's public half. It is the
// same work whatever is named, and whoever named it before: nothing is
// compared, and nobody who writes to us can learn from it. A record that names
// nothing is prepared too.
func (i *Index) Prepare(ctx context.Context, record string, named ...Named) (p Prepared, err error) {
	defer errs.Wrap(&err, "blind.Prepare")
	if i == nil {
		return p, nil
	}
	if _, err := ids.Parse(record); err != nil {
		return p, err
	}
	to, err := i.sealTo(ctx)
	if err != nil || to == nil {
		return p, err
	}
	return i.prepare(record, to, named)
}

func (i *Index) prepare(record string, to *publicKey, named []Named) (p Prepared, err error) {
	p = Prepared{index: i, record: record, to: to}
	p.sealed, err = seal.To(to.Public, i.place("blind_waiting", record, to.Epoch), encodeNamed(named))
	return p, err
}

// Put is Prepare and Save in one transaction, for a record that a colleague
// changes.
func (i *Index) Put(ctx context.Context, tx *db.Tx, record string, named ...Named) (err error) {
	defer errs.Wrap(&err, "blind.Put")
	if i == nil {
		return nil
	}
	if err := i.Ensure(ctx, tx); err != nil {
		return err
	}
	to, err := i.newest(ctx, tx)
	if err != nil || to == nil {
		return err
	}
	p, err := i.prepare(record, to, named)
	if err != nil {
		return err
	}
	return p.Save(ctx, tx)
}

// Save keeps it, in the transaction that makes or changes the record. It says
// keyring.ErrTurned where the group has another key by now: prepare it again.
func (p Prepared) Save(ctx context.Context, tx *db.Tx) error {
	i := p.index
	if i == nil {
		return nil
	}
	var epoch, groupEpoch, now int
	err := tx.QueryRow(ctx, `SELECT k.epoch, k.group_epoch, g.epoch FROM blind_keys k JOIN key_groups g ON g.id = k.group_id
		WHERE k.agency = $1 ORDER BY k.epoch DESC LIMIT 1`, i.agency).Scan(&epoch, &groupEpoch, &now)
	if err != nil {
		return err
	}
	if epoch != p.to.Epoch || groupEpoch != now {
		i.public.Store(nil)
		return keyring.ErrTurned
	}
	_, err = tx.Exec(ctx, `INSERT INTO blind_waiting (record, agency, epoch, at, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (record) DO UPDATE SET epoch = excluded.epoch, sealed = excluded.sealed`,
		p.record, i.agency, epoch, db.Micros(tx.Now), p.sealed)
	tx.Notify(Topic(i.agency))
	return err
}

// Knows says whether the index has a record, linked or waiting. One from before
// there was an index is not in it until it is prepared and saved.
func (i *Index) Knows(ctx context.Context, tx *db.Tx, record string) (bool, error) {
	if i == nil {
		return false, nil
	}
	var n int
	err := tx.QueryRow(ctx, `SELECT (SELECT COUNT(*) FROM blind_waiting WHERE record = $1) + (SELECT COUNT(*) FROM blind_marks WHERE record = $1)`, record).Scan(&n)
	return n > 0, err
}

// encodeNamed gives JSON, filled up with spaces to one size.
func encodeNamed(named []Named) []byte {
	b, err := json.Marshal(readable(named))
	if err != nil {
		panic(err) // texts and numbers always have a JSON form
	}
	return append(b, bytes.Repeat([]byte(" "), max(0, waitingSize-len(b)))...)
}

// readable leaves out what is too long to name anything.
func readable(named []Named) (list []Named) {
	for _, n := range named {
		if n.Text != "" && len(n.Text) <= maxAddress && len(n.Place) <= maxAddress && len(list) < maxMarks {
			list = append(list, n)
		}
	}
	return list
}
