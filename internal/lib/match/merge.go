package match

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// gone marks a service that is not taken over into a merged segment.
const gone = math.MaxUint32

// renumbered says for each number of an old segment what it is in the merged one.
type renumbered []uint32

func (r renumbered) list(old []uint32, weight []uint8) (list []uint32, weights []uint8) {
	list = make([]uint32, 0, len(old))
	if weight != nil {
		weights = make([]uint8, 0, len(old))
	}
	for i, d := range old {
		if r[d] == gone {
			continue
		}
		list = append(list, r[d])
		if weight != nil {
			weights = append(weights, weight[i])
		}
	}
	return list, weights
}

// merge makes one segment of two, without what is dead in them. Each keeps its
// order, so that lists are woven together and nothing is sorted. before says
// which of two services comes first by name.
func merge(a, b *segment, deadA, deadB *set, before func(inA, inB uint32) bool) (m *segment, ra, rb renumbered) {
	ra, rb = make(renumbered, a.n), make(renumbered, b.n)
	order := make([]source, 0, a.n+b.n)
	x, y := living(0, a, deadA, ra), living(0, b, deadB, rb)
	for int(x) < a.n || int(y) < b.n {
		n := uint32(len(order)) //nolint:gosec // far fewer
		if int(y) == b.n || int(x) < a.n && (a.cells[x] < b.cells[y] || a.cells[x] == b.cells[y] && compareID(a.ids[x], b.ids[y]) <= 0) {
			order, ra[x] = append(order, source{0, x}), n
			x = living(x+1, a, deadA, ra)
		} else {
			order, rb[y] = append(order, source{1, y}), n
			y = living(y+1, b, deadB, rb)
		}
	}
	m = layOut(order, []*columns{&a.columns, &b.columns})
	m.terms(a, b, ra, rb)
	m.rank = mergeRanks(a, b, ra, rb, m.n, before)
	m.complete()
	return m, ra, rb
}

// living is the first service from d on that is not dead; the dead are gone.
func living(d uint32, s *segment, dead *set, r renumbered) uint32 {
	for ; int(d) < s.n && dead.has(d); d++ {
		r[d] = gone
	}
	return d
}

// terms weaves the words and tags of two segments together, on all cores if
// there is much to weave.
func (s *segment) terms(a, b *segment, ra, rb renumbered) {
	names := unionKeys(a.words, b.words)
	made := make([]*posting, len(names))
	inParallel(len(names), a.n+b.n, func(i int) {
		p, o := a.words[names[i]], b.words[names[i]]
		var list []uint32
		var weight []uint8
		if p != nil {
			list, weight = ra.list(p.list, p.weight)
		}
		if o != nil {
			more, weights := rb.list(o.list, o.weight)
			list, weight = weave(list, more, weight, weights)
		}
		if len(list) > 0 {
			made[i] = newPosting(list, weight, s.n)
		}
	})
	s.words = make(map[string]*posting, len(names))
	for i, name := range names {
		if made[i] != nil {
			s.words[name] = made[i]
		}
	}
	s.tags = map[string]*set{}
	for _, name := range unionKeys(a.tags, b.tags) {
		list, _ := weave(ra.members(a.tags[name]), rb.members(b.tags[name]), nil, nil)
		if len(list) > 0 {
			s.tags[name] = newSet(list, s.n)
		}
	}
}

func unionKeys[V any](a, b map[string]V) []string {
	names := make([]string, 0, max(len(a), len(b)))
	for name := range a {
		names = append(names, name)
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// inParallel calls f for each number below n.
func inParallel(n, size int, f func(i int)) {
	workers := runtime.GOMAXPROCS(0)
	if size < 10_000 {
		workers = 1
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var wait sync.WaitGroup
	for range workers - 1 {
		wait.Go(work)
	}
	work()
	wait.Wait()
}

func (r renumbered) members(s *set) []uint32 {
	if s == nil {
		return nil
	}
	list := make([]uint32, 0, s.n)
	s.each(func(d uint32) {
		if r[d] != gone {
			list = append(list, r[d])
		}
	})
	return list
}

func weave(a, b []uint32, wa, wb []uint8) (list []uint32, weight []uint8) {
	switch {
	case len(a) == 0:
		return b, wb
	case len(b) == 0:
		return a, wa
	}
	list = make([]uint32, 0, len(a)+len(b))
	if wa != nil {
		weight = make([]uint8, 0, len(a)+len(b))
	}
	x, y := 0, 0
	for x < len(a) || y < len(b) {
		if y == len(b) || x < len(a) && a[x] < b[y] {
			list = append(list, a[x])
			if wa != nil {
				weight = append(weight, wa[x])
			}
			x++
			continue
		}
		list = append(list, b[y])
		if wa != nil {
			weight = append(weight, wb[y])
		}
		y++
	}
	return list, weight
}

// mergeRanks weaves the two orders by name.
func mergeRanks(a, b *segment, ra, rb renumbered, n int, before func(inA, inB uint32) bool) []uint32 {
	byName := func(s *segment, r renumbered) []uint32 {
		list := make([]uint32, s.n)
		for d, rank := range s.rank {
			list[rank] = uint32(d) //nolint:gosec // far fewer
		}
		return slices.DeleteFunc(list, func(d uint32) bool { return r[d] == gone })
	}
	listA, listB := byName(a, ra), byName(b, rb)
	rank := make([]uint32, n)
	x, y := 0, 0
	for i := range uint32(n) { //nolint:gosec // far fewer
		if y == len(listB) || x < len(listA) && before(listA[x], listB[y]) {
			rank[ra[listA[x]]] = i
			x++
		} else {
			rank[rb[listB[y]]] = i
			y++
		}
	}
	return rank
}
