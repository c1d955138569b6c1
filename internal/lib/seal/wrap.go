package seal

import (
	"crypto/hpke"
	"sync/atomic"
)

// format is the first byte of everything sealed, so that a later form can be
// told from this one.
const format = 1

// Wrap seals a short secret (a key, a seed) to somebody. recipient names them
// and is bound in, so one person's wrap cannot be passed off as another's.
func Wrap(to Public, at Place, recipient string, secret []byte) ([]byte, error) {
	at.Row = recipient
	return sealTo(to, at.bind("wrap"), secret)
}

// Unwrap opens what Wrap sealed.
func (p *Pair) Unwrap(at Place, recipient string, sealed []byte) ([]byte, error) {
	at.Row = recipient
	return p.openFrom(at.bind("wrap"), sealed)
}

// To seals a value, padded, for whoever holds the pair. Nobody else can open
// it again, not even who sealed it.
func To(to Public, at Place, plain []byte) ([]byte, error) {
	return sealTo(to, at.bind("value"), pad(plain))
}

// Open opens what To sealed.
func (p *Pair) Open(at Place, sealed []byte) ([]byte, error) {
	b, err := p.openFrom(at.bind("value"), sealed)
	if err != nil {
		return nil, err
	}
	return unpad(b)
}

func sealTo(to Public, info, plain []byte) ([]byte, error) {
	b, err := hpke.Seal(to.key, kdf, aead, info, plain)
	if err != nil {
		return nil, err
	}
	return append([]byte{format}, b...), nil
}

// opened counts what was opened with private keys.
var opened atomic.Int64

// Opened says how often this process has tried to open something with a private
// key, which is what takes long enough to be seen from outside. A test compares
// what two answers cost.
func Opened() int64 { return opened.Load() }

func (p *Pair) openFrom(info, sealed []byte) ([]byte, error) {
	opened.Add(1)
	if len(sealed) < 1 || sealed[0] != format {
		return nil, ErrSealed
	}
	b, err := hpke.Open(p.private, kdf, aead, info, sealed[1:])
	if err != nil {
		return nil, ErrSealed
	}
	return b, nil
}
