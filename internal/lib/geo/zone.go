package geo

import (
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // an operator's machine may have none, or an old one
)

// Zone is the time zone that most people of a region, or of a country when
// region is empty or not known, live in. It is nil when the country is not
// known or has no people, so that no page shows a local time that is a guess.
// Region is an ISO 3166-2 code ("US-IL") or the end of one ("IL").
func Zone(country, region string) *time.Location {
	country, region = strings.ToUpper(country), strings.ToUpper(region)
	if region != "" {
		if !strings.Contains(region, "-") {
			region = country + "-" + region
		}
		if zone := regionZones()[region]; zone != "" && strings.HasPrefix(region, country+"-") {
			return location(zone)
		}
	}
	if c, ok := countryTable()[country]; ok && len(c.Zones) > 0 {
		return location(c.Zones[0])
	}
	return nil
}

// Zones gives all time zones of a region, the one where most people live
// first: an advocate should see that western Kansas has another hour.
func Zones(region string) []string {
	return slices.Clone(zonesOf()[strings.ToUpper(region)])
}

var regionZones = sync.OnceValue(func() map[string]string {
	first := map[string]string{}
	for region, zones := range zonesOf() {
		first[region] = zones[0]
	}
	return first
})

var zonesOf = sync.OnceValue(func() map[string][]string {
	a := places()
	type key struct{ admin, zone uint32 }
	people := map[key]int{}
	for i, admin := range a.Admin {
		people[key{admin, a.Zone[i]}] += int(a.Population[i]) + 1
	}
	zones := map[string][]string{}
	count := map[string]int{}
	for k, n := range people {
		if region := a.Admins[k.admin].ISO; region != "" {
			zones[region] = append(zones[region], a.Zones[k.zone])
			count[region+a.Zones[k.zone]] = n
		}
	}
	for region, list := range zones {
		slices.SortFunc(list, func(x, y string) int {
			if d := count[region+y] - count[region+x]; d != 0 {
				return d
			}
			return strings.Compare(x, y)
		})
	}
	return zones
})

var loaded sync.Map // zone name → *time.Location

func location(zone string) *time.Location {
	if zone == "" {
		return nil
	}
	if v, ok := loaded.Load(zone); ok {
		l, _ := v.(*time.Location)
		return l
	}
	l, err := time.LoadLocation(zone)
	if err != nil {
		return nil
	}
	loaded.Store(zone, l)
	return l
}
