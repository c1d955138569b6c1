package contact

import (
	"context"
	"database/sql"
	"errors"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// SaveDraft keeps what a colleague is writing, sealed, so that neither a crash
// nor a locked screen loses it. Empty text drops the draft.
func (f *Feature) SaveDraft(ctx context.Context, s *staff.Session, id string, kind Kind, words string) (err error) {
	defer errs.Wrap(&err, "contact.SaveDraft")
	if kind != Out && kind != Note {
		return errs.In("kind", "contact.error.code")
	}
	words = text.Clean(words)
	if !text.Fits(words, MaxText) {
		return &errs.Error{Kind: errs.TooLarge, Word: "contact.error.text_long", Field: "text"}
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.WriteContact, id)
		if err != nil {
			return err
		}
		if err := f.freshen(ctx, tx, &r, keys); err != nil {
			return err
		}
		if words == "" {
			return dropDraft(ctx, tx, id, s.Person.ID, kind)
		}
		_, err = tx.Exec(ctx, `INSERT INTO contact_drafts (contact, staff, kind, agency, sealed) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (contact, staff, kind) DO UPDATE SET sealed = excluded.sealed`,
			id, s.Person.ID, string(kind), r.Agency, keys.Seal(r.draftPlace(s.Person.ID, string(kind)), []byte(words)))
		return err
	})
}

// Draft gives back what the colleague was writing.
func (f *Feature) Draft(ctx context.Context, s *staff.Session, id string, kind Kind) (words string, err error) {
	defer errs.Wrap(&err, "contact.Draft")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.WriteContact, id)
		if err != nil {
			return err
		}
		var sealed []byte
		err = tx.QueryRow(ctx, `SELECT sealed FROM contact_drafts WHERE contact = $1 AND staff = $2 AND kind = $3`, id, s.Person.ID, string(kind)).
			Scan(&sealed)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		b, err := keys.Open(r.draftPlace(s.Person.ID, string(kind)), sealed)
		words = string(b)
		return err
	})
	return words, err
}

func (r row) draftPlace(staffID, kind string) seal.Place {
	return r.place("contact_drafts", staffID+" "+kind)
}

func dropDraft(ctx context.Context, tx *db.Tx, id, staffID string, kind Kind) error {
	_, err := tx.Exec(ctx, `DELETE FROM contact_drafts WHERE contact = $1 AND staff = $2 AND kind = $3`, id, staffID, string(kind))
	return err
}
