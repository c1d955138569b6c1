package contact

import (
	"context"
	"database/sql"
	"embed"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Migrations are the tables of contacts and mailboxes.
var Migrations = db.Embedded("contact", migrationFiles)

// row is a contact as it stands in the database, nothing opened.
type row struct {
	ID       string
	Agency   string
	State    State
	Severity int
	Channel  Channel
	Language string
	Arrived  time.Time
	TakenBy  string
	Taken    time.Time
	Unread   int
	LastSeq  int64
	Epoch    int
	Mailbox  string
	Group    string // of those who open it; empty: the intake group
	public   []byte
	was      audit.State // before the deed; see witness
	intake   []byte
	record   []byte
}

const rowColumns = `id, agency, state, severity, channel, language, arrived, taken_by, taken, unread, last_seq, epoch, mailbox, public_key, sealed_intake, sealed_record, key_group`

// get gives one contact. Callers check who may see it; see Feature.open.
func get(ctx context.Context, tx *db.Tx, agency, id string) (r row, err error) {
	var state, channel string
	var arrived, taken int64
	err = tx.QueryRow(ctx, `SELECT `+rowColumns+` FROM contacts WHERE agency = $1 AND id = $2`, agency, id).
		Scan(&r.ID, &r.Agency, &state, &r.Severity, &channel, &r.Language, &arrived, &r.TakenBy, &taken,
			&r.Unread, &r.LastSeq, &r.Epoch, &r.Mailbox, &r.public, &r.intake, &r.record, &r.Group)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errs.New(errs.NotFound, "", nil)
	}
	r.State, r.Channel, r.Arrived, r.Taken = State(state), Channel(channel), db.Time(arrived), db.Time(taken)
	return r, err
}

func (r row) keyRecord() keyring.Record {
	return keyring.Record{Agency: r.Agency, ID: r.ID, Epoch: r.Epoch}
}

// place is where a sealed part of the contact belongs. Of its epoch the keys
// take care.
func (r row) place(table, part string) seal.Place {
	return seal.Place{Agency: r.Agency, Record: r.ID, Table: table, Row: part, Schema: 1}
}

// encode gives the form in which a value is sealed.
func encode(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // our own structs of text and numbers always have a JSON form
	}
	return b
}
