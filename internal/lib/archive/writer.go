package archive

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
)

// Writer writes an archive. It is used by one goroutine; after an error what
// it wrote is worth nothing.
type Writer struct {
	w     io.Writer
	key   ed25519.PrivateKey
	whole hash.Hash
	part  hash.Hash // of the table that is being written
	table *Table
	last  string
	rows  int64
	sum   Closing
	body  []byte
	head  []byte
}

// NewWriter begins an archive that key signs.
func NewWriter(w io.Writer, h Header, key ed25519.PrivateKey) (*Writer, error) {
	if len(key) != ed25519.PrivateKeySize {
		return nil, errors.New("archive: no key to sign with")
	}
	h.Signer = key[ed25519.SeedSize:]
	a := &Writer{w: w, key: key, whole: sha256.New(), part: sha256.New()}
	a.whole.Write([]byte(magic))
	if _, err := io.WriteString(w, magic); err != nil {
		return nil, err
	}
	return a, a.json(frameHeader, h)
}

// Table begins a table, and ends the one before. Tables come in the order of
// their names.
func (a *Writer) Table(t Table) error {
	if err := a.end(); err != nil {
		return err
	}
	if err := t.check(); err != nil {
		return err
	}
	if t.Name <= a.last {
		return fmt.Errorf("table %s comes too late", t.Name)
	}
	a.table, a.last, a.rows = &t, t.Name, 0
	a.sum.Tables++
	a.part.Reset()
	return a.json(frameTable, t)
}

// Row adds a row to the table that was begun last: nil, int64, string or
// []byte for each of its columns.
func (a *Writer) Row(values []any) (err error) {
	if a.table == nil {
		return errors.New("archive: a row without a table")
	}
	if a.body, err = appendRow(a.body[:0], a.table.Columns, values); err != nil {
		return err
	}
	if len(a.body) > maxRow {
		return fmt.Errorf("table %s has a row of more than %d MB", a.table.Name, maxRow>>20)
	}
	a.rows++
	return a.frame(frameRow, a.body)
}

// Close ends the archive and gives what it said of itself.
func (a *Writer) Close() (Closing, error) {
	if err := a.end(); err != nil {
		return a.sum, err
	}
	sum := a.whole.Sum(nil)
	a.sum.Sum = hex.EncodeToString(sum)
	a.sum.Signature = ed25519.Sign(a.key, signed(sum))
	return a.sum, a.json(frameClose, a.sum)
}

// end writes what the table that was begun came to.
func (a *Writer) end() error {
	if a.table == nil {
		return nil
	}
	a.table = nil
	a.sum.Rows += a.rows
	return a.json(frameEnd, End{a.rows, hex.EncodeToString(a.part.Sum(nil))})
}

func (a *Writer) json(kind byte, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if len(body) > maxOther {
		return errors.New("archive: too much about a table")
	}
	return a.frame(kind, body)
}

func (a *Writer) frame(kind byte, body []byte) error {
	a.head = binary.AppendUvarint(append(a.head[:0], kind), uint64(len(body)))
	for _, b := range [][]byte{a.head, body} {
		a.whole.Write(b)
		if kind == frameTable || kind == frameRow {
			a.part.Write(b)
		}
		if _, err := a.w.Write(b); err != nil {
			return err
		}
	}
	return nil
}
