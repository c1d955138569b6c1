package seal

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"runtime/debug"

	"golang.org/x/crypto/argon2"
)

// Cost is what one guess at a pass phrase or code costs: Argon2id's numbers
// and a salt of its own. It is stored beside what it protects, so that the
// cost can rise later without locking anybody out.
type Cost struct {
	MemoryKiB uint32 `json:"m"`
	Passes    uint32 `json:"t"`
	Lanes     uint8  `json:"p"`
	Salt      []byte `json:"s"`
}

// The costs of new secrets: the second recommendation of RFC 9106, section 4
// (64 MiB, three passes).
const (
	memoryKiB = 64 << 10
	passes    = 3
	lanes     = 4
)

// cheap lowers the cost in tests, which set it through UseCheapCosts, and in
// the program that the proofs break.
var cheap = forProofs

// UseCheapCosts makes new costs worthless and quick. Only tests may call it.
func UseCheapCosts() { cheap = true }

// NewCost makes a cost with a fresh salt.
func NewCost() Cost {
	c := Cost{MemoryKiB: memoryKiB, Passes: passes, Lanes: lanes, Salt: make([]byte, 16)}
	if cheap {
		c.MemoryKiB, c.Passes, c.Lanes = 64, 1, 1
	}
	rand.Read(c.Salt)
	return c
}

// Encode gives the form in which a cost is stored.
func (c Cost) Encode() string {
	b, err := json.Marshal(c)
	if err != nil {
		panic(err) // a struct of numbers and bytes always has a JSON form
	}
	return string(b)
}

// ParseCost reads what Encode gave. Absurd costs are refused, so that a
// changed row cannot be used to take all memory.
func ParseCost(s string) (Cost, error) {
	var c Cost
	if err := json.Unmarshal([]byte(s), &c); err != nil {
		return Cost{}, ErrSealed
	}
	if c.MemoryKiB > 1<<20 || c.Passes < 1 || c.Passes > 64 || c.Lanes < 1 || len(c.Salt) < 16 {
		return Cost{}, ErrSealed
	}
	return c, nil
}

// Stretch turns a pass phrase or code into key material. It waits for its
// turn in its lane; ctx ends the waiting.
func Stretch(ctx context.Context, lane Lane, secret string, c Cost) ([]byte, error) {
	if err := turns.take(ctx, lane); err != nil {
		return nil, err
	}
	defer turns.give()
	out := argon2.IDKey([]byte(secret), c.Salt, c.Passes, c.MemoryKiB, c.Lanes, 32)
	if c.MemoryKiB >= memoryKiB {
		debug.FreeOSMemory() // give the block back: a small machine has better uses for it
	}
	return out, nil
}
