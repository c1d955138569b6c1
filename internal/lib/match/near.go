package match

import (
	"math"
	"sort"

	"github.com/golang/geo/s1"
	"github.com/golang/geo/s2"
)

const earthKM = 6371.0088 // mean radius, as everywhere in the house

// area is where a query looks.
type area struct {
	at     [3]float64
	far    float64 // squared chord; 0 with no bound
	km     float64
	covers s2.CellUnion
}

// chordOf is the squared chord of a way over the globe.
func chordOf(km float64) float64 {
	half := math.Sin(math.Min(km/earthKM, math.Pi) / 2)
	return 4 * half * half
}

func kilometres(far float64) float64 {
	if math.IsInf(far, 1) {
		return far
	}
	return 2 * earthKM * math.Asin(math.Min(1, math.Sqrt(far)/2))
}

func newArea(n *Near) *area {
	a := &area{at: onSphere(n.Lat, n.Lon), km: n.KM}
	if n.KM > 0 {
		a.far = chordOf(n.KM)
		a.covers = cover(a.at, n.KM)
	}
	return a
}

var coverer = s2.RegionCoverer{MaxLevel: 15, LevelMod: 1, MaxCells: 12}

// cover gives cells that hold everything within km, and some more.
func cover(at [3]float64, km float64) s2.CellUnion {
	// A little more than km: the cap must not lose by rounding what the chord keeps.
	return coverer.FastCovering(s2.CapFromCenterAngle(point(at), s1.Angle(km*1.000001/earthKM)+1e-12))
}

// ranges calls f with the numbers of the services whose cells are covered.
func (s *segment) ranges(cells s2.CellUnion, f func(a, b int)) {
	placed := s.cells[:s.placed]
	end := 0
	for i := 0; i < len(cells); i++ {
		lo, hi := uint64(cells[i].RangeMin()), uint64(cells[i].RangeMax())
		for i+1 < len(cells) && uint64(cells[i+1].RangeMin()) == hi+2 { // neighbours are one range
			i++
			hi = uint64(cells[i].RangeMax())
		}
		a := end + sort.Search(len(placed)-end, func(i int) bool { return placed[end+i] >= lo })
		b := a + sort.Search(len(placed)-a, func(i int) bool { return placed[a+i] > hi })
		if end = b; a < b {
			f(a, b)
		}
	}
}

// within takes services of which a place is within the bound.
func (r *run) within() {
	s, far := r.s, r.near.far
	special := s.special.size() > 0
	s.ranges(r.near.covers, func(a, b int) {
		v := r.open(a, b)
		r.rewind(a)
		r.each(v, func(d uint32) {
			if c := chord2(s.at[d], r.near.at); c <= far && (!special || !s.special.has(d)) {
				r.take(d, hit{d: d, spot: 0, far: c})
			}
		})
	})
	if !special {
		return
	}
	for d := range r.reached() {
		if r.fits(d) {
			state, spot, c := r.place(d)
			r.takeSpecial(d, state, spot, c)
		}
	}
}

// reached are the services with several or hidden places of which one may be
// within the bound, and those of which none is known.
func (r *run) reached() map[uint32]bool {
	s := r.s
	list := map[uint32]bool{}
	for _, cell := range r.near.covers {
		lo, hi := uint64(cell.RangeMin()), uint64(cell.RangeMax())
		for i := sort.Search(len(s.extra), func(i int) bool { return s.extra[i].cell >= lo }); i < len(s.extra) && s.extra[i].cell <= hi; i++ {
			list[s.extra[i].n] = true
		}
	}
	for i := range s.wide {
		if r.near.holds(s.wide[i].cell, s.wide[i].at) {
			for _, d := range s.wide[i].services {
				list[d] = true
			}
		}
	}
	return list
}

// cellRadius is more than the way from the middle of a coarse cell to its corner.
const cellRadius = 120

// holds says whether a hidden place counts as within the bound: its cell
// touches it. It follows from the cell alone.
func (a *area) holds(cell s2.CellID, middle [3]float64) bool {
	if a.km == 0 {
		return true
	}
	if cell.Level() >= 7 && chord2(a.at, middle) > chordOf(a.km+cellRadius) {
		return false
	}
	to := s2.CellFromCellID(cell).Distance(point(a.at))
	return to.Angle().Radians()*earthKM <= a.km
}

