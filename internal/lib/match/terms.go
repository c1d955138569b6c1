package match

import (
	"strings"
	"sync"
)

// terms gathers which services have which words, in one piece of memory.
type terms struct {
	number map[string]uint32
	names  []string
	term   []uint32 // for all services one after the other
	weight []uint8
	from   []int // where each service's begin

	byNumber []uint32 // one more than the term, by the number that the caller has for it
}

func (t *terms) add(name string, weight uint8, number int) {
	for number >= len(t.byNumber) {
		t.byNumber = append(t.byNumber, 0)
	}
	n := t.byNumber[number]
	if n == 0 || number == 0 {
		n = t.named(name) + 1
		t.byNumber[number] = n
	}
	t.term = append(t.term, n-1)
	if weight > 0 {
		t.weight = append(t.weight, weight)
	}
}

func (t *terms) named(name string) uint32 {
	n, ok := t.number[name]
	if !ok {
		n = uint32(len(t.names)) //nolint:gosec // far fewer
		name = strings.Clone(name)
		t.number[name] = n
		t.names = append(t.names, name)
	}
	return n
}

// of is where a service's terms begin and end.
func (t *terms) of(i uint32) (from, to int) {
	if int(i)+1 < len(t.from) {
		return t.from[i], t.from[i+1]
	}
	return t.from[i], len(t.term)
}

// turned is the other way round: each term's services, with their weights.
type turned struct {
	names   []string
	lists   [][]uint32
	weights [][]uint8
}

// turn does that for what several builders have gathered, in the order of the
// services. Each worker takes a stretch of them and counts first, so that it
// knows where in each list its own begin.
func turn(gathered []*terms, order []source) turned {
	all := terms{number: map[string]uint32{}}
	as := make([][]uint32, len(gathered)) // each builder's terms by their common numbers
	total, weights := 0, 0
	for b, t := range gathered {
		as[b] = make([]uint32, len(t.names))
		for i, name := range t.names {
			as[b][i] = all.named(name)
		}
		total, weights = total+len(t.term), weights+len(t.weight)
	}
	stretches := stretch(len(order))
	next := make([][]uint32, len(stretches))
	var wait sync.WaitGroup
	for w, part := range stretches {
		next[w] = make([]uint32, len(all.names))
		wait.Go(func() {
			for _, s := range order[part.from:part.to] {
				t, count := gathered[s.b], next[w]
				from, to := t.of(s.i)
				for _, n := range t.term[from:to] {
					count[as[s.b][n]]++
				}
			}
		})
	}
	wait.Wait()
	out := turned{names: all.names, lists: make([][]uint32, len(all.names)), weights: make([][]uint8, len(all.names))}
	list, weight := make([]uint32, total), make([]uint8, weights)
	at := uint32(0)
	for n := range all.names {
		begin := at
		for w := range next {
			next[w][n], at = at, at+next[w][n]
		}
		out.lists[n] = list[begin:at:at]
		if weights > 0 {
			out.weights[n] = weight[begin:at:at]
		}
	}
	for w, part := range stretches {
		wait.Go(func() {
			next := next[w]
			for to := part.from; to < part.to; to++ {
				s := order[to]
				t, as := gathered[s.b], as[s.b]
				from, end := t.of(s.i)
				for i := from; i < end; i++ {
					n := as[t.term[i]]
					list[next[n]] = uint32(to) //nolint:gosec // far fewer
					if weights > 0 {
						weight[next[n]] = t.weight[i]
					}
					next[n]++
				}
			}
		})
	}
	wait.Wait()
	return out
}
