package quorum

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/secretsharing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
)

// The group in whose scalars the secret is shared (RFC 9496).
var field = group.Ristretto255

// valueSize is the length in bytes of a scalar.
const valueSize = 32

// Share is what one officer holds: the value of a random polynomial at their
// number. Fewer than the threshold say nothing of the value at zero, which is
// the secret.
type Share struct {
	Set    string
	Number int // from 1
	value  [valueSize]byte
}

// commitment is the hash by which a share is known. It is not Feldman's, which
// publishes the secret as a point of the curve: whoever breaks the curve one day
// would need no share, while all else here is sealed to a hybrid key.
func (s Share) commitment() []byte {
	b := binary.BigEndian.AppendUint32([]byte("clew/v1 quorum share"), uint32(len(s.Set))) //nolint:gosec // an id of ours
	b = append(append(b, s.Set...), byte(s.Number))
	sum := sha256.Sum256(append(b, s.value[:]...))
	return sum[:]
}

// is says whether a share is the one that a commitment was made of.
func (s Share) is(commitment []byte) bool {
	return subtle.ConstantTimeCompare(s.commitment(), commitment) == 1
}

// deal makes a fresh recovery key and its shares, of which any k give it back.
func deal(set string, k, n int) (pair *seal.Pair, shares []Share, err error) {
	secret := field.RandomNonZeroScalar(rand.Reader)
	for _, dealt := range secretsharing.New(rand.Reader, uint(k-1), secret).Share(uint(n)) { //nolint:gosec // 2 to 9
		s := Share{Set: set, Number: len(shares) + 1}
		if err := s.take(dealt.Value); err != nil {
			return nil, nil, err
		}
		shares = append(shares, s)
	}
	pair, err = pairOf(secret)
	return pair, shares, err
}

func (s *Share) take(value group.Scalar) error {
	b, err := value.MarshalBinary()
	if err == nil && copy(s.value[:], b) != valueSize {
		err = errors.New("a scalar has another length")
	}
	return err
}

// combine gives the recovery key back from k or more shares of one set.
func combine(k int, shares []Share) (*seal.Pair, error) {
	var points []secretsharing.Share
	var seen []int
	for _, s := range shares {
		if slices.Contains(seen, s.Number) || s.Number < 1 {
			return nil, errors.New("quorum: a share twice")
		}
		seen = append(seen, s.Number)
		value := field.NewScalar()
		if err := value.UnmarshalBinary(s.value[:]); err != nil {
			return nil, errs.New(errs.Invalid, wordForeign, nil)
		}
		points = append(points, secretsharing.Share{ID: field.NewScalar().SetUint64(uint64(s.Number)), Value: value}) //nolint:gosec // 1 to 9
	}
	secret, err := secretsharing.Recover(uint(k-1), points) //nolint:gosec // 2 to 9
	if err != nil {
		return nil, err
	}
	return pairOf(secret)
}

// pairOf is the key pair of a secret: a scalar has some 252 bits, and the seed
// of a pair is 32 bytes of which each is random.
func pairOf(secret group.Scalar) (*seal.Pair, error) {
	b, err := secret.MarshalBinary()
	if err != nil {
		return nil, err
	}
	seed := seal.Derive(b, "quorum recovery key")
	return seal.PairFromSeed(seed[:])
}
