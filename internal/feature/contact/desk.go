package contact

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Contact is an opened contact, for a colleague who may read it.
type Contact struct {
	ID       string
	State    State
	Severity int
	Channel  Channel
	Language string
	Arrived  time.Time
	TakenBy  string // a colleague's id
	Mailbox  bool   // whether the person can read replies
	Unread   int
	Incoming Incoming
	Sent     time.Time
	Record   Record
	Lines    []Message
	LastSeq  int64

	tag   audit.Tag
	decoy bool           // nobody sent it; see Decoy
	files map[int64]bool // the numbers of those that were not dropped
}

// access opens a contact's row and key, or says NotFound: the contact may not
// exist, may be somebody else's, or the colleague may not hold the keys. What
// it says is the same. Who may open it with a reason is asked for one.
func (f *Feature) access(ctx context.Context, tx *db.Tx, s *staff.Session, action web.Access, id string) (row, *keyring.Keys, error) {
	if err := f.may(ctx, tx, s, action, id, false); err != nil {
		return row{}, nil, err
	}
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return r, nil, err
	}
	keys, err := f.open(ctx, tx, r, s)
	return r, keys, err
}

// accessToWrite is access for whoever changes something: what was there is
// witnessed, and nothing is sealed under a key that somebody who left could know.
func (f *Feature) accessToWrite(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (r row, keys *keyring.Keys, err error) {
	if r, keys, err = f.access(ctx, tx, s, staff.WriteContact, id); err != nil {
		return r, nil, err
	}
	if err := r.witness(ctx, tx); err != nil {
		return r, nil, err
	}
	return r, keys, f.freshen(ctx, tx, &r, keys)
}

// Get opens a contact for reading.
func (f *Feature) Get(ctx context.Context, s *staff.Session, id string) (c Contact, err error) {
	defer errs.Wrap(&err, "contact.Get")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.ReadContact, id)
		if err != nil {
			return err
		}
		c, err = f.opened(ctx, tx, r, keys)
		return err
	})
	if err == nil {
		err = f.guarded(ctx, s, c)
	}
	if err != nil {
		return Contact{}, err
	}
	return c, nil
}

// reading is the entry of who opens a contact's page, written before it is shown.
func (c Contact) reading() audit.Entry {
	return audit.Entry{Action: string(staff.ReadContact), Record: c.ID, Tag: c.tag}
}

// look opens a contact for part of its page, for which the page's own entry
// stands.
func (f *Feature) look(ctx context.Context, s *staff.Session, id string) (c Contact, err error) {
	if c, err = f.Get(ctx, s, id); err != nil {
		return c, err
	}
	return c, s.ReadOn(ctx, f.DB, c.reading())
}

// Traces opens a contact and gives what finds the entries about it in the log.
func (f *Feature) Traces(ctx context.Context, s *staff.Session, id string) (Contact, audit.Tag, error) {
	c, err := f.Get(ctx, s, id)
	return c, c.tag, err
}

func (f *Feature) opened(ctx context.Context, tx *db.Tx, r row, keys *keyring.Keys) (c Contact, err error) {
	if c, err = f.openedRow(r, keys); err != nil {
		return c, err
	}
	if c.files, err = filesThere(ctx, tx, r); err != nil {
		return c, err
	}
	c.Lines, err = f.conversation(ctx, tx, r, keys, 0)
	return c, err
}

// openedRow is a contact without its conversation.
func (f *Feature) openedRow(r row, keys *keyring.Keys) (c Contact, err error) {
	c = Contact{
		ID: r.ID, State: r.State, Severity: r.Severity, Channel: r.Channel, Language: r.Language, Arrived: r.Arrived,
		TakenBy: r.TakenBy, Mailbox: r.Mailbox != "", Unread: r.Unread, LastSeq: r.LastSeq, tag: audit.TagOf(keys.Lineage()),
	}
	first, err := openIntake(r, keys)
	if err != nil {
		return c, err
	}
	c.Incoming, c.Sent, c.decoy = first.Incoming, db.Time(first.At), first.Decoy
	if c.State == Closed {
		c.Channel, c.Language = first.Channel, first.Language
	}
	c.Record, err = f.openRecord(r, keys, first.Incoming)
	return c, err
}

func openIntake(r row, keys *keyring.Keys) (in intake, err error) {
	b, err := keys.Open(r.place("contacts", "intake"), r.intake)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(b, &in)
}

// openRecord gives the record, or before anybody has written one what follows
// from what the person sent.
func (f *Feature) openRecord(r row, keys *keyring.Keys, in Incoming) (rec Record, err error) {
	if r.record == nil {
		rec = firstRecord(in)
		if f.Place != nil && in.Place != "" {
			at := f.Place(in.Country, in.Place)
			rec.Country, rec.Region = at.Country, at.Region
		}
		return rec, nil
	}
	b, err := keys.Open(r.place("contacts", "record"), r.record)
	if err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(b, &rec)
}

// change runs a deed on a contact that the colleague may open, with its audit
// entry and the hint to other screens in the same transaction.
func (f *Feature) change(ctx context.Context, s *staff.Session, id, deed string, fn func(ctx context.Context, tx *db.Tx, r *row, keys *keyring.Keys) error) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.accessToWrite(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, &r, keys); err != nil {
			return err
		}
		f.hint(tx, Topic(r.Agency, r.ID))
		e, err := r.entry(ctx, tx, string(staff.WriteContact)+" "+deed, keys)
		if err != nil {
			return err
		}
		return s.Log(ctx, tx, e)
	})
}

// RecordKeys gives the keys under which what belongs to a contact is sealed, to
// a colleague who may do the action to it. Who follows what belongs to it may open
// that also while the person waits anew and nobody has taken the contact: it
// goes along when somebody does, and is nobody's loss until then.
// Before something is sealed with them, Freshen looks after them.
func (f *Feature) RecordKeys(ctx context.Context, tx *db.Tx, s *staff.Session, action web.Access, id string, follows bool) (*keyring.Keys, error) {
	if err := f.may(ctx, tx, s, action, id, follows); err != nil {
		return nil, err
	}
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return nil, err
	}
	return f.open(ctx, tx, r, s)
}

// Freshen gives a contact its next key, which the keys then seal with, if
// somebody who left could know the one that it has.
func (f *Feature) Freshen(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	r, err := get(ctx, tx, keys.Record.Agency, keys.Record.ID)
	if err != nil {
		return err
	}
	return f.freshen(ctx, tx, &r, keys)
}
