package directory

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

func (f *Feature) offerServices(ctx context.Context, p *Published, a Ask) (Offer, error) {
	found, err := f.servicesFor(ctx, p, &a)
	if err != nil {
		return Offer{}, err
	}
	if a.Feed == ServicesAt {
		list, err := f.placesFor(ctx, p, a, found)
		return offer(p, list, func(b []byte, at pubSAL) []byte { return serviceAtLocation(b, at, a.Full) }), err
	}
	return offer(p, found, func(b []byte, s *pubService) []byte {
		if a.Minimal {
			return s.minimal(b)
		}
		return p.service(b, s, a.Full)
	}), nil
}

// servicesFor gives the services that satisfy each condition.
func (f *Feature) servicesFor(ctx context.Context, p *Published, a *Ask) ([]*pubService, error) {
	found := p.services
	if a.Term != "" && a.Feed == Services {
		has := p.has(a.Term)
		found = kept(found, func(s *pubService) bool { return has(s.terms) })
	}
	if a.Organization != "" {
		own := []*pubService{}
		if o := p.org(a.Organization); o != nil {
			own = o.services
		}
		found = smaller(found, own)
	}
	searched := a.Query.searches()
	if a.Postcode != "" {
		at, ok := postcode(a.Postcode, a.Query.Country)
		if !ok {
			return nil, errs.In("postcode", "directory.search.place")
		}
		if a.Metres == 0 && !searched && a.Feed == Services {
			return p.matching(a, merged(found, p.covering(at), p.near(f, ctx, a, at))), nil
		}
		a.Query.Near, searched = &Point{at.Lat, at.Lon}, true
	}
	if a.Metres > 0 {
		a.Query.KM = float64(a.Metres) / 1000
	}
	if searched {
		q := a.Query
		q.Public, q.Unsure = true, false
		ids, err := f.publicIDs(ctx, q)
		if err != nil {
			return nil, err
		}
		found = only(ids, found)
	}
	return p.matching(a, found), nil
}

// searches says whether a query asks for anything that the index has to answer.
func (q Query) searches() bool {
	return strings.TrimSpace(q.Words) != "" || q.Near != nil || len(q.Needs) > 0 || q.Language != "" || q.OpenNow || q.From != "" || q.Country != "" || q.Age > 0
}

func smaller(a, b []*pubService) []*pubService {
	if len(b) < len(a) {
		a, b = b, a
	}
	return intersect(a, b)
}

// intersect keeps of a what is in b; both are in the order of the directory.
func intersect(a, b []*pubService) []*pubService {
	out := make([]*pubService, 0, len(a))
	for _, s := range a {
		if _, ok := find(b, s.id, func(x *pubService) string { return x.id }); ok {
			out = append(out, s)
		}
	}
	return out
}

// only gives the services of ids that are among some, in the order of the ids.
func only(ids []string, among []*pubService) []*pubService {
	out := make([]*pubService, 0, len(ids))
	for _, id := range ids {
		if s, ok := find(among, id, func(x *pubService) string { return x.id }); ok {
			out = append(out, s)
		}
	}
	return out
}

// merged gives what is in one of two lists and among some, in the order of the
// directory.
func merged(among, a, b []*pubService) []*pubService {
	all := slices.Concat(a, b)
	slices.SortFunc(all, func(x, y *pubService) int { return cmp.Compare(x.id, y.id) })
	return intersect(slices.Compact(all), among)
}

// matching asks what the fragments themselves answer.
func (p *Published) matching(a *Ask, found []*pubService) []*pubService {
	if a.ModifiedAfter.IsZero() && a.Taxonomy == "" && a.Feed == Services {
		return found
	}
	out := make([]*pubService, 0, len(found))
	for _, s := range found {
		if s.modified.Before(a.ModifiedAfter) || a.Feed == Services && !p.ofTaxonomy(s.terms, a.Taxonomy) {
			continue
		}
		out = append(out, s)
	}
	return out
}

