package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Pair is two records that are probably one. Why says what they share, as codes:
// name, phone, address, website.
type Pair struct {
	Kind         string
	A, B         string // ids
	AName, BName string
	AFrom, BFrom string // sources
	Why          []string
	score        int
}

// maxPairs bounds the list; the most alike come first.
const maxPairs = 100

// often is how many records may share a number or an address before it says
// nothing: a switchboard, a house full of agencies.
const often = 12

// Duplicates finds organizations and services that are probably the same. A
// confidential place is no evidence: two addresses that match would tell it.
func (f *Feature) Duplicates(ctx context.Context, agency string) (list []Pair, err error) {
	defer errs.Wrap(&err, "directory.Duplicates")
	m := &matching{organizations: map[string]*marks{}, services: map[string]*marks{}, places: map[string]*marks{}}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := allRecords(ctx, tx, agency)
		for i, s := range all {
			if err == nil {
				err = m.read(s)
			}
			all[i] = nil // what was read of it is little
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	m.tie()
	list = append(likely(entOrganization, m.organizations), likely(entService, m.services)...)
	slices.SortStableFunc(list, func(a, b Pair) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.AName, b.AName), cmp.Compare(a.A, b.A), cmp.Compare(a.B, b.B))
	})
	return list[:min(len(list), maxPairs)], nil
}

// marks are by what a record may be known, by its id: "phone 3125550100".
type marks struct {
	name, source, organization string
	words                      map[string]bool
	all                        []string
	at                         []string // places of a service
}

func (m *marks) add(kind, value string) {
	if value != "" && !slices.Contains(m.all, kind+" "+value) {
		m.all = append(m.all, kind+" "+value)
	}
}

// common are words that say nothing of whose name it is.
var common = strings.Fields("the of and for inc llc co org center centre program programme project services service")

func newMarks(name, source string) *marks {
	m := &marks{name: name, source: source, words: map[string]bool{}}
	for _, w := range strings.FieldsFunc(fold.Key(name), func(r rune) bool { return r == ' ' || r == '-' || r == ',' || r == '.' || r == '\'' }) {
		if !slices.Contains(common, w) {
			m.words[w] = true
		}
	}
	words := sortedKeys(m.words)
	m.add("name", strings.Join(words, " "))
	return m
}

func (m *marks) phones(list []Object) {
	for _, p := range list {
		if n := digits(str(p, "number")); len(n) >= 7 {
			m.add("phone", n+"x"+str(p, "extension"))
		}
	}
}

func (m *marks) place(location Object) {
	for _, a := range objects(location, "addresses") {
		if street := fold.Key(str(a, "address_1")); street != "" {
			m.add("address", street+" "+first(str(a, "postal_code"), str(a, "city")))
		}
	}
}

func (m *marks) site(url string) {
	url = strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(url), "https://"), "http://")
	m.add("website", strings.TrimSuffix(strings.TrimPrefix(url, "www."), "/"))
}

// matching gathers what records may be known by.
type matching struct{ organizations, services, places map[string]*marks }

func (m *matching) read(s *stored) error {
	o, err := s.object()
	if err != nil || str(o, mergedInto) != "" || truth(o["stand_in"]) {
		return err
	}
	mk := newMarks(str(o, "name"), s.source)
	mk.organization = s.organization
	mk.phones(objects(o, "phones"))
	switch s.kind {
	case entOrganization:
		mk.site(str(o, "website"))
		m.organizations[s.id] = mk
	case entService:
		if !offered(o) {
			return nil
		}
		mk.site(str(o, "url"))
		for _, sal := range objects(o, "service_at_locations") {
			mk.at = append(mk.at, str(sal, "location_id"))
		}
		m.services[s.id] = mk
	case entLocation:
		if visibilityOf(o) == Full {
			mk.place(o)
			m.places[s.id] = mk
		}
	}
	return nil
}

// tie gives organizations and services the marks of their places.
func (m *matching) tie() {
	take := func(to, place *marks) {
		for _, mark := range place.all {
			if to != nil && !strings.HasPrefix(mark, "name ") && !slices.Contains(to.all, mark) {
				to.all = append(to.all, mark)
			}
		}
	}
	for _, id := range sortedKeys(m.places) {
		take(m.organizations[m.places[id].organization], m.places[id])
	}
	for _, s := range m.services {
		for _, id := range s.at {
			if p := m.places[id]; p != nil {
				take(s, p)
			}
		}
	}
}

// likely compares what shares a mark, and nothing else: all with all would be
// too many.
func likely(kind string, all map[string]*marks) (list []Pair) {
	by := map[string][]string{}
	for _, id := range sortedKeys(all) {
		for _, mark := range all[id].all {
			by[mark] = append(by[mark], id)
		}
	}
	shared := map[[2]string][]string{}
	for _, mark := range sortedKeys(by) {
		group := by[mark]
		if len(group) > often {
			continue
		}
		what, _, _ := strings.Cut(mark, " ")
		for i, a := range group {
			for _, b := range group[i+1:] {
				key := [2]string{a, b}
				if !slices.Contains(shared[key], what) {
					shared[key] = append(shared[key], what)
				}
			}
		}
	}
	for key, why := range shared {
		a, b := all[key[0]], all[key[1]]
		alike := likeness(a.words, b.words)
		same := slices.Contains(why, "name")
		switch {
		case kind == entService && a.organization == b.organization && a.organization != "" && !same:
			continue // one organization's services share its number and its house
		case len(why) == 1 && (same || alike < 0.6), alike < 0.4:
			continue // one thing alone is chance
		}
		score := 10*len(why) + int(10*alike)
		list = append(list, Pair{Kind: kind, A: key[0], B: key[1], AName: a.name, BName: b.name, AFrom: a.source, BFrom: b.source, Why: why, score: score})
	}
	return list
}

// likeness is how many of the words of two names are in both.
func likeness(a, b map[string]bool) float64 {
	both := 0
	for w := range a {
		if b[w] {
			both++
		}
	}
	if all := len(a) + len(b) - both; all > 0 {
		return float64(both) / float64(all)
	}
	return 0
}
