package directory

import (
	"context"
	"math"
	"sort"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Search finds services. It keeps and logs nothing of the query.
func (f *Feature) Search(ctx context.Context, q Query) (res Results, err error) {
	defer errs.Wrap(&err, "directory.Search")
	if err := q.clean(); err != nil {
		return Results{}, err
	}
	ix, err := f.current(ctx, q.Agency)
	if err != nil {
		return Results{}, err
	}
	return ix.search(q, f.now()), nil
}

// asked is a query made ready for one run.
type asked struct {
	Query
	now   time.Time
	needs uint32
	near  *Point
	place place
	stems []string
}

// hit is a service that satisfies a query.
type hit struct {
	e       *entry
	n       int32
	score   float32
	matched int // words of the query that it has
	unsure  int // conditions of which the answer is not known
	km      float64
	spot    int // which of its spots is meant; -1 none
}

func (ix *index) search(q Query, now time.Time) Results {
	a := &asked{Query: q, now: now}
	var res Results
	for _, n := range q.Needs {
		a.needs |= needBit[n]
	}
	a.near = q.Near
	if a.near == nil && q.Place != "" {
		if p, ok := findPlace(q.Place, first(q.Country, q.From)); ok {
			a.near, a.place = &Point{p.lat, p.lon}, p
			res.Place = p.label()
		} else {
			res.PlaceUnknown = true
		}
	}
	res.Around = a.near
	a.stems = queryStems(q.Words)
	hits := ix.match(a, len(a.stems))
	if len(hits) == 0 && len(a.stems) > 1 {
		hits = ix.match(a, 1)
		res.AnyWord = len(hits) > 0
	}
	sort.Slice(hits, func(i, j int) bool { return a.before(hits[i], hits[j]) })
	res.Total = len(hits)
	start := 0
	if q.After != "" {
		for i, h := range hits {
			if h.e.id == q.After {
				start = i + 1
				break
			}
		}
	}
	end := min(start+q.Limit, len(hits))
	for _, h := range hits[start:end] {
		res.Items = append(res.Items, a.result(h))
	}
	if end < len(hits) && end > 0 {
		res.Next = hits[end-1].e.id
	}
	return res
}

// match gives the services that satisfy a query and have at least so many of
// its words.
func (ix *index) match(a *asked, words int) []hit {
	var hits []hit
	if len(a.stems) == 0 {
		for n, e := range ix.entries {
			if h, ok := a.judge(e); ok {
				h.n = int32(n)
				hits = append(hits, h)
			}
		}
		return hits
	}
	type found struct {
		score   float32
		matched int
	}
	scores := map[int32]found{}
	for _, w := range a.stems {
		list := ix.words[w]
		rare := float32(math.Log(1 + float64(len(ix.entries))/float64(len(list)+1)))
		for _, p := range list {
			s := scores[p.entry]
			scores[p.entry] = found{s.score + p.weight*rare, s.matched + 1}
		}
	}
	for n, s := range scores {
		if s.matched < words {
			continue
		}
		if h, ok := a.judge(ix.entries[n]); ok {
			h.n, h.score, h.matched = n, s.score, s.matched
			hits = append(hits, h)
		}
	}
	return hits
}

// judge asks every condition but the words. A no to one of them is a no; an
// unknown is one unless Unsure was asked for.
func (a *asked) judge(e *entry) (hit, bool) {
	h := hit{e: e, spot: -1, km: math.Inf(1)}
	if !a.shown(e) {
		return h, false
	}
	ok := true
	ask := func(s State) {
		switch s {
		case No:
			ok = false
		case Unknown:
			h.unsure++
			ok = ok && a.Unsure
		}
	}
	if a.needs != 0 {
		ask(e.meets(a.needs))
	}
	if ok && a.Language != "" {
		s, _ := e.tongues.speaks(a.Language)
		ask(s)
	}
	if ok && a.Age > 0 {
		ask(e.takesAge(a.Age))
	}
	if ok && a.Country != "" {
		ask(e.inCountry(a.Country))
	}
	if ok && a.From != "" {
		ask(e.reachableFrom(a.From))
	}
	if ok && a.near != nil {
		s, spot, km := e.within(*a.near, a.KM, a.place.country)
		h.spot, h.km = spot, km
		ask(s)
	}
	if h.spot < 0 && len(e.spots) > 0 {
		h.spot = 0
	}
	if ok && a.OpenNow {
		s, _, _ := e.open(a.now, h.spot)
		ask(s)
	}
	return h, ok
}

// shown says whether who asks may see the service at all.
func (a *asked) shown(e *entry) bool {
	switch {
	case !e.offered && (a.Public || !a.All):
		return false
	case a.Public && !e.check.Public(a.now):
		return false
	case a.Status != "" && e.check.Status(a.now) != a.Status:
		return false
	case a.Source != "" && e.source != a.Source:
		return false
	}
	return true
}

func (e *entry) meets(needs uint32) State {
	switch {
	case (e.stated|e.derived)&needs != 0:
		return Yes
	case e.stated|e.derived == 0:
		return Unknown
	}
	return No
}

func (e *entry) takesAge(age int) State {
	if float64(age) < e.minAge || e.maxAge >= 0 && float64(age) > e.maxAge {
		return No
	}
	if e.minAge == 0 && e.maxAge < 0 {
		return Unknown
	}
	return Yes
}

func (e *entry) inCountry(c string) State {
	if e.country == "" {
		return Unknown
	}
	return answer(e.country == c)
}

func (e *entry) reachableFrom(c string) State {
	best := No
	for _, p := range e.phones {
		switch p.reach(c) {
		case Yes:
			return Yes
		case Unknown:
			best = Unknown
		}
	}
	if len(e.phones) == 0 {
		return Unknown
	}
	return best
}

// within finds the nearest spot. With several spots of which only one is
// meant, some within and some not is unknown; a service without any known place
// is unknown in its own country and a no elsewhere.
func (e *entry) within(at Point, km float64, there string) (s State, spot int, dist float64) {
	spot, dist = -1, math.Inf(1)
	near, far := 0, 0
	unsure := false
	for i := range e.spots {
		sp := &e.spots[i]
		if !sp.place.known() {
			continue
		}
		unsure = unsure || sp.link == oneOf
		inside, d := sp.distance(at, km)
		if inside {
			near++
		} else {
			far++
		}
		if d < dist {
			spot, dist = i, d
		}
	}
	switch {
	case near == 0 && far > 0:
		return No, -1, math.Inf(1)
	case near > 0 && unsure && (far > 0 || near+far < len(e.spots)):
		return Unknown, spot, dist
	case near > 0:
		return Yes, spot, dist
	case e.country != "" && there != "" && e.country != there:
		return No, -1, math.Inf(1)
	}
	return Unknown, -1, math.Inf(1)
}

// open says whether the service is open: by its own hours, else by those of
// its place; of several possible places all must agree.
func (e *entry) open(now time.Time, spot int) (s State, until, next time.Time) {
	if e.hours != nil {
		s, until = e.hours.At(now)
		if s == No {
			next = e.hours.Opens(now)
		}
		return s, until, next
	}
	if len(e.spots) == 0 {
		return Unknown, until, next
	}
	if spot < 0 {
		spot = 0
	}
	if e.spots[0].link != oneOf || len(e.spots) == 1 {
		s, until = e.spots[spot].hours.At(now)
		if s == No {
			next = e.spots[spot].hours.Opens(now)
		}
		return s, until, next
	}
	for i := range e.spots {
		one, _ := e.spots[i].hours.At(now)
		if i > 0 && one != s {
			return Unknown, time.Time{}, time.Time{}
		}
		s = one
	}
	return s, time.Time{}, time.Time{}
}

// before orders hits: first those of which all is known, then the nearer or
// the better matching, then those with a telephone, then the verified, then by name.
func (a *asked) before(x, y hit) bool {
	if x.matched != y.matched {
		return x.matched > y.matched
	}
	if x.unsure != y.unsure {
		return x.unsure < y.unsure
	}
	if a.near != nil && x.km != y.km {
		return x.km < y.km
	}
	if x.score != y.score {
		return x.score > y.score
	}
	if r, s := len(x.e.phones) > 0, len(y.e.phones) > 0; r != s {
		return r // somebody can be called there
	}
	if v, w := x.e.check.Status(a.now), y.e.check.Status(a.now); v != w {
		return v == Verified || v == Overdue && w == Never
	}
	if x.e.name != y.e.name {
		return x.e.name < y.e.name
	}
	return x.e.id < y.e.id
}
