package match

import (
	"strings"
	"sync"
)

// terms gathers which services have which words, in few pieces of memory, which
// are filled one after the other and never moved.
type terms struct {
	number map[string]uint32
	names  []string
	pieces []piece
	at     []begin // where each service's begin
	total  int

	byNumber []uint32 // one more than the term, by the number that the caller has for it
}

// piece has the terms of services one after the other, and their weights if
// they have any.
type piece struct {
	term   []uint32
	weight []uint8
}

type begin struct{ piece, at uint32 }

// full is how many terms a piece has at least when the next one begins. The
// first grows, since most segments are of a few services that have changed.
const full = 1 << 16

// service begins the terms of the next service.
func (t *terms) service() {
	n := len(t.pieces)
	switch {
	case n == 0:
		t.pieces = append(t.pieces, piece{})
	case len(t.pieces[n-1].term) >= full:
		next := piece{term: make([]uint32, 0, full+full/16)}
		if t.pieces[n-1].weight != nil {
			next.weight = make([]uint8, 0, full+full/16)
		}
		t.pieces = append(t.pieces, next)
	}
	last := len(t.pieces) - 1
	t.at = append(t.at, begin{uint32(last), uint32(len(t.pieces[last].term))}) //nolint:gosec // far fewer
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
	p := &t.pieces[len(t.pieces)-1]
	p.term = append(p.term, n-1)
	if weight > 0 {
		p.weight = append(p.weight, weight)
	}
	t.total++
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

// of gives a service's terms, and their weights if they have any.
func (t *terms) of(i uint32) (term []uint32, weight []uint8) {
	from, p := t.at[i], t.pieces[t.at[i].piece]
	to := uint32(len(p.term)) //nolint:gosec // far fewer
	if next := int(i) + 1; next < len(t.at) && t.at[next].piece == from.piece {
		to = t.at[next].at
	}
	if p.weight != nil {
		weight = p.weight[from.at:to]
	}
	return p.term[from.at:to], weight
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
	total, weighs := 0, false
	for b, t := range gathered {
		as[b] = make([]uint32, len(t.names))
		for i, name := range t.names {
			as[b][i] = all.named(name)
		}
		total += t.total
		weighs = weighs || len(t.pieces) > 0 && t.pieces[0].weight != nil
	}
	stretches := stretch(len(order))
	next := make([][]uint32, len(stretches))
	var wait sync.WaitGroup
	for w, part := range stretches {
		next[w] = make([]uint32, len(all.names))
		wait.Go(func() {
			for _, s := range order[part.from:part.to] {
				t, count := gathered[s.b], next[w]
				term, _ := t.of(s.i)
				for _, n := range term {
					count[as[s.b][n]]++
				}
			}
		})
	}
	wait.Wait()
	out := turned{names: all.names, lists: make([][]uint32, len(all.names)), weights: make([][]uint8, len(all.names))}
	list, weight := make([]uint32, total), []uint8(nil)
	if weighs {
		weight = make([]uint8, total)
	}
	at := uint32(0)
	for n := range all.names {
		begin := at
		for w := range next {
			next[w][n], at = at, at+next[w][n]
		}
		out.lists[n] = list[begin:at:at]
		if weighs {
			out.weights[n] = weight[begin:at:at]
		}
	}
	for w, part := range stretches {
		wait.Go(func() {
			next := next[w]
			for to := part.from; to < part.to; to++ {
				s := order[to]
				t, as := gathered[s.b], as[s.b]
				term, heavy := t.of(s.i)
				for i, n := range term {
					n = as[n]
					list[next[n]] = uint32(to) //nolint:gosec // far fewer
					if weighs {
						weight[next[n]] = heavy[i]
					}
					next[n]++
				}
			}
		})
	}
	wait.Wait()
	return out
}
