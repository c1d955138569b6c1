package contact

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// SaveRecord keeps the structured record, sealed.
func (f *Feature) SaveRecord(ctx context.Context, s *staff.Session, id string, rec Record) (err error) {
	defer errs.Wrap(&err, "contact.SaveRecord")
	if err := rec.clean(); err != nil {
		return err
	}
	return f.change(ctx, s, id, "record", func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
		return f.putRecord(ctx, tx, r, keys, rec)
	})
}

func (f *Feature) putRecord(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys, rec Record) error {
	first, err := openIntake(*r, keys)
	if err != nil {
		return err
	}
	before, err := f.openRecord(*r, keys, first.Incoming)
	if err != nil {
		return err
	}
	if err := f.relink(ctx, tx, r, before, rec); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE contacts SET sealed_record = $2 WHERE id = $1`,
		r.ID, keys.Seal(r.place("contacts", "record"), encode(rec)))
	return err
}

// Close finishes a contact: the record must be complete, the month's figures
// count it, and what was in clear for the queue is coarsened to the month.
func (f *Feature) Close(ctx context.Context, s *staff.Session, id string, rec Record) (err error) {
	defer errs.Wrap(&err, "contact.Close")
	if err := rec.clean(); err != nil {
		return err
	}
	if missing := rec.Missing(); len(missing) > 0 {
		return errs.In(missing[0], "contact.error.missing")
	}
	return f.change(ctx, s, id, "closed", func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
		if r.State != Active {
			return errs.New(errs.Conflict, "contact.error.not_active", nil)
		}
		if err := f.putRecord(ctx, tx, r, keys, rec); err != nil {
			return err
		}
		if err := f.append(ctx, tx, r, keys, Message{Kind: Log, At: tx.Now, Staff: s.Person.ID, Text: "closed"}); err != nil {
			return err
		}
		first, err := openIntake(*r, keys)
		if err != nil {
			return err
		}
		if err := f.count(ctx, tx, *r, rec, db.Time(first.At)); err != nil {
			return err
		}
		// Channel and language are codes of the facts too: of a rare language
		// there is one fact, and whoever has the disk would know whose. They
		// stay in the sealed intake.
		_, err = tx.Exec(ctx, `UPDATE contacts SET state = $2, severity = $3, arrived = $4, taken = 0, unread = 0, channel = '', language = '', closed = $5, gone = 0 WHERE id = $1`,
			r.ID, string(Closed), SeverityUsual, db.Micros(month(r.Arrived)), db.Micros(month(tx.Now)))
		f.hintOf(tx, queueTopic(r.Agency), *r)
		return err
	})
}

// month is the first moment of t's month, UTC.
func month(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
}
