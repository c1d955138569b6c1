// Package paper writes secrets so that a person can copy them by hand, and
// reads what they copied. What is no secret and is compared by telephone it writes
// as hexadecimal digits.
//
// It uses letters and digits that are hard to confuse: no I, L, O and U. Who
// reads an O where a zero stands is understood all the same.
package paper

import (
	"encoding/base32"
	"strings"
)

var letters = base32.NewEncoding("ABCDEFGHJKMNPQRSTVWXYZ0123456789").WithPadding(base32.NoPadding)

// Write gives the letters of b, five bits each, in groups of four.
func Write(b []byte) string {
	s := letters.EncodeToString(b)
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), "-")
}

// misread are letters that are not used, and what they were taken for.
var misread = strings.NewReplacer("O", "0", "I", "1", "L", "1")

// Letters is the text without what people put between the groups, in capitals,
// with what is often misread put right.
func Letters(text string) string {
	return misread.Replace(strings.ToUpper(strings.Map(func(r rune) rune {
		switch r {
		case '-', '‐', '‑', '–', '—', '.', ' ', '\t', '\r', '\n', '\u00a0', '\u200e', '\u200f':
			return -1
		}
		return r
	}, text)))
}

// Read gives what Write wrote, from the letters of Letters. ok is false where
// a letter is none of ours or their number is one that Write never gives.
func Read(text string) (b []byte, ok bool) {
	b, err := letters.DecodeString(text)
	return b, err == nil && letters.EncodeToString(b) == text
}