// place finds the nearest place of a service that has several. If only one of
// them is meant, some within and some not is unknown.
func (r *run) place(d uint32) (st State, spot int, far float64) {
	sv := r.s.several[d]
	spot, far = -1, math.Inf(1)
	in, out := 0, 0
	for i := range sv.places {
		w := &sv.places[i]
		if !w.known {
			continue
		}
		c := chord2(w.at, r.near.at)
		inside := r.near.km == 0 || c <= r.near.far
		if w.cell != 0 {
			inside = r.near.holds(w.cell, w.at)
		}
		if inside {
			in++
		} else {
			out++
		}
		if c < far {
			spot, far = i, c
		}
	}
	switch {
	case in == 0 && out > 0:
		return No, -1, math.Inf(1)
	case in == 0:
		return Unknown, -1, math.Inf(1)
	case sv.oneOf && (out > 0 || sv.unknown > 0):
		return Unknown, spot, far
	}
	return Yes, spot, far
}

// fits asks one service what windows ask many.
func (r *run) fits(d uint32) bool {
	if r.dead.has(d) {
		return false
	}
	for i := range r.conds {
		if r.conds[i].state(d) == No {
			return false
		}
	}
	matched := 0
	for _, list := range r.cursors {
		for _, c := range list {
			if c.p.in.has(d) {
				matched++
				break
			}
		}
	}
	return matched == len(r.cursors) || r.q.Any && matched > 0
}

func (r *run) takeSpecial(d uint32, st State, spot int, far float64) {
	if st == No || st == Unknown && !r.q.Unsure || math.IsInf(far, 1) {
		return
	}
	h := hit{d: d, spot: int16(spot), far: far} //nolint:gosec // few places
	if st == Unknown {
		h.unsure++
	}
	r.rewind(int(d))
	r.take(d, h)
}

// few is up to how many services are measured without looking near first.
const few = 512

// nearest takes services however far, nearest first. All are counted, but only
// those near the point are measured.
func (r *run) nearest() {
	s := r.s
	if s.placed == 0 {
		return
	}
	v := r.open(0, s.placed)
	special := r.apart(v)
	measure := func(d uint32) {
		r.take(d, hit{d: d, spot: 0, far: chord2(s.at[d], r.near.at)})
	}
	if n := v.count(); r.checks || r.q.Unsure || n <= few || n <= r.want {
		r.rewind(0)
		r.each(v, measure)
	} else {
		r.rings(v)
		r.total = n
	}
	r.each(special, func(d uint32) {
		st, spot, far := r.place(d)
		r.takeSpecial(d, st, spot, far)
	})
}

// apart takes the services with several or hidden places out of a window and
// gives them alone.
func (r *run) apart(v window) window {
	if r.s.special.size() == 0 || len(v.w) == 0 {
		return window{}
	}
	c := clause{sets: []*set{r.s.special}}
	c.begin(v)
	r.special = append(r.special[:0], v.w...)
	special := window{v.base, r.special}
	for i := 0; i < len(v.w); i += block {
		part := window{v.base + i, special.w[i:min(i+block, len(v.w))]}
		c.keep(part, v.base, &r.tmp)
	}
	v.without(r.s.special)
	return special
}

// rings looks in ever wider caps until one holds as many as are wanted.
func (r *run) rings(v window) {
	s := r.s
	for km := 8.0; ; km *= 3 {
		r.top.list = r.top.list[:0]
		far := chordOf(km)
		if km > 6000 {
			far = 4
			r.rewind(0)
			r.each(v, func(d uint32) { r.take(d, hit{d: d, spot: 0, far: chord2(s.at[d], r.near.at)}) })
			return
		}
		found := 0
		s.ranges(cover(r.near.at, km), func(a, b int) {
			r.rewind(a)
			for i := max(a/64, v.base); i <= (b-1)/64 && i < v.base+len(v.w); i++ {
				sub := window{i, v.w[i-v.base : i-v.base+1]}
				r.each(sub, func(d uint32) {
					if int(d) < a || int(d) >= b {
						return
					}
					if c := chord2(s.at[d], r.near.at); c <= far {
						found++
						r.take(d, hit{d: d, spot: 0, far: c})
					}
				})
			}
		})
		if found >= r.want {
			return
		}
	}
}
