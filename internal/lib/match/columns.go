package match

import "math"

// columns are what is known of services that no set answers, by their numbers:
// while they are gathered, and then in a segment in the order of cells.
type columns struct {
	cells    []uint64     // MaxUint64 if no place is known
	at       [][3]float64 // on the unit sphere
	hours    []uint32     // index into slots
	slots    []*slot      // the first is nil: nothing is told
	low      []uint8      // ages
	high     []uint8      // noAge if there is no limit
	callable []bool
	checked  []int64 // microseconds since 1970, 0 never
	due      []int64
	hide     []int64
	free     []int16 // -1 not told
	until    []int64
	ids      []ID
	several  map[uint32]*several // services of which one place does not say all
}

// makeColumns makes them for n services of which nothing is known yet.
func makeColumns(n int) columns {
	return columns{
		cells: make([]uint64, n), at: make([][3]float64, n), hours: make([]uint32, n), slots: []*slot{nil},
		low: make([]uint8, n), high: make([]uint8, n), callable: make([]bool, n),
		checked: make([]int64, n), due: make([]int64, n), hide: make([]int64, n),
		free: make([]int16, n), until: make([]int64, n), ids: make([]ID, n), several: map[uint32]*several{},
	}
}

// grow makes room for one service more, and gives its number.
func (c *columns) grow() uint32 {
	n := uint32(len(c.ids)) //nolint:gosec // far fewer
	c.cells, c.at, c.hours = append(c.cells, 0), append(c.at, [3]float64{}), append(c.hours, 0)
	c.low, c.high, c.callable = append(c.low, 0), append(c.high, 0), append(c.callable, false)
	c.checked, c.due, c.hide = append(c.checked, 0), append(c.due, 0), append(c.hide, 0)
	c.free, c.until, c.ids = append(c.free, 0), append(c.until, 0), append(c.ids, ID{})
	return n
}

// layOut makes a segment of services from several columns, in an order, on all
// cores: each number's service with all that the columns say of it.
func layOut(order []source, all []*columns) *segment {
	s := &segment{n: len(order), columns: makeColumns(len(order))}
	hours := s.share(order, all)
	inStretches(s.n, func(from, to int) {
		for d := from; d < to; d++ {
			c, i := all[order[d].b], order[d].i
			s.cells[d], s.at[d], s.hours[d] = c.cells[i], c.at[i], hours[order[d].b][c.hours[i]]
			s.low[d], s.high[d], s.callable[d] = c.low[i], c.high[i], c.callable[i]
			s.checked[d], s.due[d], s.hide[d] = c.checked[i], c.due[i], c.hide[i]
			s.free[d], s.until[d], s.ids[d] = c.free[i], c.until[i], c.ids[i]
		}
	})
	for d, from := range order {
		if sv := all[from.b].several[from.i]; sv != nil {
			s.several[uint32(d)] = sv //nolint:gosec // far fewer
		}
		if s.cells[d] != math.MaxUint64 {
			s.placed = d + 1
		}
	}
	return s
}

// share puts the hours that services of several columns have into one list, and
// gives for each of the columns what its numbers are there.
func (c *columns) share(order []source, all []*columns) [][]uint32 {
	known := map[string]uint32{}
	as := make([][]uint32, len(all))
	for n, one := range all {
		as[n] = make([]uint32, len(one.slots))
	}
	for _, from := range order {
		one := all[from.b]
		n := one.hours[from.i]
		if n == 0 || as[from.b][n] != 0 {
			continue
		}
		at, ok := known[one.slots[n].key]
		if !ok {
			at = uint32(len(c.slots)) //nolint:gosec // far fewer
			known[one.slots[n].key] = at
			c.slots = append(c.slots, one.slots[n])
		}
		as[from.b][n] = at
	}
	return as
}
