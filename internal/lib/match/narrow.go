package match

import (
	"cmp"
	"slices"
)

// clause is a condition that sets answer: what is in one of them.
type clause struct {
	sets []*set
	now  []operand // of the window at hand
	n    int       // at most so many services
}

// operand is a set's bits from the window's first on, or what is left of its list.
type operand struct {
	bits []uint64
	list []uint32
}

// block is so many words of a window as are worked on at a time, so that they
// stay near the processor.
const block = 256

// gather turns words and conditions into clauses, what is rarest first, and
// finds between which numbers there can be anything at all.
func (r *run) gather() {
	r.clauses, r.from, r.to = r.clauses[:0], 0, r.s.n
	if r.q.Any && len(r.cursors) > 0 {
		c := r.clause()
		for _, list := range r.cursors {
			c.words(list)
		}
	} else {
		for _, list := range r.cursors {
			r.clause().words(list)
		}
	}
	for i := range r.conds {
		c := r.clause()
		c.add(r.conds[i].yes...)
		c.add(r.conds[i].unknown...)
	}
	for i := range r.clauses {
		from, to := r.clauses[i].bounds(r.s.n)
		r.from, r.to = max(r.from, from), min(r.to, to)
	}
	slices.SortFunc(r.clauses, func(a, b clause) int { return cmp.Compare(a.n, b.n) })
}

// clause gives an empty one, with the room of an earlier.
func (r *run) clause() *clause {
	n := len(r.clauses)
	if n < cap(r.clauses) {
		r.clauses = r.clauses[:n+1]
	} else {
		r.clauses = append(r.clauses, clause{})
	}
	c := &r.clauses[n]
	c.sets, c.n = c.sets[:0], 0
	return c
}

func (c *clause) words(list []cursor) {
	for i := range list {
		c.add(&list[i].p.in)
	}
}

func (c *clause) add(sets ...*set) {
	for _, s := range sets {
		if s != nil {
			c.sets = append(c.sets, s)
			c.n += s.n
		}
	}
}

func (c *clause) bounds(all int) (from, to int) {
	from = all
	for _, s := range c.sets {
		switch {
		case s.n == 0:
		case s.to == 0:
			return 0, all
		default:
			from, to = min(from, s.from), max(to, s.to)
		}
	}
	return from, to
}

// open makes a window over the numbers from a to b with what satisfies all
// that sets can answer. The window may begin later and end earlier than they.
func (r *run) open(a, b int) window {
	a, b = max(a, r.from), min(b, r.to)
	if a >= b {
		return window{}
	}
	base := a / 64
	n := (b+63)/64 - base
	if len(r.w) < n {
		r.w = make([]uint64, n)
	}
	v := window{base, r.w[:n]}
	for i := range r.clauses {
		r.clauses[i].begin(v)
	}
	for i := 0; i < n; i += block {
		part := window{base + i, v.w[i:min(i+block, n)]}
		part.fill(a, b)
		part.without(r.dead)
		for j := range r.clauses {
			if !r.clauses[j].keep(part, base, &r.tmp) {
				break
			}
		}
	}
	return v
}

func (c *clause) begin(v window) {
	c.now = c.now[:0]
	for _, s := range c.sets {
		if s.bits != nil {
			c.now = append(c.now, operand{bits: s.bits[min(v.base, len(s.bits)):]})
		} else if list := v.part(s.list); len(list) > 0 {
			c.now = append(c.now, operand{list: list})
		}
	}
}

// keep takes out of a part of the window what is in none of the sets, and says
// whether anything is left. Parts come one after the other.
func (c *clause) keep(part window, base int, tmp *[block]uint64) bool {
	from := part.base - base
	if len(c.now) == 1 && c.now[0].bits != nil {
		return part.and(c.now[0].bits[from:])
	}
	if len(c.now) == 2 && c.now[0].bits != nil && c.now[1].bits != nil {
		return part.andEither(c.now[0].bits[from:], c.now[1].bits[from:])
	}
	t := window{part.base, tmp[:len(part.w)]}
	clear(t.w)
	for i := range c.now {
		if o := &c.now[i]; o.bits != nil {
			t.or(o.bits[from:])
		} else {
			o.list = t.orList(o.list)
		}
	}
	return part.and(t.w)
}

func (v window) and(bits []uint64) bool {
	w := v.w
	bits = bits[:len(w)]
	left := uint64(0)
	for i := range w {
		w[i] &= bits[i]
		left |= w[i]
	}
	return left != 0
}

func (v window) andEither(a, b []uint64) bool {
	w := v.w
	a, b = a[:len(w)], b[:len(w)]
	left := uint64(0)
	for i := range w {
		w[i] &= a[i] | b[i]
		left |= w[i]
	}
	return left != 0
}

func (v window) or(bits []uint64) {
	w := v.w
	bits = bits[:len(w)]
	for i := range w {
		w[i] |= bits[i]
	}
}

// orList adds the members of an ascending list that lie in the window, and
// gives those that come after it. What came before it is left out.
func (v window) orList(list []uint32) []uint32 {
	from, to := uint32(v.base*64), uint32((v.base+len(v.w))*64) //nolint:gosec // numbers fit
	if len(list) > 0 && list[0] < from {
		at, _ := slices.BinarySearch(list, from)
		list = list[at:]
	}
	for i, d := range list {
		if d >= to {
			return list[i:]
		}
		d -= from
		v.w[d/64] |= 1 << (d % 64)
	}
	return nil
}
