package casework

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations are the tables of referrals.
var Migrations = db.Embedded("casework", migrationFiles)

// row is a referral as it stands in the database, nothing opened.
type row struct {
	ID, Agency, Contact, Staff string
	State                      Step
	Due                        time.Time
	LastSeq                    int64
	release                    []byte
	was                        audit.State // before the deed; see witness
}

const rowColumns = `id, agency, contact, staff, state, due, last_seq, sealed_release`

func scanRow(from interface{ Scan(...any) error }) (r row, err error) {
	var state string
	var due int64
	err = from.Scan(&r.ID, &r.Agency, &r.Contact, &r.Staff, &state, &due, &r.LastSeq, &r.release)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errs.New(errs.NotFound, "", nil)
	}
	r.State, r.Due = Step(state), db.Time(due)
	return r, err
}

func get(ctx context.Context, tx *db.Tx, agency, id string) (row, error) {
	return scanRow(tx.QueryRow(ctx, `SELECT `+rowColumns+` FROM referrals WHERE agency = $1 AND id = $2`, agency, id))
}

func rowsOf(ctx context.Context, tx *db.Tx, query string, args ...any) (list []row, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		r, err := scanRow(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// insert keeps a new referral. It says false if there is one with this id
// already, as when a form was sent twice.
func (r *row) insert(ctx context.Context, tx *db.Tx) (bool, error) {
	n, err := tx.Exec(ctx, `INSERT INTO referrals (id, agency, contact, staff, state, open, due, last_seq, sealed_release)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING`,
		r.ID, r.Agency, r.Contact, r.Staff, string(r.State), open(r.State), db.Micros(r.Due), r.LastSeq, r.release)
	return n == 1, err
}

// insertEvent keeps the event with the row's last number.
func (r *row) insertEvent(ctx context.Context, tx *db.Tx, keys *keyring.Keys, e Event) error {
	_, err := tx.Exec(ctx, `INSERT INTO referral_events (referral, seq, agency, sealed) VALUES ($1, $2, $3, $4)`,
		r.ID, r.LastSeq, r.Agency, keys.Seal(r.eventPlace(r.LastSeq), encode(e)))
	return err
}

// update keeps the row's next state. Whoever comes second gets a Conflict.
func (r *row) update(ctx context.Context, tx *db.Tx) error {
	n, err := tx.Exec(ctx, `UPDATE referrals SET staff = $3, state = $4, open = $5, due = $6, last_seq = $7, sealed_release = $8
		WHERE agency = $1 AND id = $2 AND last_seq = $7 - 1`,
		r.Agency, r.ID, r.Staff, string(r.State), open(r.State), db.Micros(r.Due), r.LastSeq, r.release)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "", nil)
	}
	return err
}

// course opens a referral's events. All of them must be there.
func (r *row) course(ctx context.Context, tx *db.Tx, keys *keyring.Keys) (c course, err error) {
	rows, err := tx.Query(ctx, `SELECT seq, sealed FROM referral_events WHERE referral = $1 AND agency = $2 ORDER BY seq LIMIT 5000`, r.ID, r.Agency)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq int64
		var sealed []byte
		if err := rows.Scan(&seq, &sealed); err != nil {
			return nil, err
		}
		b, err := keys.Open(r.eventPlace(seq), sealed)
		if err != nil {
			return nil, err
		}
		var e Event
		if err := json.Unmarshal(b, &e); err != nil {
			return nil, err
		}
		c = append(c, e)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	// What is in clear was not bound to anything, so it must agree.
	if int64(len(c)) != r.LastSeq || c.state() != r.State {
		return nil, seal.ErrSealed
	}
	return c, nil
}

func (r *row) openRelease(keys *keyring.Keys) (rel Release, err error) {
	b, err := keys.Open(r.place(), r.release)
	if err != nil {
		return rel, err
	}
	return rel, json.Unmarshal(b, &rel)
}

func (r *row) sealRelease(keys *keyring.Keys, rel Release) {
	r.release = keys.Seal(r.place(), encode(rel))
}

// place binds a release to its row; the record is the contact, whose key it
// is sealed under.
func (r *row) place() seal.Place {
	return seal.Place{Agency: r.Agency, Record: r.Contact, Table: "referrals", Row: r.ID, Schema: 1}
}

func (r *row) eventPlace(seq int64) seal.Place {
	return seal.Place{Agency: r.Agency, Record: r.Contact, Table: "referral_events", Row: r.ID + " " + strconv.FormatInt(seq, 10), Schema: 1}
}

// access opens a referral's row and key, or says NotFound: there may be none,
// or its contact may not be the colleague's to open. What it says is the same.
func (f *Feature) access(ctx context.Context, tx *db.Tx, s *staff.Session, action web.Access, id string) (r row, keys *keyring.Keys, err error) {
	r, err = get(ctx, tx, s.Person.Agency, id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return r, nil, err
	}
	// What is not there is asked for as what is not theirs, and takes as long.
	keys, err = f.Keys(ctx, tx, s, action, r.Contact, r.Staff == s.Person.ID)
	return r, keys, err
}

func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own structs of text and numbers always have a JSON form
	}
	return b
}
