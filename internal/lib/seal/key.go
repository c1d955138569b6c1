package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
)

// Key is a symmetric key: of a record, a session, a draft.
type Key [32]byte

// NewKey makes a fresh key.
func NewKey() Key {
	var k Key
	rand.Read(k[:])
	return k
}

// KeyFrom reads a key of 32 bytes.
func KeyFrom(b []byte) (Key, error) {
	if len(b) != len(Key{}) {
		return Key{}, ErrSealed
	}
	return Key(b), nil
}

// Derive gives the key for one purpose. Keys for different purposes say
// nothing about each other.
func Derive(secret []byte, purpose string) Key {
	b, err := hkdf.Key(sha256.New, secret, nil, "clew/v1 "+purpose, len(Key{}))
	if err != nil {
		panic(err) // only for lengths that HKDF cannot give
	}
	return Key(b)
}

// Pair is the key pair of a record: who holds the record's key can open what
// the server sealed to its public half.
func (k Key) Pair() (*Pair, error) {
	seed := Derive(k[:], "pair")
	return PairFromSeed(seed[:])
}

// Seal seals a value, padded, for its place.
func (k Key) Seal(at Place, plain []byte) []byte {
	return append([]byte{format}, k.gcm(at.Table).Seal(nil, nil, pad(plain), at.bind("field"))...)
}

// Open opens what Seal sealed.
func (k Key) Open(at Place, sealed []byte) ([]byte, error) {
	if len(sealed) < 1 || sealed[0] != format {
		return nil, ErrSealed
	}
	b, err := k.gcm(at.Table).Open(nil, nil, sealed[1:], at.bind("field"))
	if err != nil {
		return nil, ErrSealed
	}
	return unpad(b)
}

// gcm gives each table a key of its own, which also keeps the number of
// random nonces under one key far below the limit of SP 800-38D (2^32).
func (k Key) gcm(table string) cipher.AEAD {
	sub := Derive(k[:], "table "+table)
	block, err := aes.NewCipher(sub[:])
	if err != nil {
		panic(err) // only for key lengths that AES does not have
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}
