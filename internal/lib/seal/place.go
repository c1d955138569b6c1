package seal

import (
	"encoding/binary"
)

// Place is where a sealed value belongs. It is bound into the ciphertext but
// not stored in it: to open a value one must already know where it stands.
type Place struct {
	Agency string
	Record string // the contact, group, colleague … that owns the row
	Table  string
	Row    string
	Schema int // version of the plaintext's form
	Epoch  int // which generation of the record's key
}

// bind encodes a place without ambiguity: every part is preceded by its
// length, so no two places have the same bytes.
func (p Place) bind(purpose string) []byte {
	b := make([]byte, 0, 96)
	for _, s := range [...]string{"clew/v1", purpose, p.Agency, p.Record, p.Table, p.Row} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(s))) //nolint:gosec // lengths are small
		b = append(b, s...)
	}
	b = binary.BigEndian.AppendUint64(b, uint64(p.Schema))   //nolint:gosec // never negative
	return binary.BigEndian.AppendUint64(b, uint64(p.Epoch)) //nolint:gosec // never negative
}
