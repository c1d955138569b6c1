package match

import (
	"cmp"
	"container/heap"
	"math"
	"math/bits"
	"slices"
	"strings"
	"sync"
)

// hit is a service that satisfies a query, by its number in a segment.
type hit struct {
	d                      uint32
	matched, unsure, grade uint8
	spot                   int16
	score                  float32
	far                    float64 // squared chord, +Inf if not known
}

// run is a query on its way through the segments.
type run struct {
	q     *Query
	now   int64
	words []word
	near  *area
	want  int // hits to keep of each segment

	// Of the segment at hand:
	s       *segment
	dead    *set
	conds   []asked
	cursors [][]cursor
	checks  bool // something must be asked of each service alone
	total   int
	top     hits

	clauses  []clause
	from, to int // outside nothing satisfies them
	moment   *timed

	w, special []uint64
	tmp        [block]uint64
}

// word is one of the query's, with its stems and how rare it is.
type word struct {
	stems []string
	rare  float32
}

// asked is a condition with its sets in a segment.
type asked struct {
	yes, unknown []*set
}

func (a *asked) state(d uint32) State {
	for _, s := range a.yes {
		if s.has(d) {
			return Yes
		}
	}
	for _, s := range a.unknown {
		if s.has(d) {
			return Unknown
		}
	}
	return No
}

var runs = sync.Pool{New: func() any { return &run{} }}

// Search finds what fits.
func (ix *Index[P]) Search(q *Query) Found[P] {
	st := ix.state.Load()
	r, _ := runs.Get().(*run)
	defer r.release()
	r.q, r.now, r.near = q, q.Now.UnixMicro(), nil
	r.want = max(0, q.Offset) + max(0, q.Limit)
	if q.Near != nil {
		r.near = newArea(q.Near)
	}
	var found Found[P]
	segments := make([]*segment, len(st.parts))
	for i := range st.parts {
		segments[i] = st.parts[i].segment
	}
	r.words, found.Read = readWords(q, segments)
	var all []merged[P]
	for i := range st.parts {
		p := &st.parts[i]
		r.search(p.segment, p.dead)
		found.Total += r.total
		for _, h := range r.top.list {
			all = append(all, merged[P]{h, p})
		}
	}
	if len(st.parts) > 1 {
		slices.SortFunc(all, func(a, b merged[P]) int { return ix.compare(r, a, b) })
	}
	end := min(len(all), r.want)
	for _, m := range all[min(end, max(0, q.Offset)):end] {
		found.Hits = append(found.Hits, Hit[P]{
			Payload: m.p.payload[m.d], ID: m.p.ids[m.d], Matched: int(m.matched), Unsure: int(m.unsure),
			KM: kilometres(m.far), Spot: int(m.spot), Score: m.score,
		})
	}
	return found
}

// release gives the run back without what it has seen.
func (r *run) release() {
	clear(r.conds[:cap(r.conds)])
	clear(r.cursors[:cap(r.cursors)])
	for i := range r.clauses[:cap(r.clauses)] {
		c := &r.clauses[:cap(r.clauses)][i]
		clear(c.sets[:cap(c.sets)])
		clear(c.now[:cap(c.now)])
	}
	r.q, r.near, r.s, r.dead, r.moment, r.words = nil, nil, nil, nil, nil, nil
	r.conds, r.cursors, r.clauses, r.top = r.conds[:0], r.cursors[:0], r.clauses[:0], hits{list: r.top.list[:0]}
	runs.Put(r)
}

type merged[P any] struct {
	hit
	p *part[P]
}

// compare orders hits of different segments.
func (ix *Index[P]) compare(r *run, a, b merged[P]) int {
	if c := r.compare(&a.hit, &b.hit); c != 0 {
		return c
	}
	if c := strings.Compare(ix.name(a.p.payload[a.d]), ix.name(b.p.payload[b.d])); c != 0 {
		return c
	}
	return compareID(a.p.ids[a.d], b.p.ids[b.d])
}

