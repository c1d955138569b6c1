package contact

import (
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

// Once is the key with which a sender marks one request, so that sending it
// twice does it once. Empty means that the sender does not care. The key must
// be as hard to guess as 128 random bits, because who has it gets the answer.
type Once string

// How long a repeated request gets the same answer, code and all, and how
// long it is still known to be a repetition.
const (
	answerKept = 15 * time.Minute
	keyKept    = 24 * time.Hour
)

const (
	minOnce = 22 // characters that hold 128 bits
	maxOnce = 255
)

// ErrOnceOther is the cause when a key marked something else before.
var ErrOnceOther = errors.New("contact: this key marked another request")

var errRepeated = errors.New("contact: this request was made before")

// ParseOnce checks a key that came with a request.
func ParseOnce(s string) (Once, error) {
	if s != "" && (len(s) < minOnce || len(s) > maxOnce) {
		return "", errs.In("Idempotency-Key", "contact.error.once")
	}
	return Once(s), nil
}

// answer is what a request was answered, sealed under a key that only who
// sent the request can derive.
type answer struct {
	Digest string `json:"digest"` // of what was sent
	ID     string `json:"id,omitempty"`
	Code   string `json:"code,omitempty"`
}

func (a *answer) receipt() Receipt {
	if a == nil {
		return Receipt{}
	}
	return Receipt{ID: a.ID, Code: a.Code}
}

func (o Once) hash() string {
	sum := sha256.Sum256([]byte("clew once " + string(o)))
	return hex.EncodeToString(sum[:])
}

func (o Once) seal() seal.Key { return seal.Derive([]byte(o), "once") }

func (o Once) place(agency string) seal.Place {
	return seal.Place{Agency: agency, Table: "contact_requests", Row: o.hash(), Schema: 1}
}

// digest tells a repetition from another request under the same key.
func (o Once) digest(kind string, v any) string {
	if o == "" {
		return ""
	}
	sum := sha256.Sum256(append([]byte(kind+"\x00"), encode(v)...))
	return hex.EncodeToString(sum[:])
}

// claim marks the key as used, with the answer. errRepeated says that it was
// used before, also by a request that runs at this very moment.
func (o Once) claim(ctx context.Context, tx *db.Tx, agency, mailbox string, a answer) error {
	if o == "" {
		return nil
	}
	n, err := tx.Exec(ctx, `INSERT INTO contact_requests (key_hash, agency, mailbox, at, sealed) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (key_hash) DO NOTHING`,
		o.hash(), agency, mailbox, db.Micros(tx.Now), o.seal().Seal(o.place(agency), encode(a)))
	if err == nil && n == 0 {
		return errRepeated
	}
	return err
}

// answered gives what a key was answered before, nil if it is new.
func (f *Feature) answered(ctx context.Context, o Once, digest string) (a *answer, err error) {
	if o == "" {
		return nil, nil
	}
	var sealed []byte
	var at int64
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT at, sealed FROM contact_requests WHERE key_hash = $1 AND agency = $2`, o.hash(), f.Agency).
			Scan(&at, &sealed)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if sealed == nil || f.now().Sub(db.Time(at)) > answerKept {
		return nil, errs.New(errs.Conflict, "contact.error.answered", nil)
	}
	b, err := o.seal().Open(o.place(f.Agency), sealed)
	if err != nil {
		return nil, errs.New(errs.Conflict, "contact.error.answered", err)
	}
	a = new(answer)
	if err := json.Unmarshal(b, a); err != nil {
		return nil, err
	}
	if a.Digest != digest {
		return nil, errs.New(errs.Conflict, "contact.error.once_other", ErrOnceOther)
	}
	return a, nil
}

// EndAnswer forgets what a request was answered, as leaving the site does.
// The key stays known, so that the form in the browser's history does nothing.
func (f *Feature) EndAnswer(ctx context.Context, o Once) (err error) {
	defer errs.Wrap(&err, "contact.EndAnswer")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE contact_requests SET sealed = NULL WHERE key_hash = $1 AND agency = $2`, o.hash(), f.Agency)
		return err
	})
}

// sweepRequests forgets answers after a quarter of an hour and keys after a
// day. With the answer goes which mailbox it was for: the time beside it would
// tell when somebody wrote whose contact is closed and coarsened.
func sweepRequests(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE contact_requests SET sealed = NULL, mailbox = '' WHERE at < $1 AND (sealed IS NOT NULL OR mailbox <> '')`,
		db.Micros(tx.Now.Add(-answerKept)))
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM contact_requests WHERE at < $1`, db.Micros(tx.Now.Add(-keyKept)))
	return err
}
