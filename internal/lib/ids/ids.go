// Package ids makes identifiers that say nothing: not who, not when, not how
// many. They are random (or derived from a source's own identifier), never
// counted, so that neither a list of ids nor a gap in one reveals anything.
package ids

import (
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 9562 fixes SHA-1 for version 5; nothing secret depends on it
	"encoding/base32"
	"encoding/hex"
	"errors"
)

var alphabet = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// New gives a fresh identifier: 128 random bits as 26 lower-case letters and digits.
func New() string {
	var b [16]byte
	rand.Read(b[:]) // never fails since Go 1.24
	return alphabet.EncodeToString(b[:])
}

// Valid says whether s has the form that New gives.
func Valid(s string) bool {
	if len(s) != 26 {
		return false
	}
	_, err := alphabet.DecodeString(s)
	return err == nil
}

// UUID gives a random UUID (RFC 9562 version 4), for open formats that ask for one.
func UUID() string {
	var b [16]byte
	rand.Read(b[:])
	return format(b, 4)
}

// namespace is Clew's own version 5 name space, so that derived ids never
// meet those that somebody else derives from the same names.
var namespace = [16]byte{0x3b, 0x9c, 0x0a, 0x51, 0x7e, 0x2d, 0x4f, 0x6e, 0x9a, 0x11, 0xc1, 0xe7, 0x5d, 0x08, 0x64, 0xf2}

// DeriveUUID gives the UUID (RFC 9562 version 5) of a name within a source.
// The same source and name always give the same id, so importing twice
// changes nothing.
func DeriveUUID(source, name string) string {
	h := sha1.New() //nolint:gosec // see the import
	h.Write(namespace[:])
	h.Write([]byte(source))
	h.Write([]byte{0})
	h.Write([]byte(name))
	var b [16]byte
	copy(b[:], h.Sum(nil))
	return format(b, 5)
}

func format(b [16]byte, version byte) string {
	b[6] = b[6]&0x0f | version<<4
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b[:])
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// Raw is an identifier that New gave, in its 16 bytes, for where many are kept
// in memory.
type Raw [16]byte

// Parse reads what New gave.
func Parse(s string) (r Raw, err error) {
	if !Valid(s) {
		return r, errors.New("ids: not an identifier of New")
	}
	b, _ := alphabet.DecodeString(s)
	if copy(r[:], b); r.String() != s {
		return r, errors.New("ids: another identifier has these bytes")
	}
	return r, nil
}

// String is the form that New gives.
func (r Raw) String() string { return alphabet.EncodeToString(r[:]) }
