package match

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Index is the directory in memory. Its methods may be called from many
// goroutines; readers take no lock.
type Index[P any] struct {
	state   atomic.Pointer[state[P]]
	mu      sync.Mutex // writers, one after the other
	name    func(P) string
	merging [2]*segment // being made one in the background; nil if nothing is
	merged  sync.WaitGroup
}

// state is the index at one moment.
type state[P any] struct {
	parts []part[P] // larger ones first
	live  int
}

// part is a segment with what each service brings along, and which of them
// have been replaced since.
type part[P any] struct {
	*segment
	payload []P
	dead    *set
}

func (p *part[P]) live() int { return p.n - p.dead.size() }

func (s *set) size() int {
	if s == nil {
		return 0
	}
	return s.n
}

// New makes an empty index. name gives a service's name, by which services are
// ordered where nothing else decides.
func New[P any](name func(P) string) *Index[P] {
	ix := &Index[P]{name: name}
	ix.state.Store(&state[P]{})
	return ix
}

// Len is how many services there are.
func (ix *Index[P]) Len() int { return ix.state.Load().live }

// Get gives what a service brings along.
func (ix *Index[P]) Get(id ID) (p P, ok bool) {
	for _, part := range ix.state.Load().parts {
		if d, found := part.find(id); found && !part.dead.has(d) {
			return part.payload[d], true
		}
	}
	return p, false
}

// Each calls f for every service, in no order that means anything.
func (ix *Index[P]) Each(f func(P)) {
	for _, part := range ix.state.Load().parts {
		for d, p := range part.payload {
			if !part.dead.has(uint32(d)) { //nolint:gosec // far fewer
				f(p)
			}
		}
	}
}

// Loader takes services for an index that is made whole. Several loaders may
// be filled at the same time, each by one goroutine.
type Loader[P any] struct {
	b       *builder
	payload []P
}

// NewLoader makes an empty one.
func NewLoader[P any]() *Loader[P] { return &Loader[P]{b: newBuilder()} }

// Add takes a service. Nothing of f is kept.
func (l *Loader[P]) Add(f *Facts, p P) {
	l.b.add(f)
	l.payload = append(l.payload, p)
}

// finishAll makes one part of what loaders have, and empties them.
func finishAll[P any](loaders ...*Loader[P]) part[P] {
	builders := make([]*builder, len(loaders))
	for i, l := range loaders {
		builders[i], l.b = l.b, nil
	}
	seg, order := finish(builders...)
	payload := make([]P, len(order))
	for d, from := range order {
		payload[d] = loaders[from.b].payload[from.i]
	}
	for _, l := range loaders {
		l.payload = nil
	}
	return part[P]{segment: seg, payload: payload}
}

// Load replaces all that the index has. No service may come twice.
func (ix *Index[P]) Load(loaders ...*Loader[P]) {
	var parts []part[P]
	if len(loaders) > 0 {
		parts = append(parts, finishAll(loaders...))
	}
	ix.mu.Lock()
	defer ix.mu.Unlock()
	ix.store(parts)
}

func (ix *Index[P]) store(parts []part[P]) {
	s := &state[P]{}
	for _, p := range parts {
		if live := p.live(); live > 0 || ix.busy(p.segment) {
			s.live += live
			s.parts = append(s.parts, p)
		}
	}
	ix.state.Store(s)
}

// busy says that a segment is being merged: it stays where it is until then.
func (ix *Index[P]) busy(s *segment) bool { return s == ix.merging[0] || s == ix.merging[1] }

// Change is a service that is new or has changed, or is no more.
type Change[P any] struct {
	Facts   *Facts
	Payload P
	Remove  *ID // no more; Facts is nil then
}

// Apply makes changes, all of them at the same moment. Of a service that
// changes twice the last one counts.
func (ix *Index[P]) Apply(changes []Change[P]) {
	ix.mu.Lock()
	defer ix.mu.Unlock()
	l := NewLoader[P]()
	dead := map[ID]bool{}
	for _, c := range slices.Backward(changes) {
		var id ID
		if c.Remove != nil {
			id = *c.Remove
		} else {
			id = c.Facts.ID
		}
		if !dead[id] && c.Facts != nil {
			l.Add(c.Facts, c.Payload)
		}
		dead[id] = true
	}
	parts := slices.Clone(ix.state.Load().parts)
	for i := range parts {
		var struck []uint32
		for id := range dead {
			if d, ok := parts[i].find(id); ok && !parts[i].dead.has(d) {
				struck = append(struck, d)
			}
		}
		parts[i].dead = parts[i].dead.plus(struck)
	}
	if len(l.payload) > 0 {
		parts = append(parts, finishAll(l))
	}
	ix.store(ix.mergeSmall(parts))
	ix.mergeLarge()
}

