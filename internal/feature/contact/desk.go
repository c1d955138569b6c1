package contact

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
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

	tag audit.Tag
}

// access opens a contact's row and key, or says NotFound: the contact may not
// exist, may be somebody else's, or the colleague may not hold the key. What
// it says is the same.
func (f *Feature) access(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (row, seal.Key, error) {
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return r, seal.Key{}, err
	}
	if !mayOpen(s, r) {
		return r, seal.Key{}, errs.New(errs.NotFound, "", nil)
	}
	key, err := f.key(ctx, tx, r, s.Person.ID, s.Pair)
	return r, key, err
}

// mayOpen is the rule of who may open a contact: who has taken it, and a
// supervisor. A waiting contact is opened by taking it.
func mayOpen(s *staff.Session, r row) bool {
	return r.TakenBy == s.Person.ID || s.Person.Role == staff.Supervisor
}

// Get opens a contact for reading.
func (f *Feature) Get(ctx context.Context, s *staff.Session, id string) (c Contact, err error) {
	defer errs.Wrap(&err, "contact.Get")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, key, err := f.access(ctx, tx, s, id)
		if err != nil {
			return err
		}
		c, err = f.opened(ctx, tx, r, key)
		return err
	})
	return c, err
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

func (f *Feature) opened(ctx context.Context, tx *db.Tx, r row, key seal.Key) (c Contact, err error) {
	if c, err = f.openedRow(r, key); err != nil {
		return c, err
	}
	c.Lines, err = f.conversation(ctx, tx, r, key, 0)
	return c, err
}

// openedRow is a contact without its conversation.
func (f *Feature) openedRow(r row, key seal.Key) (c Contact, err error) {
	c = Contact{
		ID: r.ID, State: r.State, Severity: r.Severity, Channel: r.Channel, Language: r.Language, Arrived: r.Arrived,
		TakenBy: r.TakenBy, Mailbox: r.Mailbox != "", Unread: r.Unread, LastSeq: r.LastSeq, tag: audit.TagOf(key),
	}
	first, err := openIntake(r, key)
	if err != nil {
		return c, err
	}
	c.Incoming, c.Sent = first.Incoming, db.Time(first.At)
	if c.State == Closed {
		c.Channel, c.Language = first.Channel, first.Language
	}
	c.Record, err = f.openRecord(r, key, first.Incoming)
	return c, err
}

func openIntake(r row, key seal.Key) (in intake, err error) {
	b, err := key.Open(r.place("contacts", "intake"), r.intake)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(b, &in)
}

// openRecord gives the record, or before anybody has written one what follows
// from what the person sent.
func (f *Feature) openRecord(r row, key seal.Key, in Incoming) (rec Record, err error) {
	if r.record == nil {
		rec = firstRecord(in)
		if f.Place != nil && in.Place != "" {
			at := f.Place(in.Country, in.Place)
			rec.Country, rec.Region = at.Country, at.Region
		}
		return rec, nil
	}
	b, err := key.Open(r.place("contacts", "record"), r.record)
	if err != nil {
		return rec, err
	}
	return rec, json.Unmarshal(b, &rec)
}

// change runs a deed on a contact that the colleague may open, with its audit
// entry and the hint to other screens in the same transaction.
func (f *Feature) change(ctx context.Context, s *staff.Session, id, deed string, fn func(ctx context.Context, tx *db.Tx, r *row, key seal.Key) error) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, key, err := f.access(ctx, tx, s, id)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, &r, key); err != nil {
			return err
		}
		f.hint(tx, Topic(r.Agency, r.ID))
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.WriteContact) + " " + deed, Record: id, Tag: audit.TagOf(key)})
	})
}

// RecordKey gives the key under which what belongs to a contact is sealed, to
// a colleague who may open the contact. Who follows what belongs to it may open
// that also while the person waits anew and nobody has taken the contact: it
// goes along when somebody does, and is nobody's loss until then.
func (f *Feature) RecordKey(ctx context.Context, tx *db.Tx, s *staff.Session, id string, follows bool) (seal.Key, keyring.Record, error) {
	r, err := get(ctx, tx, s.Person.Agency, id)
	if err != nil {
		return seal.Key{}, keyring.Record{}, err
	}
	if !mayOpen(s, r) && !(follows && r.State == Waiting) {
		return seal.Key{}, keyring.Record{}, errs.New(errs.NotFound, "", nil)
	}
	key, err := f.key(ctx, tx, r, s.Person.ID, s.Pair)
	return key, r.keyRecord(), err
}
