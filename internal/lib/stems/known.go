package stems

import "math/rand/v2"

// known is what a cutter remembers of the words of a language: a directory has
// some ten thousand different words and says them sixty million times. Words of
// up to sixteen bytes, which nearly all are, are compared as two numbers, without
// looking anywhere else.
type known struct {
	short []slot // a power of two, at most half of them in use
	used  int
	long  map[string]int
	odd   uint64       // by chance, so that nobody can choose words that meet
	often *[often]slot // some that were met lately, near the processor: a few words make up most of any text
}

// often is a power of two.
const often = 512

// slot is a word and the number of its stem. No word is all zeros.
type slot struct {
	a, b uint64
	stem uint32
}

// packed is the first sixteen bytes of a word; a longer one is looked up whole.
type packed struct{ a, b uint64 }

// put sets the byte at place n, which is below fits and was not set.
func (p *packed) put(n int, b byte) {
	if n < 8 {
		p.a |= uint64(b) << (8 * n)
	} else {
		p.b |= uint64(b) << (8 * (n & 7))
	}
}

const fits = 16

func pack(word []byte) (p packed) {
	for i, b := range word[:min(fits, len(word))] {
		p.put(i, b)
	}
	return p
}

func (k *known) hash(p packed) uint64 {
	h := (p.a ^ p.b*0x9E3779B97F4A7C15) * k.odd
	return h ^ h>>32
}

// place is where a word of a hash stands, or would.
func (k *known) place(p packed, hash uint64) *slot {
	mask := uint64(len(k.short) - 1) //nolint:gosec // not negative
	for i := hash & mask; ; i = (i + 1) & mask {
		if s := &k.short[i]; s.a == p.a && s.b == p.b || s.a == 0 {
			return s
		}
	}
}

func (k *known) find(word []byte, p packed) (stem int, ok bool) {
	if len(word) > fits {
		stem, ok = k.long[string(word)]
		return stem, ok
	}
	if len(k.short) == 0 {
		return 0, false
	}
	h := k.hash(p)
	if k.often != nil {
		if s := &k.often[h%often]; s.a == p.a && s.b == p.b {
			return int(s.stem), true
		}
	}
	s := k.place(p, h)
	if s.a != 0 && k.often != nil {
		k.often[h%often] = *s
	}
	return int(s.stem), s.a != 0
}

func (k *known) add(word []byte, p packed, stem int) {
	k.used++
	if len(word) > fits {
		if k.long == nil {
			k.long = map[string]int{}
		}
		k.long[string(word)] = stem
		return
	}
	if 2*k.used >= len(k.short) {
		k.grow()
	}
	*k.place(p, k.hash(p)) = slot{p.a, p.b, uint32(stem)} //nolint:gosec // far fewer
}

func (k *known) grow() {
	old := k.short
	k.short = make([]slot, max(16, 2*len(old))) // a question has only a few words
	k.odd = rand.Uint64() | 1                   //nolint:gosec // it need not be secret for longer than a table lives
	for _, s := range old {
		if s.a != 0 {
			p := packed{s.a, s.b}
			*k.place(p, k.hash(p)) = s
		}
	}
	if k.often = nil; len(k.short) > 4*often {
		k.often = new([often]slot)
	}
}