// plus is the set with more members, as a list.
func (s *set) plus(more []uint32) *set {
	if len(more) == 0 {
		return s
	}
	list := slices.Clone(more)
	if s != nil {
		list = append(list, s.list...)
	}
	slices.Sort(list)
	return &set{list: list, n: len(list)}
}

// small is up to how many services are merged while the writer waits.
const small = 512

// due says whether two neighbours should become one: the later has grown near
// the earlier, or much of one is dead.
func due[P any](a, b *part[P]) bool {
	return b.live()*4 >= a.live() || a.dead.size()*4 >= a.n || b.dead.size()*4 >= b.n
}

func (ix *Index[P]) mergeSmall(parts []part[P]) []part[P] {
	for i := len(parts) - 2; i >= 0; i-- {
		if parts[i].n+parts[i+1].n > small {
			break
		}
		if due(&parts[i], &parts[i+1]) && !ix.busy(parts[i].segment) && !ix.busy(parts[i+1].segment) {
			p, _, _ := ix.join(parts[i], parts[i+1])
			parts = append(parts[:i:i], p)
		}
	}
	return parts
}

// mergeLarge merges in the background, one pair at a time.
func (ix *Index[P]) mergeLarge() {
	if ix.merging[0] != nil {
		return
	}
	parts := ix.state.Load().parts
	for i, part0 := range slices.Backward(parts) {
		a, b := part0, part[P]{segment: nothing}
		if i+1 < len(parts) {
			b = parts[i+1]
		}
		if a.n+b.n > small && (due(&a, &b) && b.n > 0 || a.dead.size()*4 >= a.n) {
			ix.merging = [2]*segment{a.segment, b.segment}
			ix.merged.Go(func() { ix.mergeTwo(a, b) })
			return
		}
	}
}

// nothing is what a segment with no neighbour is merged with, to be rid of
// what is dead in it.
var nothing, _ = finish(newBuilder())

func (ix *Index[P]) mergeTwo(a, b part[P]) {
	p, ra, rb := ix.join(a, b)
	ix.mu.Lock()
	defer ix.mu.Unlock()
	var parts []part[P]
	for _, now := range ix.state.Load().parts {
		switch now.segment {
		case a.segment:
			p.dead = p.dead.plus(since(a.dead, now.dead, ra))
		case b.segment:
			p.dead = p.dead.plus(since(b.dead, now.dead, rb))
		default:
			parts = append(parts, now)
			continue
		}
		if len(parts) == 0 || parts[len(parts)-1].segment != p.segment {
			parts = append(parts, p)
		} else {
			parts[len(parts)-1] = p
		}
	}
	ix.merging = [2]*segment{}
	ix.store(parts)
	ix.mergeLarge()
}

// since is what died while two segments were merged, by its new numbers.
func since(then, now *set, r renumbered) []uint32 {
	var list []uint32
	now.each(func(d uint32) {
		if !then.has(d) {
			list = append(list, r[d])
		}
	})
	return list
}

func (ix *Index[P]) join(a, b part[P]) (part[P], renumbered, renumbered) {
	m, ra, rb := merge(a.segment, b.segment, a.dead, b.dead, func(x, y uint32) bool {
		if c := strings.Compare(ix.name(a.payload[x]), ix.name(b.payload[y])); c != 0 {
			return c < 0
		}
		return compareID(a.ids[x], b.ids[y]) < 0
	})
	payload := make([]P, m.n)
	for d, to := range ra {
		if to != gone {
			payload[to] = a.payload[d]
		}
	}
	for d, to := range rb {
		if to != gone {
			payload[to] = b.payload[d]
		}
	}
	return part[P]{segment: m, payload: payload}, ra, rb
}

// Settle waits until nothing is merged any more: for tests and measurements.
func (ix *Index[P]) Settle() {
	for {
		ix.merged.Wait()
		ix.mu.Lock()
		busy := ix.merging[0] != nil
		ix.mu.Unlock()
		if !busy {
			return
		}
		runtime.Gosched()
	}
}
