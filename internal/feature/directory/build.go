package directory

import (
	"strconv"
	"strings"
	"time"
)

// builder holds what is needed only while an index is made.
type builder struct {
	ix, old *index
	sources map[string]source
	byOrg   map[string][]string // organization → its locations
	spots   map[string]spot     // by location, without the link
	terms   map[string]Object
}

func (b *builder) note(s *stored, o Object) {
	switch s.kind {
	case entOrganization:
		b.ix.orgs[s.id] = o
	case entTerm:
		b.terms[s.id] = o
	case entLocation:
		b.ix.places[s.id] = o
		b.byOrg[s.organization] = append(b.byOrg[s.organization], s.id)
		b.spots[s.id] = b.makeSpot(s, o)
	}
}

func (b *builder) makeSpot(s *stored, o Object) spot {
	src := b.sources[s.source]
	if b.old != nil {
		was := b.old.sources[s.source]
		if m, ok := b.old.made[s.id]; ok && m.updated.Equal(s.updated) && was.Country == src.Country && was.Region == src.Region {
			b.ix.made[s.id] = m
			return m.spot
		}
	}
	sp := spot{id: s.id, location: o, level: visibilityOf(o), place: placeOf(o, src)}
	sp.hours = CompileHours(objects(o, "schedules"), sp.place.zone)
	b.ix.made[s.id] = madeSpot{sp, s.updated}
	return sp
}

func (b *builder) add(s *stored, o Object, check *Verification) {
	src := b.sources[s.source]
	e := &entry{
		id: s.id, source: s.source, service: o, org: b.ix.orgs[s.organization], name: str(o, "name"),
		offered: offered(o), check: check, updated: s.updated, country: src.Country, maxAge: -1,
		tongues: tongues{spoken: map[string]bool{}, interpreted: map[string]bool{}},
	}
	if e.org != nil {
		e.orgName = str(e.org, "name")
	}
	for _, a := range objects(o, "attributes") { // terms named by id get their object, for needs and words
		if t := b.terms[str(a, "taxonomy_term_id")]; t != nil && a["taxonomy_term"] == nil {
			a["taxonomy_term"] = t
		}
	}
	e.stated, e.derived = needsOf(o)
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
	n := int32(len(b.ix.entries)) //nolint:gosec // rows are limited to far fewer
	b.ix.entries = append(b.ix.entries, e)
	b.ix.byID[e.id] = e
	b.addWords(e, n)
}

// spotsOf finds where a service is given. Old sets name no location at a
// service: then it is the organization's location of the same name, or its
// only one, or one of several, and the results say which of these it is.
func (b *builder) spotsOf(e *entry, org string) []spot {
	var out []spot
	for _, sal := range objects(e.service, "service_at_locations") {
		sp, ok := b.spots[str(sal, "location_id")]
		if !ok {
			continue
		}
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
		sp := b.spots[id]
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

func (b *builder) readHours(e *entry) {
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

func (b *builder) readTongues(e *entry) {
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
func (b *builder) readPhones(e *entry) {
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
		if sp, ok := b.spots[str(sal, "location_id")]; ok && sp.level != Full {
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

// weights of a word by where it stands.
const (
	inName  = 4
	inTerms = 3
	inOrg   = 2
	inText  = 1
)

func (b *builder) addWords(e *entry, n int32) {
	weights := map[string]float32{}
	add := func(text string, w float32) {
		for _, s := range stems(text) {
			if weights[s] < w*4 { // a word that is said often is not worth ever more
				weights[s] += w
			}
		}
	}
	o := e.service
	add(e.name, inName)
	add(str(o, "alternate_name"), inName)
	add(e.orgName, inOrg)
	if e.org != nil {
		add(str(e.org, "alternate_name"), inOrg)
	}
	for _, f := range []string{"description", "eligibility_description", "application_process", "fees_description", "interpretation_services", "alert"} {
		add(str(o, f), inText)
	}
	for _, a := range objects(o, "attributes") {
		add(str(a, "label"), inTerms)
		if t, ok := a["taxonomy_term"].(Object); ok {
			add(str(t, "name"), inTerms)
		}
	}
	for _, a := range objects(o, "service_areas") {
		add(str(a, "name"), inText)
	}
	for _, sp := range e.spots {
		if sp.link != oneOf && sp.level == Full {
			add(str(sp.location, "name"), inOrg)
			add(sp.place.name, inText)
		}
	}
	for w, weight := range weights {
		b.ix.words[w] = append(b.ix.words[w], posting{n, weight})
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
