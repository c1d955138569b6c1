package match

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// source is where a service of a segment comes from: which builder, and which
// of its services.
type source struct{ b, i uint32 }

// finish makes one segment of what several builders have taken, on all cores.
// It gives the order, too: for each number where its service comes from.
func finish(builders ...*builder) (*segment, []source) {
	order := byCell(builders)
	all, words, tags := make([]*columns, len(builders)), make([]*terms, len(builders)), make([]*terms, len(builders))
	for i, b := range builders {
		all[i], words[i], tags[i] = &b.columns, &b.words, &b.tags
	}
	s := layOut(order, all)
	var wait sync.WaitGroup
	wait.Go(func() { s.rank = ranks(builders, order) })
	s.words = map[string]*posting{}
	met := turn(words, order)
	for i, name := range met.names {
		s.words[name] = newPosting(met.lists[i], met.weights[i], s.n)
	}
	s.tags = map[string]*set{}
	met = turn(tags, order)
	for i, name := range met.names {
		s.tags[name] = newSet(met.lists[i], s.n)
	}
	s.complete()
	wait.Wait()
	return s, order
}

// keyed is a service of a builder with what it is sorted by, so that sorting
// does not look all over the memory.
type keyed struct {
	key, more uint64
	source
}

// sorted are the services of all builders in an order that less is known of
// than key and more say: what is the same there, same decides.
func sorted(builders []*builder, key func(*builder, int) (uint64, uint64), same func(a, b source) int) []keyed {
	order := func(a, b keyed) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		if c := cmp.Compare(a.more, b.more); c != 0 {
			return c
		}
		return same(a.source, b.source)
	}
	lists := make([][]keyed, len(builders))
	var wait sync.WaitGroup
	for n, b := range builders {
		wait.Go(func() {
			list := make([]keyed, len(b.ids))
			for i := range list {
				key, more := key(b, i)
				list[i] = keyed{key, more, source{uint32(n), uint32(i)}} //nolint:gosec // far fewer
			}
			slices.SortFunc(list, order)
			lists[n] = list
		})
	}
	wait.Wait()
	for len(lists) > 1 {
		var half [][]keyed
		for i := 0; i < len(lists); i += 2 {
			if i+1 == len(lists) {
				half = append(half, lists[i])
				break
			}
			half = append(half, woven(lists[i], lists[i+1], order))
		}
		lists = half
	}
	return lists[0]
}

func woven(a, b []keyed, order func(a, b keyed) int) []keyed {
	list := make([]keyed, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if order(a[0], b[0]) <= 0 {
			list, a = append(list, a[0]), a[1:]
		} else {
			list, b = append(list, b[0]), b[1:]
		}
	}
	return append(append(list, a...), b...)
}

func byCell(builders []*builder) []source {
	list := sorted(builders,
		func(b *builder, i int) (uint64, uint64) { return b.cells[i], 0 },
		func(x, y source) int { return compareID(builders[x.b].ids[x.i], builders[y.b].ids[y.i]) })
	order := make([]source, len(list))
	for i := range list {
		order[i] = list[i].source
	}
	return order
}

// ranks gives each number its place by name, then id.
func ranks(builders []*builder, order []source) []uint32 {
	list := sorted(builders,
		func(b *builder, i int) (uint64, uint64) {
			var first [16]byte
			copy(first[:], b.names[i])
			return binary.BigEndian.Uint64(first[:]), binary.BigEndian.Uint64(first[8:])
		},
		func(x, y source) int {
			if c := strings.Compare(builders[x.b].names[x.i], builders[y.b].names[y.i]); c != 0 {
				return c
			}
			return compareID(builders[x.b].ids[x.i], builders[y.b].ids[y.i])
		})
	at := make([][]uint32, len(builders))
	for b := range builders {
		at[b] = make([]uint32, len(builders[b].ids))
	}
	for d, s := range order {
		at[s.b][s.i] = uint32(d) //nolint:gosec // far fewer
	}
	rank := make([]uint32, len(order))
	for r := range list {
		rank[at[list[r].b][list[r].i]] = uint32(r) //nolint:gosec // far fewer
	}
	return rank
}

func compareID(a, b ID) int { return bytes.Compare(a[:], b[:]) }

// stretched is some of many numbers that follow each other.
type stretched struct{ from, to int }

// stretch cuts the numbers below n into as many stretches as there are cores;
// few numbers stay together.
func stretch(n int) (list []stretched) {
	parts := runtime.GOMAXPROCS(0)
	if n < 10_000 {
		parts = 1
	}
	for i := range parts {
		list = append(list, stretched{n * i / parts, n * (i + 1) / parts})
	}
	return list
}

func inStretches(n int, f func(from, to int)) {
	var wait sync.WaitGroup
	for _, s := range stretch(n) {
		wait.Go(func() { f(s.from, s.to) })
	}
	wait.Wait()
}
