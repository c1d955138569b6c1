package archive

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/clew-hotline/clew/internal/lib/paper"
)

const magic = "clew archive 1\n"

// The kinds of frames.
const (
	frameHeader = 'H'
	frameTable  = 'T'
	frameRow    = 'R'
	frameEnd    = 'E'
	frameClose  = 'Z'
)

// Limits, so that a hostile file takes no more memory than an honest one.
const (
	maxRow     = 64 << 20
	maxOther   = 1 << 20
	maxColumns = 1000
)

// Type is what a column holds.
type Type string

// The types, which are those that tables of Clew have.
const (
	Text   Type = "TEXT"
	Bigint Type = "BIGINT"
	Bytea  Type = "BYTEA"
)

// Header says what an archive is of.
type Header struct {
	ID      string    `json:"id"`   // of the backup: its parts share it
	Part    string    `json:"part"` // which part this is
	Made    time.Time `json:"made"` // the moment that it shows
	Program string    `json:"program"`
	Demo    bool      `json:"demo,omitempty"` // of a demonstration
	// Schema is how far the tables of each feature had come.
	Schema map[string]int64 `json:"schema"`
	// LeftOut are tables that are in no part.
	LeftOut []string `json:"left_out,omitempty"`
	// Signer is the public key of who signed; Writer sets it.
	Signer []byte `json:"signer"`
}

// Column is one column of a table.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
}

// Table is a table's name and columns.
type Table struct {
	Name    string   `json:"name"`
	Columns []Column `json:"columns"`
}

// End is what is written after the rows of a table.
type End struct {
	Rows int64  `json:"rows"`
	Sum  string `json:"sha256"`
}

// Closing is what is written last.
type Closing struct {
	Tables    int    `json:"tables"`
	Rows      int64  `json:"rows"`
	Sum       string `json:"sha256"`
	Signature []byte `json:"signature"`
}

// ErrDamaged is why a file is not taken that is not, byte for byte, what was
// written: cut off, changed, or no archive at all.
var ErrDamaged = errors.New("the file is damaged or was changed")

// ErrFormat is why a file of a later format is not taken.
var ErrFormat = errors.New("the file was written in a form that this program does not know yet: use a newer one")

func damaged(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrDamaged, fmt.Sprintf(format, args...))
}

// names are what tables and columns are called. Nothing else gets near SQL.
var names = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)

func (t Table) check() error {
	if !names.MatchString(t.Name) || len(t.Columns) == 0 || len(t.Columns) > maxColumns {
		return errors.New("this is no table")
	}
	for _, c := range t.Columns {
		if !names.MatchString(c.Name) || c.Type != Text && c.Type != Bigint && c.Type != Bytea {
			return fmt.Errorf("table %s has a column that cannot be", t.Name)
		}
	}
	return nil
}

// signed is what a signature is over.
func signed(sum []byte) []byte { return append([]byte("clew archive 1 signature"), sum...) }

// Fingerprint is a public key as people compare it: eight groups of four.
func Fingerprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256(append([]byte("clew archive signer "), public...))
	return paper.Digits(sum[:16])
}

// SameFingerprint compares what somebody typed with a fingerprint.
func SameFingerprint(typed, fingerprint string) bool {
	return paper.PlainDigits(typed) == paper.PlainDigits(fingerprint)
}
