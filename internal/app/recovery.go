package app

import (
	"crypto/sha256"
	"errors"

	"github.com/clew-hotline/clew/internal/lib/paper"
	"github.com/clew-hotline/clew/internal/lib/seal"
)

// The recovery key on paper is the seed of a key pair and two bytes that find
// a slip of the pen.

func paperKey(p *seal.Pair) string {
	seed := p.Seed()
	return paper.Write(append(seed, checkBytes(seed)...))
}

func readPaperKey(text string) (*seal.Pair, error) {
	b, ok := paper.Read(paper.Letters(text))
	if !ok || len(b) != seal.SeedSize+2 || string(b[seal.SeedSize:]) != string(checkBytes(b[:seal.SeedSize])) {
		return nil, errors.New("this is not the recovery key: look for a letter or digit that was misread")
	}
	return seal.PairFromSeed(b[:seal.SeedSize])
}

func checkBytes(seed []byte) []byte {
	sum := sha256.Sum256(append([]byte("clew paper "), seed...))
	return sum[:2]
}
