package match

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/golang/geo/s2"
)

// builder takes services in any order and makes a segment of them.
type builder struct {
	ids      []ID
	names    []string
	cells    []uint64 // MaxUint64 if no place is known
	at       [][3]float64
	slotOf   []uint32
	slots    []*slot
	slotKey  map[string]uint32
	low      []uint8
	high     []uint8
	callable []bool
	times    [][3]int64
	free     []int16
	until    []int64
	several  map[uint32]*several

	words, tags terms
}

// terms gathers which services have which words, in one piece of memory.
type terms struct {
	number map[string]uint32
	names  []string
	count  []uint32
	term   []uint32 // for all services one after the other
	weight []uint8
	from   []int // where each service's begin

	byNumber []uint32 // one more than the term, by the number that the caller has for it
}

func newBuilder() *builder {
	return &builder{
		slots: []*slot{nil}, slotKey: map[string]uint32{}, several: map[uint32]*several{},
		words: terms{number: map[string]uint32{}}, tags: terms{number: map[string]uint32{}},
	}
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
	n--
	t.count[n]++
	t.term = append(t.term, n)
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
		t.count = append(t.count, 0)
	}
	return n
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func (b *builder) add(f *Facts) {
	n := uint32(len(b.ids)) //nolint:gosec // far fewer
	b.ids = append(b.ids, f.ID)
	b.names = append(b.names, f.Name)
	low, high := clampAge(f.MinAge), uint8(noAge)
	if f.MaxAge >= 0 {
		high = clampAge(f.MaxAge)
	}
	b.low, b.high = append(b.low, low), append(b.high, high)
	b.callable = append(b.callable, f.Callable)
	b.times = append(b.times, [3]int64{micros(f.Checked), micros(f.Due), micros(f.Hide)})
	free := int16(-1)
	if !f.FreeUntil.IsZero() {
		free = int16(max(0, min(f.Free, math.MaxInt16))) //nolint:gosec // clamped
	}
	b.free, b.until = append(b.free, free), append(b.until, micros(f.FreeUntil))

	b.words.from = append(b.words.from, len(b.words.term))
	for _, w := range f.Words {
		if w.Weight > 0 {
			b.words.add(w.Stem, w.Weight, w.Number)
		}
	}
	b.tags.from = append(b.tags.from, len(b.tags.term))
	for i, t := range f.Tags {
		if !slices.Contains(f.Tags[:i], t) {
			b.tags.add(t, 0, 0)
		}
	}
	b.place(n, f)
}

func (b *builder) slot(h Hours) uint32 {
	if h == nil {
		return 0
	}
	key := h.Key()
	n, ok := b.slotKey[key]
	if !ok {
		n = uint32(len(b.slots)) //nolint:gosec // far fewer
		b.slotKey[key] = n
		b.slots = append(b.slots, &slot{key: key, hours: h})
	}
	return n
}

// place notes where a service is. Its first known place decides its number.
func (b *builder) place(n uint32, f *Facts) {
	own := b.slot(f.Hours)
	cell, at := uint64(math.MaxUint64), [3]float64{}
	special := f.OneOf && len(f.Spots) > 1 || len(f.Spots) > 1
	sv := &several{oneOf: f.OneOf, own: f.Hours != nil}
	for _, sp := range f.Spots {
		w := where{known: sp.Known || sp.Cell != 0, cell: sp.Cell, slot: b.slots[b.slot(sp.Hours)]}
		switch {
		case sp.Cell != 0: // of a hidden place nothing else is looked at
			special = true
			p := sp.Cell.Point()
			w.at = [3]float64{p.X, p.Y, p.Z}
		case sp.Known:
			w.at = onSphere(sp.Lat, sp.Lon)
		default:
			sv.unknown++
		}
		if w.known && cell == math.MaxUint64 {
			at = w.at
			cell = leaf(at)
		}
		sv.places = append(sv.places, w)
	}
	if own == 0 && !special && len(f.Spots) == 1 {
		own = b.slot(f.Spots[0].Hours)
	}
	b.cells, b.at, b.slotOf = append(b.cells, cell), append(b.at, at), append(b.slotOf, own)
	if special {
		b.several[n] = sv
	}
}

