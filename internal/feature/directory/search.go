package directory

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/match"
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
	words [][]string
}

// hit is a service that satisfies a query.
type hit struct {
	e       *entry
	matched int // words of the query that it has
	km      float64
	spot    int // which of its spots is meant; -1 none
}

// ask reads a query; it must be clean.
func ask(q Query, now time.Time) *asked {
	a := &asked{Query: q, now: now, near: q.Near, words: queryStems(q.Words)}
	for _, n := range q.Needs {
		a.needs |= needBit[n]
	}
	if a.near == nil && q.Place != "" {
		if p, ok := findPlace(q.Place, first(q.Country, q.From)); ok {
			a.near, a.place = &Point{p.lat, p.lon}, p
		}
	}
	if q.Nearest {
		a.KM = maxKM + 1
	}
	return a
}

func (ix *index) search(q Query, now time.Time) Results {
	a := ask(q, now)
	res := Results{Place: a.place.label(), Around: a.near, PlaceUnknown: a.near == nil && q.Place != ""}
	m := a.query(ix)
	m.Offset, m.Limit = q.start, q.Limit
	found := ix.found.Search(m)
	if found.Total == 0 && len(m.Words) > 1 {
		m.Any = true
		found = ix.found.Search(m)
		res.AnyWord = found.Total > 0
	}
	res.Respelled = len(found.Read) > 0
	res.Total = found.Total
	for _, h := range found.Hits {
		res.Items = append(res.Items, a.result(hitOf(h)))
	}
	if end := q.start + len(found.Hits); end < found.Total && end > q.start {
		res.Next = strconv.Itoa(end)
	}
	return res
}

// all gives everything that satisfies a query, best first.
func (ix *index) all(a *asked) []hit {
	m := a.query(ix)
	m.Limit = ix.found.Len()
	found := ix.found.Search(m).Hits
	hits := make([]hit, len(found))
	for i, h := range found {
		hits[i] = hitOf(h)
	}
	return hits
}

func hitOf(h match.Hit[*entry]) hit {
	spot := h.Spot
	if spot < 0 && len(h.Payload.spots) > 0 {
		spot = 0
	}
	return hit{e: h.Payload, matched: h.Matched, km: h.KM, spot: spot}
}

// query is what the engine is asked.
func (a *asked) query(ix *index) *match.Query {
	m := &match.Query{Words: a.words, Age: a.Age, Now: a.now, Unsure: a.Unsure, Public: a.Public, Room: a.Room, Open: a.openAt()}
	want := func(kind string, values ...string) {
		c := match.Condition{Unknown: []string{kind + unsaid}}
		for _, v := range values {
			c.Yes = append(c.Yes, kind+v)
		}
		m.Where = append(m.Where, c)
	}
	switch {
	case len(a.Needs) > 0 && a.Stated:
		want(tagStated, a.Needs...)
	case len(a.Needs) > 0:
		want(tagNeed, a.Needs...)
	}
	if a.Language != "" {
		want(tagLanguage, a.Language, anything)
	}
	if a.Country != "" {
		want(tagCountry, a.Country)
	}
	if a.From != "" {
		m.Where = append(m.Where, reachedFrom(a.From))
	}
	if a.Gender != "" {
		want(tagGender, string(a.Gender), string(AnyGender))
	}
	if a.AnyStatus {
		want(tagStatus, string(AnyStatus))
	}
	if a.Free {
		want(tagFee, string(SaysYes))
	}
	if a.Wheelchair {
		want(tagWheelchair, string(SaysYes))
	}
	a.where(ix, m)
	a.may(m)
	return m
}

func (a *asked) openAt() time.Time {
	if a.OpenNow {
		return a.now
	}
	return a.OpenAt
}

// where asks for the place: what lies near it, or what serves it.
func (a *asked) where(ix *index, m *match.Query) {
	switch {
	case a.near == nil:
	case a.Serves:
		m.Where = append(m.Where, match.Condition{Yes: ix.areasAt(*a.near, a.place), Unknown: []string{tagArea + unsaid}})
	default:
		m.Near = &match.Near{Lat: a.near.Lat, Lon: a.near.Lon, KM: a.KM}
		if a.Nearest {
			m.Near.KM = 0
		}
		if there := a.place.country; there != "" { // without a known place it is unknown at home and a no elsewhere
			m.Near.Else = &match.Condition{Yes: []string{tagCountry + there}, Unknown: []string{tagCountry + unsaid}}
		}
	}
}

// may asks for what who asks may see, and curators for what they look after.
func (a *asked) may(m *match.Query) {
	if a.Public || !a.All {
		m.Where = append(m.Where, match.Condition{Yes: []string{tagOffered}})
	}
	if a.Source != "" {
		m.Where = append(m.Where, match.Condition{Yes: []string{tagSource + a.Source}})
	}
	if a.Checked > 0 {
		m.CheckedSince = a.now.AddDate(0, 0, -a.Checked)
	}
	switch a.Status {
	case "":
	case Verified:
		m.Status = match.Verified
	case Overdue:
		m.Status = match.Overdue
	case Never:
		m.Status = match.Never
	default:
		m.Where = append(m.Where, match.Condition{}) // no service has another
	}
}

// reachedFrom asks for a number that can be dialled in a country.
func reachedFrom(c string) match.Condition {
	yes := []string{tagReach + anything, tagReach + c}
	for _, other := range geo.Countries("en") {
		if other.Code != c {
			yes = append(yes, tagReachNot+other.Code)
		}
	}
	return match.Condition{Yes: yes, Unknown: []string{tagReach + unsaid}}
}

// shown says whether who asks may see the service at all.
func (a *asked) shown(e *entry) bool {
	return (e.offered || a.All && !a.Public) && (!a.Public || e.check.Public(a.now))
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
