package directory

import (
	"math"
	"regexp"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/golang/geo/s2"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

// exactness says how well a place is known.
type exactness uint8

const (
	noPlace    exactness = iota
	exactPoint           // coordinates of the source
	byPostal             // the middle of a ZIP area
	byTown               // the middle of a town
	byName               // the middle of a town that the location's name contains
	byCell               // a coarse cell, and no more
)

// place is where a location is, as well as we know.
type place struct {
	lat, lon              float64
	exact                 exactness
	town, region, country string
	name                  string // town and region as people write them
	zone                  *time.Location
	cell                  s2.CellID // of a hidden location
}

func (p place) known() bool { return p.exact != noPlace }

// label names a place for people: "Chicago, Illinois, US".
func (p place) label() string { return p.name }

// placeOf works out where a location is: its own coordinates, else its ZIP
// code, else its town, else a town of the source's region that its name contains.
func placeOf(location Object, src source) place {
	c := first(countryOf(location), src.Country)
	if visibilityOf(location) != Full && str(location, "cell")+str(location, "country") != "" {
		if p, done := confidentialPlace(location, c); done {
			return p
		}
	}
	lat, lon, ok := coordinates(location)
	addresses := objects(location, "addresses")
	if ok {
		p := place{lat: lat, lon: lon, exact: exactPoint, country: c}
		near, found := geo.Nearest(lat, lon)
		if found {
			p.zone = near.Location()
			p.country = first(c, near.Country)
		}
		for _, a := range addresses {
			p.town, p.region = str(a, "city"), str(a, "state_province")
		}
		p.name = joined(p.town, p.region, p.country)
		return p
	}
	for _, a := range addresses {
		if p, ok := addressPlace(a, c); ok {
			return p
		}
	}
	if str(location, "location_type") == "virtual" {
		return place{country: c, zone: zoneOf(c, "")}
	}
	if p, ok := namedPlace(str(location, "name"), src); ok {
		return p
	}
	return place{country: c, zone: zoneOf(c, src.Region)}
}

// confidentialPlace is the cell or the town that was kept of a confidential
// location when its address was taken out. It is false for one that has not
// been parted yet.
func confidentialPlace(location Object, c string) (place, bool) {
	if town, ok := location["town"].(Object); ok {
		p, found := addressPlace(town, c)
		return p, found
	}
	cell := s2.CellIDFromToken(str(location, "cell"))
	if !cell.IsValid() || cell.Level() > coarseLevel {
		return place{country: c, zone: zoneOf(c, "")}, true
	}
	at := cell.LatLng()
	p := place{lat: at.Lat.Degrees(), lon: at.Lng.Degrees(), exact: byCell, country: c, cell: cell}
	if near, ok := geo.Nearest(p.lat, p.lon); ok {
		p.zone = near.Location()
	}
	return p, true
}

// addressPlace finds an address by ZIP code, else by town.
func addressPlace(a Object, c string) (place, bool) {
	c = first(country(str(a, "country")), c)
	if g, ok := geo.Postal(str(a, "postal_code"), c); ok && (c != "" || regionMatches(g, str(a, "state_province"))) {
		p := placeFrom(g, byPostal)
		return p, true
	}
	city, state := str(a, "city"), str(a, "state_province")
	if city == "" || len(city) > 80 || len(state) > 80 {
		return place{}, false
	}
	var found []geo.Place
	for _, g := range geo.Find(joined(city, state, c), c) {
		if strings.EqualFold(g.Country, c) || c == "" {
			found = append(found, g)
		}
	}
	if len(found) == 0 && state == "" {
		for _, g := range geo.Find(city, c) {
			if g.Country == c && c != "" {
				found = append(found, g)
			}
		}
	}
	if len(found) == 0 {
		return place{}, false
	}
	return placeFrom(found[0], byTown), true
}

func regionMatches(g geo.Place, state string) bool {
	return state != "" && (strings.EqualFold(g.RegionName, state) || strings.HasSuffix(g.Region, "-"+strings.ToUpper(state)))
}

// namedPlace finds the town in a location's name where the name is made of one,
// as "Evanston Public Library" or "Help Desk - Skokie" are, within the region
// that the whole source is about. A town that merely occurs in a name ("Chicago
// Alliance", "Baldwin Foundation", "Cook County") places nothing: a wrong place
// is worse than none.
func namedPlace(name string, src source) (place, bool) {
	region, ok := geo.RegionCode(src.Country, src.Region)
	if !ok || len(name) > 200 {
		return place{}, false
	}
	for _, part := range strings.FieldsFunc(strings.ReplaceAll(name, " - ", "\n"), func(r rune) bool { return r == '\n' || r == ',' || r == '–' }) {
		part = strings.TrimSpace(part)
		town, people := part, namelessTown
		if m := townsInstitution.FindStringSubmatch(part); m != nil {
			town, people = strings.TrimPrefix(m[1], "The "), 0
		}
		if len(town) < 3 || len(town) > 60 {
			continue
		}
		for _, g := range geo.Find(town+", "+region, src.Country) {
			if g.Region == region && g.Population >= people && strings.EqualFold(g.Name, town) {
				return placeFrom(g, byName), true
			}
		}
	}
	return place{}, false
}

// townsInstitution are names that begin with the town that the house is in.
var townsInstitution = regexp.MustCompile(`(?i)^(.+?) (?:(?:area |city |community |district |township )*(?:public )?library|courthouse|city hall|town hall|village hall|chapter|location|branch|office)\b`)

// namelessTown is how many people a town must have to be meant by its name
// alone: quarters of a city are often called as some village is.
const namelessTown = 20000

func placeFrom(g geo.Place, exact exactness) place {
	return place{
		lat: g.Lat, lon: g.Lon, exact: exact, town: g.Name, region: first(g.RegionName, g.Region), country: g.Country,
		name: joined(g.Postal, g.Name, first(g.RegionName, g.Region), g.Country), zone: g.Location(),
	}
}

func joined(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ", ")
}

