package match

import (
	"bytes"
	"fmt"
	"math"
	"slices"
	"sort"
	"time"

	"github.com/golang/geo/s2"
	"pgregory.net/rapid"
)

// truth is what one service answers, worked out from its facts alone.
type truth struct {
	f                      *Facts
	fits                   bool
	unsure, matched, grade int
	km                     float64
	score                  float64
}

func ask(f *Facts, q *Query, rare map[string]float64) truth {
	r := truth{f: f, fits: true, km: math.Inf(1)}
	say := func(s State) {
		if s == Unknown {
			r.unsure++
		}
		if s == No || s == Unknown && !q.Unsure {
			r.fits = false
		}
	}
	for i, list := range q.Words {
		best := 0
		for _, w := range f.Words {
			if slices.Contains(list, w.Stem) {
				best = max(best, int(w.Weight))
			}
		}
		if best > 0 {
			r.matched++
			r.score += float64(best) * rare[fmt.Sprint(i)]
		}
	}
	if r.matched < len(q.Words) && !(q.Any && r.matched > 0) {
		r.fits = false
	}
	for _, c := range q.Where {
		say(tagged(f, c))
	}
	if q.Age > 0 {
		switch {
		case f.MinAge == 0 && f.MaxAge < 0:
			say(Unknown)
		case q.Age < f.MinAge || f.MaxAge >= 0 && q.Age > f.MaxAge:
			say(No)
		}
	}
	spot := 0
	if q.Near != nil {
		var s State
		s, spot, r.km = whereIs(f, q.Near)
		if s == Unknown && math.IsInf(r.km, 1) && q.Near.Else != nil && tagged(f, *q.Near.Else) == No {
			s = No
		}
		say(s)
	}
	if !q.Open.IsZero() {
		say(openNaively(f, max(0, spot), q.Open))
	}
	if q.Room {
		switch {
		case f.FreeUntil.IsZero() || !q.Now.Before(f.FreeUntil):
			say(Unknown)
		case f.Free == 0:
			say(No)
		}
	}
	if !q.CheckedSince.IsZero() && f.Checked.Before(q.CheckedSince) {
		r.fits = false
	}
	if q.Public && (f.Checked.IsZero() || !q.Now.Before(f.Hide)) {
		r.fits = false
	}
	status := Verified
	switch {
	case f.Checked.IsZero():
		status = Never
	case !q.Now.Before(f.Due):
		status = Overdue
	}
	if q.Status != AnyStatus && q.Status != status {
		r.fits = false
	}
	r.grade = int(status)
	if !f.Callable {
		r.grade += 10
	}
	return r
}

func tagged(f *Facts, c Condition) State {
	for _, t := range f.Tags {
		if slices.Contains(c.Yes, t) {
			return Yes
		}
	}
	for _, t := range f.Tags {
		if slices.Contains(c.Unknown, t) {
			return Unknown
		}
	}
	return No
}

func whereIs(f *Facts, n *Near) (State, int, float64) {
	at := s2.PointFromLatLng(s2.LatLngFromDegrees(n.Lat, n.Lon))
	in, out, spot, best := 0, 0, -1, math.Inf(1)
	for i, sp := range f.Spots {
		var inside bool
		var km float64
		switch {
		case sp.Cell != 0:
			inside = s2.CellFromCellID(sp.Cell).Distance(at).Angle().Radians()*6371.0088 <= n.KM
			km = at.Distance(sp.Cell.Point()).Radians() * 6371.0088
		case sp.Known:
			km = at.Distance(s2.PointFromLatLng(s2.LatLngFromDegrees(sp.Lat, sp.Lon))).Radians() * 6371.0088
			inside = km <= n.KM
		default:
			continue
		}
		if inside || n.KM == 0 {
			in++
		} else {
			out++
		}
		if km < best {
			spot, best = i, km
		}
	}
	switch {
	case in == 0 && out > 0:
		return No, -1, math.Inf(1)
	case in == 0:
		return Unknown, -1, math.Inf(1)
	case len(f.Spots) > 1 && f.OneOf && (out > 0 || in+out < len(f.Spots)):
		return Unknown, spot, best
	}
	return Yes, spot, best
}

