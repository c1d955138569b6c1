package staff

import (
	"crypto/rand"
	"encoding/base32"
	"strings"
)

// letters leaves out what is easily misread.
var letters = base32.NewEncoding("abcdefghjkmnpqrstvwxyz0123456789").WithPadding(base32.NoPadding)

// NewPassphrase makes a pass phrase of 100 random bits, in groups that can be
// read out and copied by hand.
func NewPassphrase() string {
	var b [13]byte
	rand.Read(b[:])
	return PassphraseFrom(b[:])
}

// PassphraseFrom gives the pass phrase of at least 13 bytes, always the same
// one. Only demonstrations make pass phrases from something stored.
func PassphraseFrom(b []byte) string {
	s := letters.EncodeToString(b)[:20]
	return strings.Join([]string{s[:5], s[5:10], s[10:15], s[15:]}, "-")
}
