package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// covers says what goes with a part: the narrative has the conversation in it,
// and that its files.
func (p Part) covers() Part {
	switch p {
	case Narrative:
		return Narrative | Transcript | Attachments
	case Transcript:
		return Transcript | Attachments
	case Attachments:
	}
	return Attachments
}

// Strip deletes a part of a closed contact, with the key of a colleague who is
// in its group, and gives what remains a new key: the part is gone here, and in
// a backup nobody reads it once the keys of then are gone. Where the colleague
// cannot open all of the contact it is NotFound or a Conflict, and nothing has
// changed. Whether the part may be deleted is for the caller to know. It gives
// the keys, for the log.
//
// The person's mailbox stays, without our answers, so that their code can still
// ask for all to be deleted. Whoever has the code and an old copy of the content
// can read those: the hotline cannot.
func (f *Feature) Strip(ctx context.Context, tx *db.Tx, s *staff.Session, id string, part Part) (keys *keyring.Keys, err error) {
	defer errs.Wrap(&err, "contact.Strip")
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return nil, err
	}
	if r.State != Closed {
		return nil, errs.New(errs.Conflict, "", nil)
	}
	if keys, err = f.open(ctx, tx, r, s); err != nil {
		return nil, err
	}
	if err := r.witness(ctx, tx); err != nil {
		return nil, err
	}
	if err := f.strip(ctx, tx, &r, keys, part.covers()); err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `UPDATE contacts SET gone = gone | $2 WHERE id = $1`, r.ID, int64(part.covers())); err != nil {
		return nil, err
	}
	g, err := r.group(ctx, tx)
	if err != nil {
		return nil, err
	}
	f.hint(tx, Topic(r.Agency, r.ID))
	return keys, f.renew(ctx, tx, &r, keys, g, s.Person.ID)
}

func (f *Feature) strip(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys, parts Part) error {
	if _, err := f.DropFiles(ctx, tx, r.Agency, r.ID); err != nil {
		return err
	}
	if parts&Transcript != 0 {
		for _, q := range []string{
			`DELETE FROM contact_messages WHERE agency = $1 AND contact = $2`,
			`DELETE FROM contact_drafts WHERE agency = $1 AND contact = $2`,
		} {
			if _, err := tx.Exec(ctx, q, r.Agency, r.ID); err != nil {
				return err
			}
		}
		// The first item says whose mailbox it is, and no more.
		if _, err := tx.Exec(ctx, `DELETE FROM mailbox_items WHERE agency = $1 AND mailbox = $2 AND seq > 1`, r.Agency, r.Mailbox); err != nil {
			return err
		}
		if err := r.stripIntake(keys, parts); err != nil {
			return err
		}
	}
	if parts&Narrative != 0 {
		return f.stripSummary(r, keys)
	}
	return nil
}

// stripIntake notes in what came in that the conversation is gone, and with the
// narrative takes out what the person wrote.
func (r *row) stripIntake(keys *keyring.Keys, parts Part) error {
	first, err := openIntake(*r, keys)
	if err != nil {
		return err
	}
	first.Stripped = r.LastSeq
	if parts&Narrative != 0 {
		first.Text = ""
		if !oneOf(Abouts, first.About) {
			first.About = ""
		}
	}
	r.intake = keys.Seal(r.place("contacts", "intake"), encode(first))
	return nil
}

func (f *Feature) stripSummary(r *row, keys *keyring.Keys) error {
	if r.record == nil {
		return nil
	}
	rec, err := f.openRecord(*r, keys, Incoming{})
	if err != nil {
		return err
	}
	rec.Summary, rec.AboutWords = "", ""
	r.record = keys.Seal(r.place("contacts", "record"), encode(rec))
	return nil
}