// finish gives the segment, and the order: for each of its numbers the place
// at which the service was added.
func (b *builder) finish() (*segment, []uint32) {
	n := len(b.ids)
	order := make([]uint32, n)
	for i := range order {
		order[i] = uint32(i) //nolint:gosec // far fewer
	}
	slices.SortFunc(order, func(x, y uint32) int {
		if c := cmp.Compare(b.cells[x], b.cells[y]); c != 0 {
			return c
		}
		return compareID(b.ids[x], b.ids[y])
	})
	s := &segment{
		n: n, cells: make([]uint64, n), at: make([][3]float64, n), hours: make([]uint32, n), slots: b.slots,
		low: make([]uint8, n), high: make([]uint8, n), callable: make([]bool, n),
		checked: make([]int64, n), due: make([]int64, n), hide: make([]int64, n),
		free: make([]int16, n), until: make([]int64, n), ids: make([]ID, n), several: map[uint32]*several{},
	}
	for to, from := range order {
		s.cells[to], s.at[to], s.hours[to] = b.cells[from], b.at[from], b.slotOf[from]
		s.low[to], s.high[to], s.callable[to] = b.low[from], b.high[from], b.callable[from]
		s.checked[to], s.due[to], s.hide[to] = b.times[from][0], b.times[from][1], b.times[from][2]
		s.free[to], s.until[to], s.ids[to] = b.free[from], b.until[from], b.ids[from]
		if sv := b.several[from]; sv != nil {
			s.several[uint32(to)] = sv //nolint:gosec // far fewer
		}
		if b.cells[from] != math.MaxUint64 {
			s.placed = to + 1
		}
	}
	s.rank = ranks(n, func(x, y uint32) int {
		if c := strings.Compare(b.names[order[x]], b.names[order[y]]); c != 0 {
			return c
		}
		return compareID(s.ids[x], s.ids[y])
	})
	s.words = map[string]*posting{}
	lists, weights := b.words.byTerm(order)
	for i, name := range b.words.names {
		s.words[name] = newPosting(lists[i], weights[i], n)
	}
	s.tags = map[string]*set{}
	lists, _ = b.tags.byTerm(order)
	for i, name := range b.tags.names {
		s.tags[name] = newSet(lists[i], n)
	}
	s.complete()
	return s, order
}

// complete works out what follows from the columns.
func (s *segment) complete() {
	s.sortIDs()
	s.ages = makeAges(s.low, s.high)
	s.places()
}

func ranks(n int, compare func(x, y uint32) int) []uint32 {
	byName := make([]uint32, n)
	for i := range byName {
		byName[i] = uint32(i) //nolint:gosec // far fewer
	}
	slices.SortFunc(byName, compare)
	rank := make([]uint32, n)
	for r, d := range byName {
		rank[d] = uint32(r) //nolint:gosec // far fewer
	}
	return rank
}

// byTerm turns each service's terms into each term's services.
func (t *terms) byTerm(order []uint32) (lists [][]uint32, weights [][]uint8) {
	all, allWeights := make([]uint32, len(t.term)), make([]uint8, len(t.weight))
	next := make([]int, len(t.names)+1)
	for i, c := range t.count {
		next[i+1] = next[i] + int(c)
	}
	from := slices.Clone(next)
	for to, d := range order {
		end := len(t.term)
		if int(d)+1 < len(t.from) {
			end = t.from[d+1]
		}
		for i := t.from[d]; i < end; i++ {
			n := t.term[i]
			all[next[n]] = uint32(to) //nolint:gosec // far fewer
			if len(allWeights) > 0 {
				allWeights[next[n]] = t.weight[i]
			}
			next[n]++
		}
	}
	lists = make([][]uint32, len(t.names))
	weights = make([][]uint8, len(t.names))
	for i := range lists {
		lists[i] = all[from[i]:from[i+1]:from[i+1]]
		if len(allWeights) > 0 {
			weights[i] = allWeights[from[i]:from[i+1]:from[i+1]]
		}
	}
	return lists, weights
}

// places sorts the places of services that have several, or hidden ones.
func (s *segment) places() {
	hidden := map[s2.CellID][]uint32{}
	list := make([]uint32, 0, len(s.several))
	for d := range s.several {
		list = append(list, d)
	}
	slices.Sort(list)
	for _, d := range list {
		for _, w := range s.several[d].places {
			switch {
			case w.cell != 0:
				if have := hidden[w.cell]; len(have) == 0 || have[len(have)-1] != d {
					hidden[w.cell] = append(have, d)
				}
			case w.known:
				s.extra = append(s.extra, extra{leaf(w.at), d})
			}
		}
	}
	s.special = newSet(list, s.n)
	slices.SortFunc(s.extra, func(a, b extra) int { return cmp.Compare(a.cell, b.cell) })
	for cell, services := range hidden {
		p := cell.Point()
		s.wide = append(s.wide, wide{cell, [3]float64{p.X, p.Y, p.Z}, services})
	}
	slices.SortFunc(s.wide, func(a, b wide) int { return cmp.Compare(a.cell, b.cell) })
}

func leaf(at [3]float64) uint64 { return uint64(s2.CellFromPoint(point(at)).ID()) }

func point(at [3]float64) s2.Point {
	var p s2.Point
	p.X, p.Y, p.Z = at[0], at[1], at[2]
	return p
}
