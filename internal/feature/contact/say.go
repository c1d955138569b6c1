package contact

import (
	"context"
	"errors"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Say adds a colleague's line. A reply (Out) goes into the person's mailbox;
// nothing is sent anywhere: it waits until they come with their code. A note
// only colleagues can read. A key that was used before adds nothing.
func (f *Feature) Say(ctx context.Context, s *staff.Session, id string, kind Kind, words string, once Once) (err error) {
	defer errs.Wrap(&err, "contact.Say")
	if kind != Out && kind != Note {
		return errs.In("kind", "contact.error.code")
	}
	if words, err = message(words); err != nil {
		return err
	}
	if once != "" { // a page has two boxes, and may have one mark for both
		once += Once(" " + id + " " + string(kind))
	}
	digest := once.digest("say "+id+" "+string(kind), words)
	if a, err := f.answered(ctx, once, digest); err != nil || a != nil {
		return err
	}
	err = f.say(ctx, s, id, kind, words, func(ctx context.Context, tx *db.Tx) error {
		return once.claim(ctx, tx, f.Agency, "", answer{Digest: digest})
	})
	if errors.Is(err, errRepeated) {
		return nil // at this very moment, by a second click
	}
	return err
}

func (f *Feature) say(ctx context.Context, s *staff.Session, id string, kind Kind, words string, claim func(context.Context, *db.Tx) error) error {
	return f.change(ctx, s, id, string(kind), func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error {
		if err := claim(ctx, tx); err != nil {
			return err
		}
		if err := f.append(ctx, tx, r, keys, Message{Kind: kind, At: tx.Now, Staff: s.Person.ID, Text: words}); err != nil {
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
		if errs.Is(err, errs.NotFound) {
			// Hidden, and then a backup came back whose content is older than that.
			return errs.New(errs.Conflict, "contact.error.no_mailbox", err)
		}
		if err != nil {
			return err
		}
		first, err := openIntake(*r, keys)
		if err != nil {
			return err
		}
		if box.mark() != first.Box {
			return seal.ErrSealed // somebody put another mailbox in the place of theirs
		}
		return box.add(ctx, tx, item{Kind: itemReply, At: db.Micros(tx.Now), Text: words})
	})
}
