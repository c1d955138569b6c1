package directory

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/golang/geo/s2"
)

// books are what must be known beside the services to make an entry of one,
// and which services a record has a part in.
type books struct {
	old     *books // of the index before, while one is made
	sources map[string]source
	checks  map[string]*Verification
	orgs    map[string]Object
	terms   map[string]Object
	placed  map[string]placed   // by location
	byOrg   map[string][]string // organization → its locations, in order
	ofOrg   map[string]map[string]bool
	atPlace map[string]map[string]bool
	shapes  map[string]*s2.Polygon
}

// placed is a spot, without the link, with the version of the record that it was made from.
type placed struct {
	spot
	source, organization string
	updated              time.Time
}

func newBooks() *books {
	return &books{
		sources: map[string]source{}, checks: map[string]*Verification{}, orgs: map[string]Object{}, terms: map[string]Object{},
		placed: map[string]placed{}, byOrg: map[string][]string{}, ofOrg: map[string]map[string]bool{}, atPlace: map[string]map[string]bool{}, shapes: map[string]*s2.Polygon{},
	}
}

// note takes a record that is no service. at is where a location is.
func (b *books) note(s *stored, o Object, at placed) {
	switch s.kind {
	case entOrganization:
		b.orgs[s.id] = o
	case entTerm:
		b.terms[s.id] = o
	case entLocation:
		list := b.byOrg[s.organization]
		if i, known := slices.BinarySearch(list, s.id); !known {
			b.byOrg[s.organization] = slices.Insert(list, i, s.id)
		}
		b.placed[s.id] = at
	}
}

func (b *books) forget(kind, id string) {
	switch kind {
	case entOrganization:
		delete(b.orgs, id)
	case entLocation:
		org := b.placed[id].organization
		b.byOrg[org] = slices.DeleteFunc(slices.Clone(b.byOrg[org]), func(l string) bool { return l == id })
		delete(b.placed, id)
	}
}

// place is where a location is, nowhere for another record. It only reads the
// books, so that many can be worked out at once.
func (b *books) place(s *stored, o Object) placed {
	if s.kind != entLocation {
		return placed{}
	}
	src := b.sources[s.source]
	if b.old != nil {
		was := b.old.sources[s.source]
		if m, ok := b.old.placed[s.id]; ok && m.updated.Equal(s.updated) && m.source == s.source && was.Country == src.Country && was.Region == src.Region {
			return m
		}
	}
	at := &whereabouts{id: s.id, location: found(o), text: s.text, level: visibilityOf(o), place: placeOf(o, src)}
	if s.overlay != "" {
		at.text = string(canonical(o))
	}
	hours := CompileHours(objects(o, "schedules"), at.place.zone)
	return placed{spot{whereabouts: at, hours: hours}, s.source, s.organization, s.updated}
}

// entry makes one of a service's record. It only reads the books, so that many
// can be made at once; enter notes what has a part in it.
func (b *books) entry(s *stored, o Object) *entry {
	src := b.sources[s.source]
	e := &entry{
		id: s.id, source: s.source, organization: s.organization, service: o, org: b.orgs[s.organization], name: str(o, "name"),
		offered: offered(o), check: b.checks[s.id], updated: s.updated, country: src.Country, maxAge: -1,
		tongues: tongues{spoken: map[string]bool{}, interpreted: map[string]bool{}},
	}
	if e.org != nil {
		e.orgName = str(e.org, "name")
	}
	if e.text = s.text; s.overlay != "" {
		e.text = string(canonical(o))
	}
	e.terms = b.terms
	e.nameTerms()
	e.stated, e.derived = needsOf(o)
	stated, derived := e.needsAbove()
	e.stated |= stated
	e.derived = (e.derived | derived) &^ e.stated
	e.spots = b.spotsOf(e, s.organization)
	for _, sp := range e.spots {
		if sp.place.country != "" {
			e.country = sp.place.country
			break
		}
	}
	if c := country(str(o, "country")); c != "" {
		e.country = c
	}
	b.readHours(e)
	b.readTongues(e)
	b.readPhones(e)
	if v, ok := number(o, "minimum_age"); ok {
		e.minAge = v
	}
	if v, ok := number(o, "maximum_age"); ok {
		e.maxAge = v
	}
	e.intake = intakeOf(e)
	e.intake.areas, e.shapes = areasOf(e)
	for _, sal := range objects(o, "service_at_locations") {
		e.at = append(e.at, str(sal, "location_id"))
	}
	return e
}

