package audit

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Create begins the log of an agency, at set-up. It makes the key that signs
// its heads.
func Create(ctx context.Context, tx *db.Tx, agency string) (err error) {
	defer errs.Wrap(&err, "audit.Create")
	signer, verifier, err := newSigner()
	if err != nil {
		return err
	}
	head, err := sign(signer, &tree{})
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO audit_logs (agency, verifier, signer, head) VALUES ($1, $2, $3, $4)`, agency, verifier, signer, head)
	return err
}

// pause is how long Run lets entries gather, so that a busy minute takes
// sixty commits and not one for each entry.
const pause = time.Second

// Run puts entries in order, a moment after they were written, until ctx ends.
// failed hears what went wrong; those entries wait and are tried again.
func Run(ctx context.Context, d *db.DB, failed func(error)) { run(ctx, d, pause, failed) }

func run(ctx context.Context, d *db.DB, pause time.Duration, failed func(error)) {
	l := libraryOf(d)
	l.wake() // what a crash left
	wait := time.NewTimer(0)
	for {
		select {
		case <-l.woken:
		case <-ctx.Done():
			return
		}
		wait.Reset(pause)
		select {
		case <-wait.C:
		case <-ctx.Done():
			return
		}
		if err := SequenceAll(ctx, d); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// SequenceAll is Sequence for every agency that has entries waiting.
func SequenceAll(ctx context.Context, d *db.DB) (err error) {
	defer errs.Wrap(&err, "audit.SequenceAll")
	var agencies []string
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		agencies = nil
		rows, err := tx.Query(ctx, `SELECT DISTINCT agency FROM audit_pending`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a string
			if err := rows.Scan(&a); err != nil {
				return err
			}
			agencies = append(agencies, a)
		}
		return rows.Err()
	})
	for _, agency := range agencies {
		err = errors.Join(err, Sequence(ctx, d, agency))
	}
	return err
}

// step is how many entries one transaction puts in order. On SQLite others wait
// for it, some fifteen milliseconds.
const step = 200

// Sequence appends the entries that wait to the log and signs its head. Two
// that run at once, on two nodes perhaps, take turns. It appends nothing to a log
// that does not go on from its signed head: what is wrong must stay visible.
func Sequence(ctx context.Context, d *db.DB, agency string) (err error) {
	defer errs.Wrap(&err, "audit.Sequence")
	for n := step; n == step; {
		waits := false
		err := d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM audit_pending WHERE agency = $1)`, agency).Scan(&waits)
		})
		if err != nil || !waits {
			return err
		}
		err = d.UpdateApart(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			n, err = appendWaiting(ctx, tx, agency)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func appendWaiting(ctx context.Context, tx *db.Tx, agency string) (n int, err error) {
	// The row is locked from here to the commit; whoever comes second finds
	// the head that the first has left.
	if _, err := tx.Exec(ctx, `UPDATE audit_logs SET head = head WHERE agency = $1`, agency); err != nil {
		return 0, err
	}
	l, err := loadLog(ctx, tx, agency)
	if err != nil {
		return 0, err
	}
	t, err := loadTree(ctx, tx, agency, l.head.Size)
	if err != nil {
		return 0, err
	}
	if t.root() != l.head.Root {
		return 0, ErrDamaged
	}
	waiting, err := pending(ctx, tx, agency)
	if err != nil || len(waiting) == 0 {
		return 0, err
	}
	for _, w := range waiting {
		seq := t.size
		_, err := tx.Exec(ctx, `INSERT INTO audit_entries (agency, seq, id, book, tag, sealed, hashes) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			agency, seq, w.id, w.book, w.tag, w.sealed, joinHashes(t.add(w.hash())))
		if err != nil {
			return 0, err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM audit_pending WHERE id = $1`, w.id); err != nil {
			return 0, err
		}
	}
	head, err := sign(l.signer, t)
	if err != nil {
		return 0, err
	}
	if _, err := openCheckpoint(head, l.verifier); err != nil {
		return 0, ErrDamaged // signed with another key than the one it is known by
	}
	_, err = tx.Exec(ctx, `UPDATE audit_logs SET head = $2 WHERE agency = $1`, agency, head)
	return len(waiting), err
}

// pending gives entries that wait. Their order is that of their random ids:
// within a second, the log does not show who came before whom.
func pending(ctx context.Context, tx *db.Tx, agency string) (list []leaf, err error) {
	rows, err := tx.Query(ctx, `SELECT id, book, tag, sealed FROM audit_pending WHERE agency = $1 ORDER BY id LIMIT $2`, agency, step)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		l := leaf{agency: agency}
		if err := rows.Scan(&l.id, &l.book, &l.tag, &l.sealed); err != nil {
			return nil, err
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// log is a row of audit_logs.
type log struct {
	verifier, signer string
	head             Checkpoint
}

func loadLog(ctx context.Context, tx *db.Tx, agency string) (l log, err error) {
	var head string
	err = tx.QueryRow(ctx, `SELECT verifier, signer, head FROM audit_logs WHERE agency = $1`, agency).Scan(&l.verifier, &l.signer, &head)
	if errors.Is(err, sql.ErrNoRows) {
		return l, ErrDamaged
	}
	if err != nil {
		return l, err
	}
	if l.head, err = openCheckpoint(head, l.verifier); err != nil {
		return l, ErrDamaged
	}
	return l, nil
}

// Head gives the signed head of an agency's log, with all in it that was
// written by now.
func Head(ctx context.Context, d *db.DB, agency string) (c Checkpoint, err error) {
	defer errs.Wrap(&err, "audit.Head")
	if err := Sequence(ctx, d, agency); err != nil {
		return c, err
	}
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := loadLog(ctx, tx, agency)
		c = l.head
		return err
	})
	return c, err
}

// Verifier gives the public key of an agency's log, as a signed note's
// verifier key: with it an outsider checks a checkpoint without this program.
func Verifier(ctx context.Context, d *db.DB, agency string) (key string, err error) {
	defer errs.Wrap(&err, "audit.Verifier")
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		l, err := loadLog(ctx, tx, agency)
		key = l.verifier
		return err
	})
	return key, err
}