// openNaively looks at every minute's rule anew.
func openNaively(f *Facts, spot int, at time.Time) State {
	one := func(h Hours) State {
		if h == nil {
			return Unknown
		}
		w := h.(*Week)
		for back := range 2 {
			local := at.In(w.Zone)
			day := time.Date(local.Year(), local.Month(), local.Day()-back, 12, 0, 0, 0, w.Zone)
			for _, s := range w.Days[day.Weekday()] {
				m := local.Hour()*60 + local.Minute() + back*1440
				if m >= int(s.From) && m < int(s.To) {
					return Yes
				}
			}
		}
		return No
	}
	switch {
	case f.Hours != nil:
		return one(f.Hours)
	case len(f.Spots) == 0:
		return Unknown
	case len(f.Spots) == 1 || !f.OneOf:
		return one(f.Spots[spot].Hours)
	}
	first := one(f.Spots[0].Hours)
	for _, s := range f.Spots[1:] {
		if one(s.Hours) != first {
			return Unknown
		}
	}
	return first
}

// rarity is how much each word of a query says. It counts what the index
// counts: what is struck out as long as it is not merged away.
func rarity(q *Query, all []*Facts) map[string]float64 {
	rare := map[string]float64{}
	for i, list := range q.Words {
		n := 0
		for _, f := range all {
			for _, w := range f.Words {
				for _, stem := range list {
					if stem == w.Stem {
						n++
					}
				}
			}
		}
		rare[fmt.Sprint(i)] = math.Log(1 + float64(len(all))/float64(n+1))
	}
	return rare
}

func wanted(all []*Facts, q *Query) []truth {
	rare := rarity(q, all)
	var list []truth
	for _, f := range all {
		if r := ask(f, q, rare); r.fits {
			list = append(list, r)
		}
	}
	sort.SliceStable(list, func(i, j int) bool {
		a, b := list[i], list[j]
		switch {
		case a.matched != b.matched:
			return a.matched > b.matched
		case a.unsure != b.unsure:
			return a.unsure < b.unsure
		case q.Near != nil && a.km != b.km:
			return a.km < b.km
		case math.Abs(a.score-b.score) > 1e-4:
			return a.score > b.score
		case a.grade != b.grade:
			return a.grade < b.grade
		case a.f.Name != b.f.Name:
			return a.f.Name < b.f.Name
		}
		return bytes.Compare(a.f.ID[:], b.f.ID[:]) < 0
	})
	return list
}

func compare(t *rapid.T, ix *Index[*Facts], all []*Facts, q *Query, order bool) {
	got := ix.Search(q)
	want := wanted(all, q)
	if got.Total != len(want) {
		t.Fatalf("total %d, want %d: %+v", got.Total, len(want), q)
	}
	want = want[min(len(want), q.Offset):]
	want = want[:min(len(want), q.Limit)]
	if len(got.Hits) != len(want) {
		t.Fatalf("%d hits, want %d: %+v", len(got.Hits), len(want), q)
	}
	for i, h := range got.Hits {
		w := want[i]
		if order && h.ID != w.f.ID && !(q.Near != nil && math.Abs(h.KM-w.km) < 1e-6) {
			t.Fatalf("hit %d is %v (%+v), want %v (%+v): %+v", i, h.ID, h, w.f.ID, w, q)
		}
		if own := ask(h.Payload, q, rarity(q, all)); !own.fits || own.unsure != h.Unsure || own.matched != h.Matched || !(own.km == h.KM || math.Abs(own.km-h.KM) < 1e-6) {
			t.Fatalf("hit %d says %+v, should %+v", i, h, own)
		}
	}
}

func nameOf(f *Facts) string { return f.Name }
