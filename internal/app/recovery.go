package app

import (
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/seal"
)

// The recovery key on paper: the seed of a key pair and two bytes that find a
// slip of the pen, as letters and digits that are hard to confuse, in groups
// of four.
var paper = base32.NewEncoding("ABCDEFGHJKMNPQRSTVWXYZ0123456789").WithPadding(base32.NoPadding)

func paperKey(p *seal.Pair) string {
	seed := p.Seed()
	s := paper.EncodeToString(append(seed, checkBytes(seed)...))
	var groups []string
	for len(s) > 4 {
		groups, s = append(groups, s[:4]), s[4:]
	}
	return strings.Join(append(groups, s), "-")
}

func readPaperKey(text string) (*seal.Pair, error) {
	wrong := errors.New("this is not the recovery key: look for a letter or digit that was misread")
	clean := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToUpper(strings.TrimSpace(text)))
	b, err := paper.DecodeString(clean)
	if err != nil || len(b) != seal.SeedSize+2 {
		return nil, wrong
	}
	seed := b[:seal.SeedSize]
	if string(b[seal.SeedSize:]) != string(checkBytes(seed)) {
		return nil, wrong
	}
	return seal.PairFromSeed(seed)
}

func checkBytes(seed []byte) []byte {
	sum := sha256.Sum256(append([]byte("clew paper "), seed...))
	return sum[:2]
}
