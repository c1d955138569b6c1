package geo

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

// Region is a first-level division of a country by ISO 3166-2.
type Region struct {
	Code  string // "US-IL"
	Name  string // in English where there is an English name
	local string // as ISO writes it, where that differs
}

//go:embed data/regions.csv
var regionsFile string

type regions struct {
	byCode    map[string]Region
	byCountry map[string][]Region
	byName    map[string]string // "US illinois" → "US-IL"
}

var regionTable = sync.OnceValue(func() *regions {
	t := &regions{map[string]Region{}, map[string][]Region{}, map[string]string{}}
	for _, row := range rows(regionsFile) {
		r := Region{Code: row[0], Name: row[1], local: row[2]}
		country, suffix, _ := strings.Cut(r.Code, "-")
		t.byCode[r.Code] = r
		t.byCountry[country] = append(t.byCountry[country], r)
		for _, name := range []string{r.local, r.Name, suffix, r.Code} {
			if key := fold.Key(name); key != "" {
				t.byName[country+" "+key] = r.Code
			}
		}
	}
	for _, list := range t.byCountry {
		sortRegions(list)
	}
	return t
})

// Regions gives the regions of a country in the order of their English names.
// A few very small countries have none.
func Regions(country string) []Region {
	list := regionTable().byCountry[strings.ToUpper(country)]
	return append([]Region(nil), list...)
}

// RegionOf gives a region by its ISO 3166-2 code.
func RegionOf(code string) (Region, bool) {
	r, ok := regionTable().byCode[strings.ToUpper(code)]
	return r, ok
}

// RegionCode gives the region of a country that a person means: by its name,
// its local name, its code ("US-IL") or the end of it ("IL").
func RegionCode(country, name string) (code string, ok bool) {
	if len(name) > longest {
		return "", false
	}
	code, ok = regionTable().byName[strings.ToUpper(country)+" "+fold.Key(name)]
	return code, ok
}

func sortRegions(list []Region) {
	slices.SortFunc(list, func(a, b Region) int {
		return strings.Compare(fold.Key(a.Name)+a.Code, fold.Key(b.Name)+b.Code)
	})
}
