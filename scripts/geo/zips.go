package main

import (
	"os"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

type zip struct {
	code     uint32
	lat, lon float64
	place    *place
}

// addZips reads GeoNames' US postal codes, ties each to its town, and adds
// the towns that are too small for the list of places: what a caller from a
// village of 600 says is the name of their post office.
func addZips(places []*place, path string) ([]*place, []zip, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	type key struct{ state, name string }
	known, byState := map[key][]*place{}, map[string][]*place{}
	for _, p := range places {
		if p.country != "US" {
			continue
		}
		k := key{p.admin, fold.Key(p.name)}
		known[k] = append(known[k], p)
		byState[p.admin] = append(byState[p.admin], p)
		for _, alt := range p.alts {
			known[key{p.admin, alt}] = append(known[key{p.admin, alt}], p)
		}
	}
	var zips []zip
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimRight(line, "\r\n"), "\t")
		if len(f) < 11 || f[4] == "" || f[4] == "AA" || f[4] == "AE" || f[4] == "AP" { // military post is nowhere
			continue
		}
		code, err := strconv.ParseUint(f[1], 10, 32)
		if err != nil {
			return nil, nil, err
		}
		z := zip{code: uint32(code)}
		if z.lat, err = strconv.ParseFloat(f[9], 64); err != nil {
			return nil, nil, err
		}
		if z.lon, err = strconv.ParseFloat(f[10], 64); err != nil {
			return nil, nil, err
		}
		k := key{f[4], fold.Key(f[2])}
		at := &place{name: f[2], country: "US", admin: f[4], lat: z.lat, lon: z.lon}
		town, d := nearest(at, known[k])
		if town == nil || d > 60 {
			// A place of the same name far off in the same state is another place.
			next, _ := nearest(at, byState[f[4]])
			if next == nil {
				continue
			}
			at.zone = next.zone
			known[k] = append(known[k], at)
			places = append(places, at)
			town = at
		}
		z.place = town
		zips = append(zips, z)
	}
	return places, zips, nil
}