// findPlace understands what somebody typed as a place.
func findPlace(text, hint string) (place, bool) {
	found := geo.Find(text, hint)
	if len(found) == 0 {
		return place{}, false
	}
	return placeFrom(found[0], byTown), true
}

// zoneOf is the zone of a region, or of a country that has only one. Where
// people of one country set their clocks apart, a guess would open a door that
// is shut.
func zoneOf(country, region string) *time.Location {
	if code, ok := geo.RegionCode(country, region); ok && region != "" {
		return geo.Zone(country, code)
	}
	if country == "" {
		return nil
	}
	if known, ok := oneZone.Load(country); ok {
		zone, _ := known.(*time.Location)
		return zone
	}
	zone := geo.Zone(country, "")
	for _, r := range geo.Regions(country) {
		for _, name := range geo.Zones(r.Code) {
			if zone != nil && name != zone.String() {
				zone = nil
			}
		}
	}
	oneZone.Store(country, zone)
	return zone
}

// oneZone remembers the zone of each country asked for; nil if it has several.
var oneZone sync.Map

// coarseLevel makes S2 cells some 80 km wide: the finest at which a hidden
// location is known to anything that answers a query.
const coarseLevel = 7

// coarseCell is the cell of a location that is being hidden; "" if its place
// is not known.
func coarseCell(location Object, src source) string {
	p := placeOf(location, src)
	switch p.exact {
	case noPlace:
		return ""
	case byCell:
		return p.cell.ToToken()
	}
	return s2.CellIDFromLatLng(s2.LatLngFromDegrees(p.lat, p.lon)).Parent(coarseLevel).ToToken()
}

// distance says whether a spot is within km of a point, and how far for
// sorting. Of a hidden one both follow from its cell alone, so that whatever
// is asked, and however often, no more than the cell comes out.
func (sp *spot) distance(at Point, km float64) (inside bool, sortKM float64) {
	p := sp.place
	d := geo.DistanceKm(geo.Point{Lat: at.Lat, Lon: at.Lon}, geo.Point{Lat: p.lat, Lon: p.lon})
	if sp.level != Hidden {
		return d <= km, d
	}
	if p.cell == 0 {
		return false, math.Inf(1)
	}
	toCell := s2.CellFromCellID(p.cell).Distance(s2.PointFromLatLng(s2.LatLngFromDegrees(at.Lat, at.Lon)))
	const earth = 6371.0088
	return toCell.Angle().Radians()*earth <= km, d
}

// guessSource finds out in which country and region a set is, if nearly all
// of its addresses agree.
func guessSource(name string, opt Options, recs []*record) source {
	src := source{Name: name, Country: country(opt.Country), Region: opt.Region}
	countries, regions := map[string]int{}, map[string]int{}
	all := 0
	for _, r := range recs {
		if r.kind != entLocation {
			continue
		}
		for _, a := range objects(r.doc, "addresses") {
			all++
			state := str(a, "state_province")
			c := country(str(a, "country"))
			if g, ok := geo.Postal(str(a, "postal_code"), c); c == "" && ok && regionMatches(g, state) {
				c = g.Country
			}
			countries[c]++
			regions[state]++
		}
	}
	if src.Country == "" {
		src.Country = country(mostOf(countries, all))
	}
	if src.Region == "" {
		src.Region = mostOf(regions, all)
	}
	return src
}

// mostOf is the key that nine in ten have; "" if there is none.
func mostOf(counts map[string]int, all int) string {
	keys := sortedKeys(counts)
	sort.SliceStable(keys, func(i, j int) bool { return counts[keys[i]] > counts[keys[j]] })
	if len(keys) == 0 || keys[0] == "" || counts[keys[0]]*10 < all*9 {
		return ""
	}
	return keys[0]
}