// enter notes what has a part in a service.
func (b *books) enter(e *entry) {
	maps.Copy(b.shapes, e.shapes)
	put(b.ofOrg, e.organization, e.id)
	for _, location := range e.at {
		put(b.atPlace, location, e.id)
	}
}

// nameTerms gives the terms that a service names by their ids their records,
// for needs and words.
func (e *entry) nameTerms() {
	for _, a := range objects(e.service, "attributes") {
		if t := e.terms[str(a, "taxonomy_term_id")]; t != nil && a["taxonomy_term"] == nil {
			a["taxonomy_term"] = t
		}
	}
}

func put(m map[string]map[string]bool, key, id string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][id] = true
}

// forgetService takes a service, as it was, out of what it belongs to.
func (b *books) forgetService(e *entry) {
	if e == nil {
		return
	}
	delete(b.ofOrg[e.organization], e.id)
	for _, place := range e.at {
		delete(b.atPlace[place], e.id)
	}
}

// spotsOf finds where a service is given. Old sets name no location at a
// service: then it is the organization's location of the same name, or its
// only one, or one of several, and the results say which of these it is.
func (b *books) spotsOf(e *entry, org string) []spot {
	var out []spot
	for _, sal := range objects(e.service, "service_at_locations") {
		at, ok := b.placed[str(sal, "location_id")]
		if !ok {
			continue
		}
		sp := at.spot
		sp.link = linked
		if own := objects(sal, "schedules"); len(own) > 0 {
			sp.hours = CompileHours(own, sp.place.zone)
		}
		out = append(out, sp)
	}
	if len(out) > 0 || org == "" {
		return out
	}
	var all []spot
	for _, id := range b.byOrg[org] {
		sp := b.placed[id].spot
		if str(sp.location, "location_type") == "postal" {
			continue
		}
		if strings.EqualFold(str(sp.location, "name"), e.name) {
			sp.link = sameName
			out = append(out, sp)
		}
		sp.link = oneOf
		all = append(all, sp)
	}
	switch {
	case len(out) > 0:
		return out
	case len(all) == 1:
		all[0].link = onlyOne
	}
	return all
}

func (b *books) readHours(e *entry) {
	var zone *time.Location
	for _, sp := range e.spots {
		if sp.place.zone != nil {
			zone = sp.place.zone
			break
		}
	}
	if zone == nil {
		zone = zoneOf(e.country, "")
	}
	if own := objects(e.service, "schedules"); len(own) > 0 {
		e.hours = CompileHours(own, zone)
	}
}

func (b *books) readTongues(e *entry) {
	e.tongues.addList(objects(e.service, "languages"))
	for _, p := range objects(e.service, "phones") {
		e.tongues.addList(objects(p, "languages"))
	}
	for _, sp := range e.spots {
		if sp.link != oneOf {
			e.tongues.addList(objects(sp.location, "languages"))
		}
	}
	e.tongues.addInterpretation(str(e.service, "interpretation_services"))
}

// readPhones gathers the numbers at which a service is reached: its own, those
// of its place, and only if there are none those of the organization. A hidden
// place's own numbers stay out: an area code is a place, too.
func (b *books) readPhones(e *entry) {
	seen := map[string]bool{}
	add := func(list []Object, of string) {
		for _, o := range list {
			for _, p := range readPhones(o, e.country, of) {
				key := first(p.E164, p.Number) + p.Extension
				if p.Number == "" || seen[key] {
					continue
				}
				seen[key] = true
				e.phones = append(e.phones, p)
			}
		}
	}
	add(objects(e.service, "phones"), entService)
	for _, c := range objects(e.service, "contacts") {
		add(objects(c, "phones"), entService)
	}
	hidden := false
	for _, sal := range objects(e.service, "service_at_locations") {
		if sp, ok := b.placed[str(sal, "location_id")]; ok && sp.level != Full {
			hidden = true
			continue
		}
		add(objects(sal, "phones"), entLocation)
	}
	for _, sp := range e.spots {
		if sp.link != oneOf && sp.level == Full {
			add(objects(sp.location, "phones"), entLocation)
		}
	}
	if len(e.phones) == 0 && e.org != nil && !hidden {
		add(objects(e.org, "phones"), entOrganization)
	}
}

// number reads a field that should be a number.
func number(o Object, field string) (float64, bool) {
	v := str(o, field)
	if v == "" || !isNumber(v) {
		return 0, false
	}
	f, err := strconv.ParseFloat(v, 64)
	return f, err == nil
}
