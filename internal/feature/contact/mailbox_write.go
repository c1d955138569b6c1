package contact

import (
	"context"
	"errors"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// Again is what somebody writes who has written before.
type Again struct {
	Text     string
	Channel  Channel // through which they write now
	Language string  // in which they read the page now, BCP 47; empty: not known
}

func (a *Again) clean() (err error) {
	if a.Text, err = message(a.Text); err != nil {
		return err
	}
	return a.cleanLanguage()
}

func (a *Again) cleanLanguage() (err error) {
	if a.Language == "" {
		a.Language = "und"
	}
	a.Language, err = coded(a.Language)
	return err
}

// WriteAgain adds a line of the person's to their contact. A closed contact
// waits anew, with the channel and the language of now: those it had are
// sealed since it was closed.
func (f *Feature) WriteAgain(ctx context.Context, o *Opened, in Again, once Once) (err error) {
	defer errs.Wrap(&err, "contact.WriteAgain")
	if err := in.clean(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	digest := once.digest("write "+o.box.Lookup, in.Text)
	if a, err := f.answered(ctx, once, digest); err != nil || a != nil {
		return err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := once.claim(ctx, tx, f.Agency, o.box.Lookup, answer{Digest: digest}); err != nil {
			return err
		}
		fault.Step("a message is claimed")
		return f.writeAgain(ctx, tx, o.box.Lookup, in)
	})
	fault.Step("a message is stored and nobody knows")
	if errors.Is(err, errRepeated) {
		return nil
	}
	return err
}

func (f *Feature) writeAgain(ctx context.Context, tx *db.Tx, lookup string, in Again) error {
	return f.goOn(ctx, tx, lookup, in, func(*row) (Message, item, error) { return Message{Text: in.Text}, item{}, nil })
}

// goOn adds a line of the person's, and to their mailbox that something was
// sent. say makes both once the contact is at hand, and may give neither.
func (f *Feature) goOn(ctx context.Context, tx *db.Tx, lookup string, in Again, say func(c *row) (Message, item, error)) error {
	box, err := f.getMailbox(ctx, tx, lookup) // again: it may have been hidden meanwhile
	if err != nil {
		return err
	}
	c, err := get(ctx, tx, f.Agency, box.Contact)
	if err != nil {
		return err
	}
	if err := c.witness(ctx, tx); err != nil {
		return err
	}
	if err := f.freshen(ctx, tx, &c, nil); err != nil {
		return err
	}
	m, it, err := say(&c)
	if err != nil || m.Text == "" && m.Files == nil {
		return err
	}
	now := db.Micros(tx.Now)
	m.Kind, m.At = In, tx.Now
	it.Kind, it.At = itemSent, now
	if err := f.appendSealedTo(ctx, tx, &c, m); err != nil {
		return err
	}
	fault.Step("a message is written")
	e, err := c.entry(ctx, tx, "contact.written", nil)
	if err != nil {
		return err
	}
	if err := audit.Write(ctx, tx, f.Agency, e); err != nil {
		return err
	}
	if c.State == Closed {
		_, err = tx.Exec(ctx, `UPDATE contacts SET state = $2, arrived = $3, taken_by = '', taken = 0, unread = unread + 1, channel = $4, language = $5 WHERE id = $1`,
			c.ID, string(Waiting), now, string(in.Channel), in.Language)
	} else {
		_, err = tx.Exec(ctx, `UPDATE contacts SET unread = unread + 1 WHERE id = $1`, c.ID)
	}
	if err != nil {
		return err
	}
	f.hintOf(tx, queueTopic(f.Agency), c)
	f.hintOf(tx, newTopic(f.Agency), c)
	f.hint(tx, Topic(f.Agency, c.ID))
	return box.add(ctx, tx, it)
}

// Hide closes the mailbox for ever, at once: the code opens nothing from now
// on. The contact itself stays with us, because somebody else may hold the
// code.
func (f *Feature) Hide(ctx context.Context, o *Opened) (err error) {
	defer errs.Wrap(&err, "contact.Hide")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := dropMailbox(ctx, tx, o.box.Agency, o.box.Lookup); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE contacts SET mailbox = '' WHERE id = $1`, o.box.Contact); err != nil {
			return err
		}
		f.hint(tx, Topic(f.Agency, o.box.Contact))
		return nil
	})
}

// dropMailbox deletes a mailbox and the answers that wait for a repeated
// request. The keys of those stay for their day, so that a form that comes
// again does nothing.
func dropMailbox(ctx context.Context, tx *db.Tx, agency, lookup string) error {
	for _, q := range []string{
		`DELETE FROM mailbox_items WHERE agency = $1 AND mailbox = $2`,
		`UPDATE contact_requests SET sealed = NULL WHERE agency = $1 AND mailbox = $2`,
		`DELETE FROM mailboxes WHERE agency = $1 AND lookup = $2`,
	} {
		if _, err := tx.Exec(ctx, q, agency, lookup); err != nil {
			return err
		}
	}
	return nil
}
