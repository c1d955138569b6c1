package contact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// mailbox is what a code opens, as it stands in the database.
type mailbox struct {
	Lookup  string
	Agency  string
	Contact string
	Cost    seal.Cost
	Public  seal.Public
	LastSeq int64
}

// item is one line of a mailbox: a reply, or that the person sent something.
// What they sent is not in it.
type item struct {
	Kind string `json:"kind"`
	At   int64  `json:"at"`
	Text string `json:"text,omitempty"`

	Pictures int `json:"pictures,omitempty"` // that came with it
	Others   int `json:"files,omitempty"`    // likewise, of another kind

	Contact string `json:"contact,omitempty"` // in the first line: whose mailbox it is
}

const (
	itemSent  = "sent"
	itemReply = "reply"
)

// Line is a line of an opened mailbox.
type Line struct {
	Reply bool
	At    time.Time
	Text  string // of a reply; empty for what the person sent

	Pictures, Others int // how many files the person sent; what is in them is not shown back
}

// Status says how far a contact is, in the words of who made it.
type Status string

// The statuses of a mailbox.
const (
	StatusReceived Status = "received" // nobody has read it yet
	StatusReading  Status = "reading"  // somebody has taken it
	StatusAnswered Status = "answered" // there is a reply
	StatusClosed   Status = "closed"   // finished; writing again opens it
)

// Opened is an opened mailbox.
type Opened struct {
	Status Status
	Lines  []Line

	box  mailbox
	pair *seal.Pair
}

// Contact is whose mailbox it is. It is for the program and is never given to the public.
func (o *Opened) Contact() string { return o.box.Contact }

func (m *mailbox) place(seq int64) seal.Place {
	return seal.Place{Agency: m.Agency, Record: m.Lookup, Table: "mailbox_items", Row: itoa(seq), Schema: 1}
}

// mark tells a mailbox from every other. It stands sealed in the contact,
// because the columns by which contact and mailbox find each other are bound
// to nothing: whoever could change them would get another person's replies.
func (m *mailbox) mark() string {
	sum := sha256.Sum256(append([]byte("clew mailbox "+m.Lookup+" "), m.Public.Bytes()...))
	return hex.EncodeToString(sum[:])
}

func (m *mailbox) seal(seq int64, it item) ([]byte, error) {
	return seal.To(m.Public, m.place(seq), encode(it))
}

