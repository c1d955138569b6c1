package blind

import (
	"crypto/hmac"
	"crypto/sha256"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/seal"
)

// markSize in bytes. Of a million different things the chance that any two
// share a mark of 128 bits is 10^12 / 2^129, one in 10^27: a match is never
// chance. Shorter marks would hide nothing more, since they are sealed.
const markSize = 16

// mark stands for a thing under an index key.
type mark struct {
	kind Kind
	mac  [markSize]byte
}

// key is one epoch's index key, opened.
type key struct {
	key   seal.Key
	pair  *seal.Pair // what waits is sealed to its public half
	kinds map[Kind]seal.Key
}

func newKey(k seal.Key) (key, error) {
	pair, err := k.Pair()
	if err != nil {
		return key{}, err
	}
	out := key{key: k, pair: pair, kinds: map[Kind]seal.Key{}}
	for _, kind := range Kinds {
		out.kinds[kind] = seal.Derive(k[:], "blind mark "+kind.Code())
	}
	return out, nil
}

func (k key) mac(kind Kind, of []byte) (out [markSize]byte) {
	sub := k.kinds[kind]
	h := hmac.New(sha256.New, sub[:])
	h.Write(of)
	copy(out[:], h.Sum(nil))
	return out
}

// ring are the index keys from the first epoch on.
type ring []key

// next makes a mark of one epoch into that of the newest. A mark of the second
// epoch is the first's, marked again, and so on: with the keys alone every
// row can follow, without what was named.
func (r ring) next(m mark, epoch int) mark {
	for _, k := range r[epoch:] {
		m.mac = k.mac(m.kind, m.mac[:])
	}
	return m
}

// maxMarks bounds a record's marks, so that its row keeps one size.
const maxMarks = 8

// marks gives those of what was named, in no order of the naming.
func (r ring) marks(named []Named) (list []mark) {
	for _, n := range named {
		for _, form := range n.Normal() {
			m := r.next(mark{n.Kind, r[0].mac(n.Kind, []byte(form))}, 1)
			if !slices.Contains(list, m) && len(list) < maxMarks {
				list = append(list, m)
			}
		}
	}
	return list
}
