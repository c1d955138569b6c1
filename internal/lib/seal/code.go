package seal

import (
	"crypto/rand"
	"math/big"
	"strings"
	"unicode"
)

// The digits of a Code: the first find the record, the rest are the secret.
const (
	lookupDigits = 7
	secretDigits = 13
)

// Code is what a person keeps to read our answers: twenty digits that look
// like a customer number. It opens the replies and nothing else.
type Code struct {
	Lookup string // finds the mailbox; stored
	Secret string // opens it; stored nowhere
}

// NewCode makes a fresh code.
func NewCode() Code { return Code{digits(lookupDigits), digits(secretDigits)} }

func digits(n int) string {
	limit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
	v, err := rand.Int(rand.Reader, limit)
	if err != nil {
		panic(err) // the system's random source never fails
	}
	s := v.String()
	return strings.Repeat("0", n-len(s)) + s
}

// String shows the code in five groups of four.
func (c Code) String() string {
	all := c.Lookup + c.Secret
	var b strings.Builder
	for i := 0; i < len(all); i += 4 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(all[i:min(i+4, len(all))])
	}
	return b.String()
}

// ParseCode reads a code as people type it: with spaces, hyphens or dots, in
// the digits of any script. It says only whether the form is right.
func ParseCode(s string) (Code, bool) {
	if len(s) > 200 {
		return Code{}, false
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsDigit(r):
			b.WriteByte(byte('0' + digit(r)))
		case unicode.IsSpace(r) || unicode.In(r, unicode.Dash, unicode.Cf) || r == '.' || r == '_':
		default:
			return Code{}, false
		}
	}
	all := b.String()
	if len(all) != lookupDigits+secretDigits {
		return Code{}, false
	}
	return Code{all[:lookupDigits], all[lookupDigits:]}, true
}

// digit is the value of a decimal digit of any script: Unicode gives every
// script's ten digits in one run, and a run begins where no digit precedes it
// in its block of ten.
func digit(r rune) rune {
	for _, rng := range unicode.Nd.R16 {
		if lo, hi := rune(rng.Lo), rune(rng.Hi); r >= lo && r <= hi {
			return (r - lo) % 10
		}
	}
	for _, rng := range unicode.Nd.R32 {
		if lo, hi := rune(rng.Lo), rune(rng.Hi); r >= lo && r <= hi {
			return (r - lo) % 10
		}
	}
	return 0
}