func (m *mailbox) insert(ctx context.Context, tx *db.Tx, first []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO mailboxes (lookup, agency, contact, cost, public_key, last_seq) VALUES ($1, $2, $3, $4, $5, $6)`,
		m.Lookup, m.Agency, m.Contact, m.Cost.Encode(), m.Public.Bytes(), m.LastSeq)
	if err != nil {
		return err
	}
	return m.insertItem(ctx, tx, m.LastSeq, first)
}

func (m *mailbox) insertItem(ctx context.Context, tx *db.Tx, seq int64, sealed []byte) error {
	_, err := tx.Exec(ctx, `INSERT INTO mailbox_items (mailbox, seq, agency, sealed) VALUES ($1, $2, $3, $4)`,
		m.Lookup, seq, m.Agency, sealed)
	return err
}

// add seals one more line to the mailbox.
func (m *mailbox) add(ctx context.Context, tx *db.Tx, it item) error {
	sealed, err := m.seal(m.LastSeq+1, it)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `UPDATE mailboxes SET last_seq = $2 WHERE lookup = $1 AND last_seq = $3`, m.Lookup, m.LastSeq+1, m.LastSeq)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Conflict, "", nil)
	}
	m.LastSeq++
	return m.insertItem(ctx, tx, m.LastSeq, sealed)
}

func (f *Feature) getMailbox(ctx context.Context, tx *db.Tx, lookup string) (m mailbox, err error) {
	var cost string
	var public []byte
	err = tx.QueryRow(ctx, `SELECT lookup, agency, contact, cost, public_key, last_seq FROM mailboxes WHERE agency = $1 AND lookup = $2`,
		f.Agency, lookup).Scan(&m.Lookup, &m.Agency, &m.Contact, &cost, &public, &m.LastSeq)
	if errors.Is(err, sql.ErrNoRows) {
		return m, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return m, err
	}
	if m.Cost, err = seal.ParseCost(cost); err != nil {
		return m, err
	}
	m.Public, err = seal.ParsePublic(public)
	return m, err
}

// errCode is the one answer to a code that opens nothing, whichever of its
// parts is wrong.
func errCode() error {
	return &errs.Error{Kind: errs.NotFound, Word: "contact.error.code_wrong", Field: "code"}
}

// OpenMailbox opens a mailbox by its code. A wrong look-up and a wrong secret
// take the same time and say the same.
func (f *Feature) OpenMailbox(ctx context.Context, typed string) (o *Opened, err error) {
	defer errs.Wrap(&err, "contact.OpenMailbox")
	code, ok := seal.ParseCode(typed)
	if !ok {
		return nil, errs.In("code", "contact.error.code_form")
	}
	o = &Opened{box: mailbox{Cost: seal.NewCost()}}
	found := false
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		box, err := f.getMailbox(ctx, tx, code.Lookup)
		if errs.Is(err, errs.NotFound) {
			return nil // guess on with a cost of our own
		}
		o.box, found = box, err == nil
		return err
	})
	if err != nil {
		return nil, err
	}
	o.pair, err = mailboxPair(ctx, seal.Mailbox, code, o.box.Cost)
	if err != nil {
		return nil, err
	}
	if !found || !bytes.Equal(o.pair.Public().Bytes(), o.box.Public.Bytes()) {
		return nil, errCode()
	}
	return o, f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error { return f.readMailbox(ctx, tx, o) })
}

func (f *Feature) readMailbox(ctx context.Context, tx *db.Tx, o *Opened) error {
	_, err := f.getMailbox(ctx, tx, o.box.Lookup)
	if errs.Is(err, errs.NotFound) {
		return errCode() // hidden while the code was tried
	}
	if err != nil {
		return err
	}
	c, err := get(ctx, tx, f.Agency, o.box.Contact)
	if errs.Is(err, errs.NotFound) {
		return errCode() // of a backup that was older than its keys
	}
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT seq, sealed FROM mailbox_items WHERE mailbox = $1 ORDER BY seq LIMIT 5000`, o.box.Lookup)
	if err != nil {
		return err
	}
	defer rows.Close()
	o.Lines, o.Status = nil, statusOf(c.State)
	for rows.Next() {
		var seq int64
		var sealed []byte
		if err := rows.Scan(&seq, &sealed); err != nil {
			return err
		}
		it, err := o.openItem(seq, sealed)
		if err != nil {
			return err
		}
		if len(o.Lines) == 0 && it.Contact != o.box.Contact {
			return seal.ErrSealed // it is not this contact's: nothing of that may show, nor be written there
		}
		o.Lines = append(o.Lines, Line{Reply: it.Kind == itemReply, At: db.Time(it.At), Text: it.Text, Pictures: it.Pictures, Others: it.Others})
		switch { // what counts is the last line: who wrote again waits again
		case o.Status == StatusClosed:
		case it.Kind == itemReply:
			o.Status = StatusAnswered
		default:
			o.Status = statusOf(c.State)
		}
	}
	if len(o.Lines) == 0 && rows.Err() == nil {
		return seal.ErrSealed
	}
	return rows.Err()
}

func (o *Opened) openItem(seq int64, sealed []byte) (it item, err error) {
	b, err := o.pair.Open(o.box.place(seq), sealed)
	if err != nil {
		return it, err
	}
	return it, json.Unmarshal(b, &it)
}

func statusOf(s State) Status {
	switch s {
	case Active:
		return StatusReading
	case Closed:
		return StatusClosed
	case Waiting:
	}
	return StatusReceived
}
