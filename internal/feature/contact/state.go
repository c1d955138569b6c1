package contact

import (
	"context"
	"database/sql"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// StateOf is a hash over what is sealed of a contact, and audit.Gone where there is
// none. Drafts, which leave no entry, and the mailbox are not in it.
func StateOf(ctx context.Context, tx *db.Tx, agency, id string) (_ audit.State, err error) {
	defer errs.Wrap(&err, "contact.StateOf")
	r, err := get(ctx, tx, agency, id)
	if errs.Is(err, errs.NotFound) {
		return audit.Gone, nil
	}
	if err != nil {
		return "", err
	}
	s := audit.NewSummer("contact")
	s.Text(r.Group)
	s.Number(r.LastSeq)
	s.Bytes(r.intake)
	s.Bytes(r.record)
	lines, err := db.Collect(ctx, tx, scanLine, `SELECT seq, by_key, sealed FROM contact_messages WHERE contact = $1 ORDER BY seq`, id)
	if err != nil {
		return "", err
	}
	for _, l := range lines {
		s.Number(l.seq)
		s.Number(l.byKey)
		s.Bytes(l.sealed)
	}
	files, err := db.Collect(ctx, tx, func(rows *sql.Rows) (l line, err error) {
		err = rows.Scan(&l.seq, &l.byKey, &l.sealed)
		return l, err
	}, `SELECT n, by_key, sealed FROM contact_files WHERE contact = $1 ORDER BY n`, id)
	for _, l := range files {
		s.Number(l.seq)
		s.Number(l.byKey)
		s.Bytes(l.sealed)
	}
	return s.State(), err
}

// IDs gives some contacts after one, in an order that stays; none at the end.
func (f *Feature) IDs(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error) {
	return db.Strings(ctx, tx, `SELECT id FROM contacts WHERE agency = $1 AND id > $2 ORDER BY id LIMIT $3`, agency, after, limit)
}

// witness remembers what is there before a deed.
func (r *row) witness(ctx context.Context, tx *db.Tx) (err error) {
	r.was, err = StateOf(ctx, tx, r.Agency, r.ID)
	return err
}

// entry is that of a deed that changed a witnessed contact. keys is nil where it
// was done without.
func (r *row) entry(ctx context.Context, tx *db.Tx, action string, keys *keyring.Keys) (e audit.Entry, err error) {
	e = audit.Entry{Action: action, Record: r.ID, Was: r.was}
	if keys != nil {
		e.Tag = audit.TagOf(keys.Lineage())
	}
	e.Is, err = StateOf(ctx, tx, r.Agency, r.ID)
	r.was = e.Is
	return e, err
}
