package geo

import (
	"math"
	"time"
)

// Place is a town or a part of one, or the area of a postal code.
type Place struct {
	Name       string
	Region     string // ISO 3166-2, "US-IL"; empty where not known for certain
	RegionName string // in English, "Illinois"; may be empty
	Country    string // ISO 3166-1, "US"
	Lat, Lon   float64
	Population int    // 0 is unknown, which nearly always means small
	Zone       string // IANA, "America/Chicago"
	Postal     string // the ZIP code, when the place was found by one
}

// Point is a position in degrees.
type Point struct{ Lat, Lon float64 }

// Point is where the place is.
func (p Place) Point() Point { return Point{p.Lat, p.Lon} }

// Location is the time zone of the place; nil when it is not known.
func (p Place) Location() *time.Location { return location(p.Zone) }

// Valid says whether the point is on the earth.
func (p Point) Valid() bool {
	return p.Lat >= -90 && p.Lat <= 90 && p.Lon >= -180 && p.Lon <= 180 // NaN fails both
}

const earthKm = 6371.0088 // mean radius

// DistanceKm is the length of the shortest way over a round earth, within
// 0.6 % of the true one. It is not the way by road.
func DistanceKm(a, b Point) float64 {
	const rad = math.Pi / 180
	lat := math.Sin((b.Lat - a.Lat) * rad / 2)
	lon := math.Sin((b.Lon - a.Lon) * rad / 2)
	h := lat*lat + math.Cos(a.Lat*rad)*math.Cos(b.Lat*rad)*lon*lon
	return 2 * earthKm * math.Asin(math.Sqrt(min(1, h)))
}

// Town is a place in a list of many, which would take up some room whole.
type Town uint32

// Place tells all that is known of it.
func (t Town) Place() Place { return places().place(uint32(t)) }

// Towns gives every place with at least so many people, in an order that is
// always the same.
func Towns(people int) (list []Town) {
	for i, n := range places().Population {
		if int(n) >= people {
			list = append(list, Town(i)) //nolint:gosec // far fewer
		}
	}
	return list
}
