package match

import (
	"cmp"
	"encoding/binary"
	"slices"
	"sort"
	"sync/atomic"

	"github.com/golang/geo/s2"
)

// segment is a part of the index. But for what it remembers of answers, it
// never changes.
type segment struct {
	n      int // services, numbered from 0 in the order of their cells
	placed int // so many have a known place: the first
	columns

	ages  ageSets
	byID  []uint32
	rank  []uint32 // by name, then id
	words map[string]*posting
	tags  map[string]*set

	special *set    // those of which one place does not say all
	extra   []extra // their places that may be told, by cell
	wide    []wide  // and those that are hidden

	timed atomic.Pointer[timed]
	near  atomic.Pointer[spellings]
}

// several are the places of one service.
type several struct {
	places  []where
	oneOf   bool
	unknown int // places without coordinates
	own     bool
}

type where struct {
	at    [3]float64
	known bool
	cell  s2.CellID // of a hidden one
	slot  *slot
}

type extra struct {
	cell uint64
	n    uint32
}

// wide is a coarse cell with the services that have a hidden place in it.
type wide struct {
	cell     s2.CellID
	at       [3]float64
	services []uint32
}

const noAge = 255

func clampAge(a int) uint8 { return uint8(max(0, min(a, noAge-1))) } //nolint:gosec // clamped

// ageSets hold who takes which age. Between two bounds that somebody has set
// nothing changes, so one set a step is enough.
type ageSets struct {
	from    []uint8 // first age of each step
	sets    []*set
	unknown *set
}

func makeAges(low, high []uint8) ageSets {
	var edge [256]bool
	edge[0] = true
	unknown := make([]uint32, 0)
	for i := range low {
		if low[i] == 0 && high[i] == noAge {
			unknown = append(unknown, uint32(i)) //nolint:gosec // numbers fit
			continue
		}
		edge[low[i]] = true
		if high[i] != noAge {
			edge[high[i]+1] = true
		}
	}
	a := ageSets{unknown: newSet(unknown, len(low))}
	var step [256]int
	for age, is := range edge {
		if is {
			a.from = append(a.from, uint8(age)) //nolint:gosec // below 256
		}
		step[age] = len(a.from) - 1
	}
	lists := make([][]uint64, len(a.from))
	for i := range lists {
		lists[i] = make([]uint64, (len(low)+63)/64)
	}
	for i := range low {
		if low[i] == 0 && high[i] == noAge {
			continue
		}
		for s := step[low[i]]; s <= step[high[i]]; s++ {
			lists[s][i/64] |= 1 << (i % 64)
		}
	}
	for _, b := range lists {
		a.sets = append(a.sets, compact(b, len(low)))
	}
	return a
}

// compact turns bits into whichever form is smaller.
func compact(b []uint64, of int) *set {
	n := window{w: b}.count()
	s := &set{bits: b, n: n}
	if dense(n, of) {
		return s
	}
	list := make([]uint32, 0, n)
	s.each(func(d uint32) { list = append(list, d) })
	return newSet(list, of)
}

func (a *ageSets) of(age int) *set {
	i := sort.Search(len(a.from), func(i int) bool { return int(a.from[i]) > age }) - 1
	if i < 0 {
		return nil
	}
	return a.sets[i]
}

// find gives the number of a service.
func (s *segment) find(id ID) (uint32, bool) {
	i := sort.Search(len(s.byID), func(i int) bool { return compareID(s.ids[s.byID[i]], id) >= 0 })
	if i < len(s.byID) && s.ids[s.byID[i]] == id {
		return s.byID[i], true
	}
	return 0, false
}

func (s *segment) sortIDs() {
	type first struct {
		key uint64
		d   uint32
	}
	list := make([]first, s.n)
	for i := range list {
		list[i] = first{binary.BigEndian.Uint64(s.ids[i][:]), uint32(i)} //nolint:gosec // numbers fit
	}
	slices.SortFunc(list, func(a, b first) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		return compareID(s.ids[a.d], s.ids[b.d])
	})
	s.byID = make([]uint32, s.n)
	for i := range list {
		s.byID[i] = list[i].d
	}
}

func onSphere(lat, lon float64) [3]float64 {
	p := s2.PointFromLatLng(s2.LatLngFromDegrees(lat, lon))
	return [3]float64{p.X, p.Y, p.Z}
}

// chord2 is the squared straight way through the globe between two points on
// it: it orders as the way over it does, and costs three multiplications.
func chord2(a, b [3]float64) float64 {
	x, y, z := a[0]-b[0], a[1]-b[1], a[2]-b[2]
	return x*x + y*y + z*z
}
