package contact

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Reply puts a reply into the person's mailbox. Nothing is sent anywhere: it
// waits until they come with their code.
func (f *Feature) Reply(ctx context.Context, s *staff.Session, id, words string) error {
	return f.say(ctx, s, id, Out, words)
}

// AddNote adds a note that only colleagues can read.
func (f *Feature) AddNote(ctx context.Context, s *staff.Session, id, words string) error {
	return f.say(ctx, s, id, Note, words)
}

func (f *Feature) say(ctx context.Context, s *staff.Session, id string, kind Kind, words string) (err error) {
	defer errs.Wrap(&err, "contact.say")
	if words, err = message(words); err != nil {
		return err
	}
	return f.change(ctx, s, id, string(staff.WriteContact), func(ctx context.Context, tx *db.Tx, r *row, key seal.Key) error {
		if err := f.append(ctx, tx, r, key, Message{Kind: kind, At: tx.Now, Staff: s.Person.ID, Text: words}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET unread = 0 WHERE id = $1`, r.ID); err != nil {
			return err
		}
		if err := dropDraft(ctx, tx, r.ID, s.Person.ID, kind); err != nil {
			return err
		}
		if kind != Out {
			return nil
		}
		if r.Mailbox == "" {
			return errs.New(errs.Conflict, "contact.error.no_mailbox", nil)
		}
		box, err := f.getMailbox(ctx, tx, r.Mailbox)
		if err != nil {
			return err
		}
		first, err := openIntake(*r, key)
		if err != nil {
			return err
		}
		if box.mark() != first.Box {
			return seal.ErrSealed // somebody put another mailbox in the place of theirs
		}
		return box.add(ctx, tx, item{Kind: itemReply, At: db.Micros(tx.Now), Text: words})
	})
}