// compare orders hits but for their names: by what fits, then those with a
// telephone, then the verified.
func (r *run) compare(a, b *hit) int {
	if c := r.answers(a, b); c != 0 {
		return c
	}
	return cmp.Compare(a.grade, b.grade)
}

// answers orders hits by how they answer the query: first those that have more
// words, then those of which all is known, then the nearer or the better matching.
func (r *run) answers(a, b *hit) int {
	if a.matched != b.matched {
		return cmp.Compare(b.matched, a.matched)
	}
	if a.unsure != b.unsure {
		return cmp.Compare(a.unsure, b.unsure)
	}
	if r.near != nil && a.far != b.far {
		return cmp.Compare(a.far, b.far)
	}
	return cmp.Compare(b.score, a.score)
}

// hits keeps the best, the worst of them on top.
type hits struct {
	r    *run
	list []hit
}

func (h *hits) Len() int           { return len(h.list) }
func (h *hits) Less(i, j int) bool { return h.order(&h.list[j], &h.list[i]) < 0 }
func (h *hits) Swap(i, j int)      { h.list[i], h.list[j] = h.list[j], h.list[i] }
func (h *hits) Push(any)           {}
func (h *hits) Pop() any           { return nil }

func (h *hits) order(a, b *hit) int {
	if c := h.r.compare(a, b); c != 0 {
		return c
	}
	return cmp.Compare(h.r.s.rank[a.d], h.r.s.rank[b.d])
}

// keep takes a hit among the best if it is one. Its grade is looked up only
// where it matters: most that are found are worse than the last of the best,
// and what is far apart in memory is slow to read.
func (r *run) keep(n hit) {
	h := &r.top
	if len(h.list) == r.want && r.answers(&n, &h.list[0]) > 0 {
		return
	}
	n.grade = r.moment.grade[n.d]
	switch {
	case len(h.list) < r.want:
		h.list = append(h.list, n)
		if len(h.list) == r.want {
			heap.Init(h)
		}
	case h.order(&n, &h.list[0]) < 0:
		h.list[0] = n
		heap.Fix(h, 0)
	}
}

// search runs the query over one segment.
func (r *run) search(s *segment, dead *set) {
	q := r.q
	r.s, r.dead, r.total = s, dead, 0
	r.top.r, r.top.list = r, r.top.list[:0]
	r.prepare()
	r.checks = !q.Open.IsZero() || q.Room || !q.CheckedSince.IsZero()
	switch {
	case r.near == nil:
		r.everywhere(0, s.n)
	case q.Near.KM > 0:
		r.within()
	default:
		r.nearest()
	}
	if r.near != nil && q.Unsure && s.placed < s.n {
		r.everywhere(s.placed, s.n)
	}
	slices.SortFunc(r.top.list, func(a, b hit) int { return r.top.order(&a, &b) })
}

// prepare finds the sets that the query's conditions mean in this segment.
func (r *run) prepare() {
	s, q := r.s, r.q
	r.moment = s.moment(r.now)
	r.conds = r.conds[:0]
	for _, c := range q.Where {
		r.conds = append(r.conds, r.sets(c))
	}
	if q.Age > 0 {
		a := asked{yes: []*set{s.ages.of(min(q.Age, noAge-1))}}
		if q.Unsure {
			a.unknown = []*set{s.ages.unknown}
		}
		r.conds = append(r.conds, a)
	}
	if q.Public {
		r.conds = append(r.conds, asked{yes: []*set{r.moment.public}})
	}
	switch q.Status {
	case Verified:
		r.conds = append(r.conds, asked{yes: []*set{r.moment.verified}})
	case Overdue:
		r.conds = append(r.conds, asked{yes: []*set{r.moment.lapsed}})
	case Never:
		r.conds = append(r.conds, asked{yes: []*set{r.moment.never}})
	}
	r.cursors = r.cursors[:0]
	for _, w := range r.words {
		var list []cursor
		for _, stem := range w.stems {
			if p := s.words[stem]; p != nil {
				list = append(list, cursor{p: p})
			}
		}
		r.cursors = append(r.cursors, list)
	}
	r.gather()
}

