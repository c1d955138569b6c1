package audit

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the log's tables.
var Migrations = db.Embedded("audit", files)

// Entry is one deed.
type Entry struct {
	At     time.Time // set by Write
	Staff  string    // who; empty for the program itself
	Action string    // as in the permission matrix, with what it was: "contact.write taken"
	Record string    // which; empty for a page that lists many
	Reason string    // in words, where one was asked for
	Tag    Tag       // of the record whose key whoever may ask for its entries holds
	Was    State     // of the record before a deed that changed it; empty where it was made
	Is     State     // and after

	Seq    int64 // its place in the log, when it was read from there
	Broken bool  // it is there and does not open: its key is gone or somebody meddled with it
}

// Tag makes the entries about one record findable for who holds the record's
// key. The zero Tag is of no record.
type Tag struct{ key seal.Key }

// TagOf is the tag of a record by its lineage, see keyring.Keys: it stays when
// the record's key changes.
func TagOf(lineage seal.Key) Tag { return Tag{lineage} }

// tagSize in bytes is long enough that no two records share one by chance.
const tagSize = 16

// on is what entries of a day carry.
func (t Tag) on(day time.Time) []byte {
	if t == (Tag{}) {
		b := make([]byte, tagSize)
		rand.Read(b)
		return b
	}
	mac := hmac.New(sha256.New, t.key[:])
	mac.Write([]byte(day.UTC().Format(time.DateOnly)))
	return mac.Sum(nil)[:tagSize]
}

// sealedEntry is what is inside.
type sealedEntry struct {
	At     int64  `json:"at"`
	Staff  string `json:"by,omitempty"`
	Action string `json:"did"`
	Record string `json:"to,omitempty"`
	Reason string `json:"why,omitempty"`
	Was    []byte `json:"was,omitempty"`
	Is     []byte `json:"is,omitempty"`
}

func (e Entry) encode() ([]byte, error) {
	return json.Marshal(sealedEntry{db.Micros(e.At), e.Staff, e.Action, e.Record, e.Reason, []byte(e.Was), []byte(e.Is)})
}

func decode(b []byte) (e Entry, err error) {
	var s sealedEntry
	err = json.Unmarshal(b, &s)
	return Entry{At: db.Time(s.At), Staff: s.Staff, Action: s.Action, Record: s.Record, Reason: s.Reason, Was: State(s.Was), Is: State(s.Is)}, err
}

// place binds an entry to its book and to its own row.
func place(agency, book, id string) seal.Place {
	return seal.Place{Agency: agency, Record: book, Table: "audit_entries", Row: id, Schema: 1, Epoch: 1}
}
