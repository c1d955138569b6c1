package contact

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Kind says who a line of a conversation is from and for.
type Kind string

// The kinds of lines.
const (
	In   Kind = "in"   // from the person
	Out  Kind = "out"  // our reply; the person can read it
	Note Kind = "note" // for colleagues only
	Log  Kind = "log"  // what happened: taken, put back, closed
)

// Message is one line of a conversation.
type Message struct {
	Seq   int64     `json:"-"`
	Kind  Kind      `json:"kind"`
	At    time.Time `json:"at"`
	Staff string    `json:"staff,omitempty"` // who wrote it, of ours
	Text  string    `json:"text"`            // of a Log line: a word key
	Files []File    `json:"files,omitempty"` // of a line that only brings files
}

const messageTable = "contact_messages"

// append adds a line sealed under the record's key, which only who has opened
// the contact holds.
func (f *Feature) append(ctx context.Context, tx *db.Tx, c *row, keys *keyring.Keys, m Message) error {
	return f.insertMessage(ctx, tx, c, true, func(at seal.Place) ([]byte, error) {
		return keys.Seal(at, encode(m)), nil
	})
}

// appendSealedTo adds a line sealed to the record's public half, as the server
// does while nobody who could read it is signed in.
func (f *Feature) appendSealedTo(ctx context.Context, tx *db.Tx, c *row, m Message) error {
	public, err := seal.ParsePublic(c.public)
	if err != nil {
		return err
	}
	return f.insertMessage(ctx, tx, c, false, func(at seal.Place) ([]byte, error) {
		return keyring.SealTo(public, c.keyRecord(), at, encode(m))
	})
}

func (f *Feature) insertMessage(ctx context.Context, tx *db.Tx, c *row, byKey bool, sealed func(seal.Place) ([]byte, error)) error {
	// The number is taken with the row, so two writers cannot get the same.
	n, err := tx.Exec(ctx, `UPDATE contacts SET last_seq = last_seq + 1 WHERE id = $1 AND last_seq = $2`, c.ID, c.LastSeq)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Conflict, "", nil)
	}
	c.LastSeq++
	b, err := sealed(c.place(messageTable, itoa(c.LastSeq)))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO contact_messages (contact, seq, agency, by_key, sealed) VALUES ($1, $2, $3, $4, $5)`,
		c.ID, c.LastSeq, c.Agency, byKey, b)
	return err
}

// conversation gives the lines after a number, oldest first: the whole of it
// with 0, and after a broken line just what was missed.
func (f *Feature) conversation(ctx context.Context, tx *db.Tx, c row, keys *keyring.Keys, after int64) ([]Message, error) {
	return f.lines(ctx, tx, c, keys, after, maxLines)
}

// lines is a part of the conversation: at most so many lines after a number.
func (f *Feature) lines(ctx context.Context, tx *db.Tx, c row, keys *keyring.Keys, after, limit int64) (list []Message, err error) {
	defer errs.Wrap(&err, "contact.lines")
	rows, err := tx.Query(ctx, `SELECT seq, by_key, sealed FROM contact_messages WHERE contact = $1 AND seq > $2 ORDER BY seq LIMIT $3`, c.ID, after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	next := after + 1
	for rows.Next() {
		var m Message
		var byKey int64
		var sealed []byte
		if err := rows.Scan(&m.Seq, &byKey, &sealed); err != nil {
			return nil, err
		}
		b, err := openEither(keys, byKey != 0, c.place(messageTable, itoa(m.Seq)), sealed)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(b, &m); err != nil {
			return nil, err
		}
		if byKey == 0 && m.Kind != In {
			return nil, seal.ErrSealed // anybody can seal to the public half, so it speaks for none of ours
		}
		if m.Seq != next {
			list = append(list, absent(c, keys, next, m.Seq-1))
		}
		next = m.Seq + 1
		list = append(list, m)
	}
	if next <= c.LastSeq && int64(len(list)) < limit {
		list = append(list, absent(c, keys, next, c.LastSeq))
	}
	return list, rows.Err()
}

// maxLines bounds what one page opens.
const maxLines = 5000

// absent stands where lines are not: as deleted by rule if the contact itself
// says so, sealed, and else as taken out of the database. A conversation is
// never shown as whole when it is not.
func absent(c row, keys *keyring.Keys, from, to int64) Message {
	m := Message{Seq: from, Kind: Log, Text: "missing"}
	if first, err := openIntake(c, keys); err == nil && first.Stripped >= to {
		m.Text = "deleted"
	}
	return m
}
