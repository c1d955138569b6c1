package main

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// writeCountries writes every country of ISO 3166-1 with its calling code and
// its time zones, the one where most people live first. Kosovo is added with
// the code that the EU and CLDR use for it, since ISO has none.
func writeCountries(path, in string, places []*place) error {
	text, err := os.ReadFile(filepath.Join(in, "countries.json"))
	if err != nil {
		return err
	}
	var list []struct {
		Alpha2 string `json:"alpha2"`
		State  string `json:"state"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	zones, err := zonesByPeople(filepath.Join(in, "zone.tab"), places)
	if err != nil {
		return err
	}
	codes := []string{"XK"}
	for _, c := range list {
		if c.State == "assigned" {
			codes = append(codes, c.Alpha2)
		}
	}
	slices.Sort(codes)
	rows := [][]string{{"code", "calling", "zones"}}
	for _, c := range codes {
		calling := ""
		if n := phonenumbers.GetCountryCodeForRegion(c); n > 0 {
			calling = strconv.Itoa(n)
		}
		rows = append(rows, []string{c, calling, strings.Join(zones[c], " ")})
	}
	return writeCSV(path, rows)
}

// zonesByPeople takes the zones of each country from the tz database's
// zone.tab and orders them by how many people live in each. A zone that only
// GeoNames gives a country is not taken: it is an old or disputed one.
func zonesByPeople(path string, places []*place) (map[string][]string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	type key struct{ country, zone string }
	people := map[key]int{}
	for _, p := range places {
		people[key{p.country, p.zone}] += p.population + 1
	}
	zones := map[string][]string{"XK": {"Europe/Belgrade"}}
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) > 2 && !strings.HasPrefix(line, "#") {
			zones[f[0]] = append(zones[f[0]], f[2])
		}
	}
	for c, list := range zones {
		slices.SortStableFunc(list, func(a, b string) int {
			return cmp.Compare(people[key{c, b}], people[key{c, a}])
		})
	}
	return zones, nil
}
