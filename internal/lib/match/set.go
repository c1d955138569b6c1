package match

import (
	"math/bits"
	"slices"
)

// set is a set of service numbers: a list while it is small, else one bit a
// service. It never changes once it is made.
type set struct {
	list     []uint32
	bits     []uint64
	n        int
	from, to int // no member is outside; to is 0 if that is not known
}

// dense says whether bits take less room than a list.
func dense(n, of int) bool { return n > of/32 }

func newSet(list []uint32, of int) *set {
	s := &set{n: len(list)}
	if s.n > 0 {
		s.from, s.to = int(list[0]), int(list[s.n-1])+1
	}
	if !dense(len(list), of) {
		s.list = slices.Clip(list)
		return s
	}
	s.bits = bitsOf(list, of)
	return s
}

func bitsOf(list []uint32, of int) []uint64 {
	b := make([]uint64, (of+63)/64)
	for _, d := range list {
		b[d/64] |= 1 << (d % 64)
	}
	return b
}

func (s *set) has(d uint32) bool {
	if s == nil {
		return false
	}
	if s.bits != nil {
		return s.bits[d/64]&(1<<(d%64)) != 0
	}
	_, ok := slices.BinarySearch(s.list, d)
	return ok
}

// each calls f for every member in ascending order.
func (s *set) each(f func(d uint32)) {
	if s == nil {
		return
	}
	for _, d := range s.list {
		f(d)
	}
	for i, w := range s.bits {
		for ; w != 0; w &= w - 1 {
			f(uint32(i*64 + bits.TrailingZeros64(w))) //nolint:gosec // numbers fit by construction
		}
	}
}

// window is the part of a set between two multiples of 64, one bit a service.
type window struct {
	base int // of the first bit, in words of 64
	w    []uint64
}

// fill sets the bits from a to b and no others. The window has both, or begins
// later or ends earlier.
func (v window) fill(a, b int) {
	for i := range v.w {
		v.w[i] = ^uint64(0)
	}
	if a -= v.base * 64; a > 0 {
		v.w[0] &= ^uint64(0) << a
	}
	if b -= (v.base + len(v.w) - 1) * 64; b < 64 {
		v.w[len(v.w)-1] &= ^uint64(0) >> (64 - b)
	}
}

// part is the members of s's list that lie in the window.
func (v window) part(list []uint32) []uint32 {
	lo, _ := slices.BinarySearch(list, uint32(v.base*64)) //nolint:gosec // likewise
	list = list[lo:]
	end := uint32((v.base + len(v.w)) * 64) //nolint:gosec // likewise
	if len(list) == 0 || list[len(list)-1] < end {
		return list
	}
	hi, _ := slices.BinarySearch(list, end)
	return list[:hi]
}

// without takes out what is in s.
func (v window) without(s *set) {
	if s == nil {
		return
	}
	if s.bits != nil {
		for i, w := range s.bits[v.base:min(v.base+len(v.w), len(s.bits))] {
			v.w[i] &^= w
		}
		return
	}
	base := uint32(v.base * 64) //nolint:gosec // likewise
	for _, d := range v.part(s.list) {
		d -= base
		v.w[d/64] &^= 1 << (d % 64)
	}
}

func (v window) count() (n int) {
	for _, w := range v.w {
		n += bits.OnesCount64(w)
	}
	return n
}
