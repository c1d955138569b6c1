package contact

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Part is a part of a closed contact that can be deleted without the rest. The
// numbers stand in the database, each a bit.
type Part int

// The parts.
const (
	Attachments Part = 1 << iota
	Transcript       // the lines of the conversation
	Narrative        // what the person sent first, the lines, and the summary
)

// Kept is a closed contact, as whoever decides how long it is kept knows it.
// Nothing of it is opened.
type Kept struct {
	ID    string
	Month time.Time // in which it was closed, its first moment, UTC
	Gone  Part      // what was deleted of it already
	Noted bool      // it has a structured record
}

const keptColumns = `id, closed, gone, sealed_record IS NOT NULL`

func scanKept(from interface{ Scan(...any) error }) (k Kept, err error) {
	var month, gone int64
	err = from.Scan(&k.ID, &month, &gone, &k.Noted)
	k.Month, k.Gone = db.Time(month), Part(gone)
	return k, err
}

// ListKept gives contacts that were closed before a month, by their ids from
// one on. What was closed before Clew wrote down when counts as not closed yet;
// see DateKept.
func ListKept(ctx context.Context, tx *db.Tx, agency string, before time.Time, after string, limit int) (list []Kept, err error) {
	defer errs.Wrap(&err, "contact.ListKept")
	rows, err := tx.Query(ctx, `SELECT `+keptColumns+` FROM contacts WHERE agency = $1 AND state = $2 AND closed > 0 AND closed < $3 AND id > $4
		ORDER BY id LIMIT $5`, agency, string(Closed), db.Micros(before), after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		k, err := scanKept(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

// GetKept gives one, NotFound if there is none or it is not closed.
func GetKept(ctx context.Context, tx *db.Tx, agency, id string) (k Kept, err error) {
	defer errs.Wrap(&err, "contact.GetKept")
	k, err = scanKept(tx.QueryRow(ctx, `SELECT `+keptColumns+` FROM contacts WHERE agency = $1 AND id = $2 AND state = $3`,
		agency, id, string(Closed)))
	if errors.Is(err, sql.ErrNoRows) {
		return k, errs.New(errs.NotFound, "", nil)
	}
	return k, err
}

// DateKept lets contacts that were closed before Clew wrote down when count
// from this month on: later than they could, and never too early.
func DateKept(ctx context.Context, tx *db.Tx, agency string) error {
	_, err := tx.Exec(ctx, `UPDATE contacts SET closed = $3 WHERE agency = $1 AND state = $2 AND closed = 0`,
		agency, string(Closed), db.Micros(month(tx.Now)))
	return err
}

// Shred deletes a contact in the state in which it is, with its mailbox, and
// the keys that open it, in this transaction. Nobody can bring it back, and in
// backups nobody can read it once their keys are gone. Facts stay. Whether it
// may be deleted is for the caller to know.
func (f *Feature) Shred(ctx context.Context, tx *db.Tx, agency, id string) (err error) {
	defer errs.Wrap(&err, "contact.Shred")
	r, err := get(ctx, tx, agency, id)
	if err != nil {
		return err
	}
	if err := keyring.Shred(ctx, tx, agency, id); err != nil {
		return err
	}
	if err := f.Links.Forget(ctx, tx, id); err != nil {
		return err
	}
	if _, err := f.DropFiles(ctx, tx, agency, id); err != nil {
		return err
	}
	for _, q := range []string{
		`DELETE FROM contact_messages WHERE agency = $1 AND contact = $2`,
		`DELETE FROM contact_drafts WHERE agency = $1 AND contact = $2`,
		`DELETE FROM contacts WHERE agency = $1 AND id = $2`,
	} {
		if _, err := tx.Exec(ctx, q, agency, id); err != nil {
			return err
		}
	}
	if r.Mailbox != "" {
		if err := dropMailbox(ctx, tx, agency, r.Mailbox); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() { f.openKeys.drop(id) })
	f.hintOf(tx, queueTopic(agency), r)
	f.hint(tx, Topic(agency, r.ID))
	return nil
}
