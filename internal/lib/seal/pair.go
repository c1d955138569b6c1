package seal

import (
	"crypto/hpke"
	"crypto/rand"
	"errors"
)

// ErrSealed is the only answer to anything that does not open. It does not
// say whether the key, the place or the bytes were wrong.
var ErrSealed = errors.New("seal: does not open")

var (
	kem  = hpke.MLKEM768X25519()
	kdf  = hpke.HKDFSHA256()
	aead = hpke.ChaCha20Poly1305()
)

// SeedSize is the length in bytes of the secret a Pair is made from.
const SeedSize = 32

// Pair is a key pair. Its seed is the secret to keep; everything else follows
// from it.
type Pair struct {
	seed    [SeedSize]byte
	private hpke.PrivateKey
}

// Public is the half of a Pair that may be known to everybody.
type Public struct{ key hpke.PublicKey }

// NewPair makes a fresh pair.
func NewPair() (*Pair, error) {
	var seed [SeedSize]byte
	rand.Read(seed[:])
	return PairFromSeed(seed[:])
}

// PairFromSeed makes the pair of a seed of SeedSize bytes, always the same one.
func PairFromSeed(seed []byte) (*Pair, error) {
	if len(seed) != SeedSize {
		return nil, ErrSealed
	}
	private, err := kem.DeriveKeyPair(seed)
	if err != nil {
		return nil, err
	}
	p := &Pair{private: private}
	copy(p.seed[:], seed)
	return p, nil
}

// Seed is the secret of the pair.
func (p *Pair) Seed() []byte { return append([]byte(nil), p.seed[:]...) }

// Public is the half that others seal to.
func (p *Pair) Public() Public { return Public{p.private.PublicKey()} }

// Bytes is the public key in its RFC 9180 form, 1,216 bytes.
func (p Public) Bytes() []byte { return p.key.Bytes() }

// ParsePublic reads what Bytes gave.
func ParsePublic(b []byte) (Public, error) {
	key, err := kem.NewPublicKey(b)
	if err != nil {
		return Public{}, ErrSealed
	}
	return Public{key}, nil
}
