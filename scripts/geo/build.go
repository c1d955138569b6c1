package main

import (
	"cmp"
	"math"
	"slices"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

func build(places []*place, zips []zip, admins []pack.Admin) *pack.Table {
	slices.SortStableFunc(places, func(a, b *place) int {
		return cmp.Or(
			cmp.Compare(fold.Key(a.name), fold.Key(b.name)),
			cmp.Compare(b.population, a.population),
			cmp.Compare(a.country, b.country), cmp.Compare(a.admin, b.admin),
			cmp.Compare(a.lat, b.lat), cmp.Compare(a.lon, b.lon))
	})
	t := &pack.Table{}
	type key struct{ country, code string }
	admin, zone := map[key]uint32{}, map[string]uint32{}
	for _, a := range admins {
		admin[key{a.Country, a.Code}] = uint32(len(t.Admins)) //nolint:gosec // thousands
		t.Admins = append(t.Admins, a)
	}
	var names []string
	index := map[*place]uint32{}
	type alt struct {
		key   string
		place uint32
	}
	var alts []alt
	for i, p := range places {
		index[p] = uint32(i)
		names = append(names, p.name)
		t.Lat, t.Lon = append(t.Lat, units(p.lat)), append(t.Lon, units(p.lon))
		t.Population = append(t.Population, uint32(p.population)) //nolint:gosec // people of one town
		k := key{p.country, p.admin}
		if _, ok := admin[k]; !ok { // GeoNames knows the country but not the division
			k.code = ""
			if _, ok := admin[k]; !ok {
				admin[k] = uint32(len(t.Admins)) //nolint:gosec // thousands
				t.Admins = append(t.Admins, pack.Admin{Country: p.country})
			}
		}
		t.Admin = append(t.Admin, admin[k])
		if _, ok := zone[p.zone]; !ok {
			zone[p.zone] = uint32(len(t.Zones)) //nolint:gosec // hundreds
			t.Zones = append(t.Zones, p.zone)
		}
		t.Zone = append(t.Zone, zone[p.zone])
		for _, a := range p.alts {
			alts = append(alts, alt{a, uint32(i)})
		}
	}
	t.Names = pack.NewStrings(names)

	slices.SortFunc(alts, func(a, b alt) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.place, b.place))
	})
	alts = slices.Compact(alts)
	var keys []string
	for _, a := range alts {
		keys = append(keys, a.key)
		t.AltPlaces = append(t.AltPlaces, a.place)
	}
	t.AltKeys = pack.NewStrings(keys)

	slices.SortFunc(zips, func(a, b zip) int { return cmp.Compare(a.code, b.code) })
	zips = slices.CompactFunc(zips, func(a, b zip) bool { return a.code == b.code })
	for _, z := range zips {
		t.Zips = append(t.Zips, z.code)
		t.ZipPlace = append(t.ZipPlace, index[z.place])
		t.ZipLat, t.ZipLon = append(t.ZipLat, units(z.lat)), append(t.ZipLon, units(z.lon))
	}
	return t
}

func units(degrees float64) int32 { return int32(math.Round(degrees * pack.Unit)) }
