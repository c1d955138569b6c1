package keyring

import (
	"context"
	"encoding/binary"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Keys are a record's keys in the hands of somebody who may open it: that of
// now, under which all that is new is sealed, and those from before somebody
// left, until what they sealed is renewed. What is sealed begins with the epoch
// of its key, which is bound to it besides.
type Keys struct {
	Record Record // its epoch is that of now

	epochs  map[int]seal.Key
	pairs   map[int]*seal.Pair // those that were needed
	lineage seal.Key
	stale   bool
	partial bool // the holder lacks the key to one of them
}

// Keys opens a record's keys, whichever of the group's keys they are under.
func (r *Ring) Keys(ctx context.Context, tx *db.Tx, record string) (k *Keys, err error) {
	defer errs.Wrap(&err, "keyring.Keys")
	sealed, err := r.Sealed(ctx, tx, record)
	if err != nil {
		return nil, err
	}
	return sealed[record].Open()
}

// Key opens the key of a record that never gets a second, such as a book of the log.
func (r *Ring) Key(ctx context.Context, tx *db.Tx, rec Record) (seal.Key, error) {
	k, err := r.Keys(ctx, tx, rec.ID)
	if err != nil {
		return seal.Key{}, err
	}
	key, held := k.epochs[rec.Epoch]
	if !held {
		return seal.Key{}, errs.New(errs.NotFound, "", nil)
	}
	return key, nil
}

// lineageFrom gives what stays the same when a record's key changes. The key
// that the server made while nobody could open the one before came without it;
// then it follows from the oldest. Its purpose has the name of its first use.
func (k *Keys) lineageFrom(known []byte) (seal.Key, error) {
	if known != nil {
		return seal.KeyFrom(known)
	}
	oldest := k.Record.Epoch
	for epoch := range k.epochs {
		oldest = min(oldest, epoch)
	}
	first := k.epochs[oldest]
	return seal.Derive(first[:], lineagePurpose), nil
}

const lineagePurpose = "audit tag"

// Lineage is a secret of the record that outlives each of its keys. Whoever
// opened the record once knows it: use it to find, never to seal.
func (k *Keys) Lineage() seal.Key { return k.lineage }

// Stale says that somebody who left could know the key of now: before anything
// is sealed, the record needs the next one.
func (k *Keys) Stale() bool { return k.stale }

// Seal seals a value for its place, under the key of now.
func (k *Keys) Seal(at seal.Place, plain []byte) []byte {
	at.Epoch = k.Record.Epoch
	return stamp(at.Epoch, k.epochs[at.Epoch].Seal(at, plain))
}

// Open opens what Seal sealed, under this key or one before.
func (k *Keys) Open(at seal.Place, sealed []byte) ([]byte, error) {
	key, sealed, err := k.of(&at, sealed)
	if err != nil {
		return nil, err
	}
	return key.Open(at, sealed)
}

// OpenTo opens what SealTo sealed.
func (k *Keys) OpenTo(at seal.Place, sealed []byte) ([]byte, error) {
	key, sealed, err := k.of(&at, sealed)
	if err != nil {
		return nil, err
	}
	pair := k.pairs[at.Epoch]
	if pair == nil {
		if pair, err = key.Pair(); err != nil {
			return nil, err
		}
		k.pairs[at.Epoch] = pair
	}
	return pair.Open(at, sealed)
}

// Again seals under the key of now what one before sealed. What does not open is
// given back as it is: it opened for nobody, and must not keep the rest.
func (k *Keys) Again(at seal.Place, sealed []byte) []byte {
	plain, err := k.Open(at, sealed)
	if err != nil {
		return sealed
	}
	return k.Seal(at, plain)
}

// AgainTo is Again for what SealTo sealed; public is of the key of now.
func (k *Keys) AgainTo(public seal.Public, at seal.Place, sealed []byte) ([]byte, error) {
	plain, err := k.OpenTo(at, sealed)
	if err != nil {
		return sealed, nil //nolint:nilerr // as Again
	}
	return SealTo(public, k.Record, at, plain)
}

// Newest says that there is no key but that of now, and that nobody who left
// could know it.
func (k *Keys) Newest() bool { return !k.stale && !k.partial && len(k.epochs) == 1 }

func (k *Keys) of(at *seal.Place, sealed []byte) (seal.Key, []byte, error) {
	epoch, sealed, err := unstamp(sealed)
	if err != nil {
		return seal.Key{}, nil, err
	}
	key, held := k.epochs[epoch]
	if !held {
		return seal.Key{}, nil, seal.ErrSealed
	}
	at.Epoch = epoch
	return key, sealed, nil
}

// SealTo seals to the public half of a record's key, for whoever holds its keys.
// The record's epoch is that of the key.
func SealTo(public seal.Public, r Record, at seal.Place, plain []byte) ([]byte, error) {
	at.Epoch = r.Epoch
	sealed, err := seal.To(public, at, plain)
	if err != nil {
		return nil, err
	}
	return stamp(r.Epoch, sealed), nil
}

// Keys are those of a record that is about to be made, for whoever makes it.
func (p Prepared) Keys() *Keys {
	return &Keys{
		Record: p.Record, epochs: map[int]seal.Key{p.Record.Epoch: p.Key}, pairs: map[int]*seal.Pair{},
		lineage: seal.Derive(p.Key[:], lineagePurpose),
	}
}

// stamped marks a value that begins with its epoch. Those that do not are from
// before records had a second key, and of the first.
const stamped = 2

func stamp(epoch int, sealed []byte) []byte {
	b := make([]byte, 0, 5+len(sealed))
	b = binary.BigEndian.AppendUint32(append(b, stamped), uint32(epoch)) //nolint:gosec // never negative
	return append(b, sealed...)
}

func unstamp(sealed []byte) (epoch int, rest []byte, err error) {
	switch {
	case len(sealed) == 0:
		return 0, nil, seal.ErrSealed
	case sealed[0] != stamped:
		return 1, sealed, nil
	case len(sealed) < 5:
		return 0, nil, seal.ErrSealed
	}
	return int(binary.BigEndian.Uint32(sealed[1:])), sealed[5:], nil
}
