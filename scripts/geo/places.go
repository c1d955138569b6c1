package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"unicode"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

type place struct {
	name, country, admin, zone string
	feature                    string
	lat, lon                   float64
	population                 int
	alts                       []string
}

// renamed holds zones that the tz database has renamed since the data was made.
var renamed = map[string]string{
	"Europe/Kiev":         "Europe/Kyiv",
	"Europe/Uzhgorod":     "Europe/Kyiv",
	"Europe/Zaporozhye":   "Europe/Kyiv",
	"America/Godthab":     "America/Nuuk",
	"Pacific/Enderbury":   "Pacific/Kanton",
	"Asia/Rangoon":        "Asia/Yangon",
	"America/Thunder_Bay": "America/Toronto",
	"America/Nipigon":     "America/Toronto",
	"America/Rainy_River": "America/Winnipeg",
	"America/Pangnirtung": "America/Iqaluit",
	"America/Yellowknife": "America/Edmonton",
}

// readPlaces reads a GeoNames table: every place of 1000 people or more.
func readPlaces(path string) ([]*place, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []*place
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(f) < 19 {
			continue
		}
		switch f[7] {
		case "PPLQ", "PPLW", "PPLH", "PPLCH": // abandoned, destroyed, historical
			continue
		}
		p := &place{name: f[1], country: f[8], admin: f[10], feature: f[7], zone: f[17]}
		if p.lat, err = strconv.ParseFloat(f[4], 64); err != nil {
			return nil, err
		}
		if p.lon, err = strconv.ParseFloat(f[5], 64); err != nil {
			return nil, err
		}
		p.population, _ = strconv.Atoi(f[14])
		if z, ok := renamed[p.zone]; ok {
			p.zone = z
		}
		p.alts = alternates(f[1], strings.Split(f[3], ","), p)
		list = append(list, p)
	}
	return list, nil
}

// alternates keeps the other names that somebody may type, and leaves out
// codes and machine transliterations of small places: they are most of the
// file and nobody's name for the place.
func alternates(name string, all []string, p *place) []string {
	seen := map[string]bool{fold.Key(name): true, "": true}
	var keep []string
	for _, alt := range all {
		key := fold.Key(alt)
		if seen[key] || code(alt) || len(key) > 60 {
			continue
		}
		big := p.population >= 50000 || p.feature == "PPLC" || p.feature == "PPLA"
		if latin(key) && !big || !latin(key) && p.population < 3000 {
			continue
		}
		seen[key] = true
		keep = append(keep, key)
	}
	return keep
}

func code(s string) bool { // MOW, KRK: airports, not names
	return len(s) <= 4 && s == strings.ToUpper(s) && latin(s)
}

func latin(s string) bool {
	for _, r := range s {
		if unicode.IsLetter(r) && !unicode.Is(unicode.Latin, r) {
			return false
		}
	}
	return true
}

// addCurrent adds, from a newer GeoNames extract without populations, the
// places that the first lacks, and today's name of those that were renamed.
func addCurrent(places []*place, path string) ([]*place, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Name    string `json:"name"`
		Lat     string `json:"lat"`
		Lng     string `json:"lng"`
		Country string `json:"country"`
		Admin1  string `json:"admin1"`
	}
	if err := json.Unmarshal(text, &rows); err != nil {
		return nil, err
	}
	type key struct{ country, name string }
	known, area := map[key][]*place{}, map[key][]*place{}
	for _, p := range places {
		for _, n := range append([]string{fold.Key(p.name)}, p.alts...) {
			known[key{p.country, n}] = append(known[key{p.country, n}], p)
		}
		area[key{p.country, p.admin}] = append(area[key{p.country, p.admin}], p)
		area[key{p.country, "*"}] = append(area[key{p.country, "*"}], p)
	}
	renames, added := 0, 0
	for _, r := range rows {
		p := &place{name: r.Name, country: r.Country, admin: r.Admin1}
		p.lat, _ = strconv.ParseFloat(r.Lat, 64)
		p.lon, _ = strconv.ParseFloat(r.Lng, 64)
		k := fold.Key(p.name)
		if same, d := nearest(p, known[key{p.country, k}]); same != nil && d < 12 {
			if fold.Key(same.name) != k && d < 3 && latin(k) {
				same.alts = append(same.alts, fold.Key(same.name))
				same.name = p.name
				renames++
			}
			continue
		}
		near, _ := nearest(p, area[key{p.country, p.admin}])
		if near == nil {
			near, _ = nearest(p, area[key{p.country, "*"}])
		}
		if near == nil {
			continue
		}
		p.zone = near.zone
		places = append(places, p)
		added++
	}
	fmt.Println(renames, "renamed,", added, "added from the newer extract")
	return places, nil
}

// nearest gives the nearest of a list, and how far it is in km. Flat-earth
// arithmetic is enough to compare neighbours.
func nearest(p *place, list []*place) (best *place, km float64) {
	km = math.Inf(1)
	shrink := math.Cos(p.lat * math.Pi / 180)
	for _, q := range list {
		if d := 111.2 * math.Hypot(q.lat-p.lat, (q.lon-p.lon)*shrink); d < km {
			best, km = q, d
		}
	}
	return best, km
}