func (r *run) sets(c Condition) (a asked) {
	for _, t := range c.Yes {
		if s := r.s.tags[t]; s != nil {
			a.yes = append(a.yes, s)
		}
	}
	if r.q.Unsure {
		for _, t := range c.Unknown {
			if s := r.s.tags[t]; s != nil {
				a.unknown = append(a.unknown, s)
			}
		}
	}
	return a
}

// everywhere takes each service between two numbers that satisfies the query.
func (r *run) everywhere(a, b int) {
	if a >= b {
		return
	}
	v := r.open(a, b)
	if r.want == 0 && !r.checks && r.near == nil {
		r.total += v.count()
		return
	}
	r.rewind(a)
	r.each(v, func(d uint32) { r.take(d, hit{d: d, spot: -1, far: math.Inf(1)}) })
}

func (r *run) each(v window, f func(d uint32)) {
	for i, w := range v.w {
		for ; w != 0; w &= w - 1 {
			f(uint32((v.base+i)*64 + bits.TrailingZeros64(w))) //nolint:gosec // numbers fit
		}
	}
}

func (r *run) rewind(a int) {
	for _, list := range r.cursors {
		for i := range list {
			list[i].rewind(uint32(a)) //nolint:gosec // numbers fit
		}
	}
}

// take asks a service what no set can answer, counts it and keeps it if it is
// among the best.
func (r *run) take(d uint32, h hit) {
	s, q := r.s, r.q
	if r.near != nil && h.far == math.Inf(1) {
		if h.unsure += 1; !r.lost(d) {
			return
		}
	}
	if h.spot < 0 && (int(d) < s.placed || s.several[d] != nil) {
		h.spot = 0
	}
	if r.checks && !r.check(d, &h) {
		return
	}
	r.total++
	if r.want == 0 {
		return
	}
	if q.Unsure {
		for i := range r.conds {
			if r.conds[i].state(d) == Unknown {
				h.unsure++
			}
		}
	}
	for i, list := range r.cursors {
		best := uint8(0)
		for j := range list {
			best = max(best, list[j].weight(d))
		}
		if best > 0 {
			h.matched++
			h.score += float32(best) * r.words[i].rare
		}
	}
	r.keep(h)
}

// lost says whether a service without a known place may be meant all the same.
func (r *run) lost(d uint32) bool {
	if !r.q.Unsure {
		return false
	}
	if r.q.Near.Else == nil {
		return true
	}
	a := r.sets(*r.q.Near.Else)
	return a.state(d) != No
}

// check answers hours, free places and the age of the verification.
func (r *run) check(d uint32, h *hit) bool {
	s, q := r.s, r.q
	ask := func(st State) bool {
		if st == Unknown {
			h.unsure++
			return q.Unsure
		}
		return st == Yes
	}
	if !q.CheckedSince.IsZero() && s.checked[d] < q.CheckedSince.UnixMicro() {
		return false
	}
	if q.Room && !ask(s.room(d, r.now)) {
		return false
	}
	return q.Open.IsZero() || ask(s.openAt(d, int(h.spot), q))
}

func (s *segment) room(d uint32, now int64) State {
	switch {
	case s.free[d] < 0 || now >= s.until[d]:
		return Unknown
	case s.free[d] > 0:
		return Yes
	}
	return No
}

// openAt answers by a service's own hours, else by those of the place that is
// meant; where it is not known which one is, all must agree.
func (s *segment) openAt(d uint32, spot int, q *Query) State {
	sv := s.several[d]
	if sv == nil || sv.own {
		return s.slots[s.hours[d]].open(q.Open)
	}
	if !sv.oneOf || len(sv.places) == 1 {
		return sv.places[max(0, spot)].slot.open(q.Open)
	}
	first := sv.places[0].slot.open(q.Open)
	for _, w := range sv.places[1:] {
		if w.slot.open(q.Open) != first {
			return Unknown
		}
	}
	return first
}
