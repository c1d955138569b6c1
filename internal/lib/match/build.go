package match

import (
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/golang/geo/s2"
)

// builder takes services in any order, to make a segment of them.
type builder struct {
	columns
	names       []string
	slotKey     map[string]uint32
	words, tags terms
}

func newBuilder() *builder {
	return &builder{
		columns: makeColumns(0), slotKey: map[string]uint32{},
		words: terms{number: map[string]uint32{}}, tags: terms{number: map[string]uint32{}},
	}
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func (b *builder) add(f *Facts) {
	n := b.grow()
	b.ids[n], b.callable[n] = f.ID, f.Callable
	b.names = append(b.names, f.Name)
	b.low[n], b.high[n] = clampAge(f.MinAge), noAge
	if f.MaxAge >= 0 {
		b.high[n] = clampAge(f.MaxAge)
	}
	b.checked[n], b.due[n], b.hide[n] = micros(f.Checked), micros(f.Due), micros(f.Hide)
	b.free[n], b.until[n] = -1, micros(f.FreeUntil)
	if !f.FreeUntil.IsZero() {
		b.free[n] = int16(max(0, min(f.Free, math.MaxInt16))) //nolint:gosec // clamped
	}

	b.words.service()
	for _, w := range f.Words {
		if w.Weight > 0 {
			b.words.add(w.Stem, w.Weight, w.Number)
		}
	}
	b.tags.service()
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
	b.cells[n], b.at[n], b.hours[n] = cell, at, own
	if special {
		b.several[n] = sv
	}
}

// complete works out what follows from the columns.
func (s *segment) complete() {
	s.sortIDs()
	s.ages = makeAges(s.low, s.high)
	s.places()
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