func (p *Published) ofTaxonomy(terms []string, taxonomy string) bool {
	return taxonomy == "" || slices.ContainsFunc(terms, func(id string) bool { return p.term(id).of(taxonomy) })
}

// has says of which terms one is a term that is asked for, or stands under it;
// without one asked for, of all.
func (p *Published) has(term string) func(terms []string) bool {
	if term == "" {
		return func([]string) bool { return true }
	}
	under := map[string]bool{term: true}
	for _, t := range p.terms {
		above := t
		for range deepest {
			if above = p.term(above.parent); above == nil {
				break
			}
			if above.id == term {
				under[t.id] = true
			}
		}
	}
	return func(terms []string) bool {
		return slices.ContainsFunc(terms, func(id string) bool { return under[id] })
	}
}

func (t *termFragment) of(taxonomy string) bool { return t != nil && t.taxonomy == taxonomy }

// postcode finds the middle of a post code's area.
func postcode(code, country string) (geo.Place, bool) {
	if at, ok := geo.Postal(code, country); ok {
		return at, true
	}
	if found := geo.Find(code, country); len(found) > 0 && found[0].Postal != "" {
		return found[0], true
	}
	return geo.Place{}, false
}

// covering are the services whose area names the place: its post code, town,
// region or country.
func (p *Published) covering(at geo.Place) []*pubService {
	var keys []string
	_, short, _ := strings.Cut(at.Region, "-")
	for _, name := range []string{at.Postal, at.Name, at.RegionName, at.Region, short, at.Country, geo.CountryName(at.Country, "en")} {
		if name != "" {
			keys = append(keys, fold.Key(name))
		}
	}
	return kept(p.services, func(s *pubService) bool {
		return slices.ContainsFunc(s.areas, func(area string) bool { return slices.Contains(keys, area) })
	})
}

// kept are the services for which something is so.
func kept(list []*pubService, so func(*pubService) bool) []*pubService {
	out := []*pubService{}
	for _, s := range list {
		if so(s) {
			out = append(out, s)
		}
	}
	return out
}

// near are the services given within the usual distance of a place.
func (p *Published) near(f *Feature, ctx context.Context, a *Ask, at geo.Place) []*pubService { //nolint:revive // the context belongs to the feature's call
	ids, err := f.publicIDs(ctx, Query{Agency: a.Query.Agency, Public: true, Near: &Point{at.Lat, at.Lon}})
	if err != nil {
		return nil
	}
	return only(ids, p.services)
}

// placesFor gives where services are given, as far as each place itself
// satisfies the conditions.
func (f *Feature) placesFor(ctx context.Context, p *Published, a Ask, services []*pubService) ([]pubSAL, error) {
	var inside func(service, location string) bool
	if a.Query.Near != nil {
		var err error
		if inside, err = f.publicWithin(ctx, a.Query); err != nil {
			return nil, err
		}
	}
	list := []pubSAL{}
	has := p.has(a.Term)
	take := func(at pubSAL) {
		terms := at.service.terms
		if place := at.place(); place == nil || place.level == Full {
			terms = slices.Concat(terms, at.sal().terms)
			if place != nil {
				terms = append(terms, place.terms...)
			}
		}
		if !has(terms) || !p.ofTaxonomy(terms, a.Taxonomy) {
			return
		}
		if inside == nil || inside(at.service.id, at.sal().location) {
			list = append(list, at)
		}
	}
	if len(services) == len(p.services) && !a.Query.searches() {
		if a.Term == "" && a.Taxonomy == "" {
			return p.sals, nil
		}
		for _, at := range p.sals {
			take(at)
		}
		return list, nil
	}
	for _, s := range services {
		for n, sal := range s.sals {
			if at, _ := p.salOf(sal.id); at == (pubSAL{s, n}) {
				take(at)
			}
		}
	}
	return list, nil
}
