package geo

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

//go:embed data/places.bin
var placesFile []byte

// atlas is the file in memory. It never changes once read.
type atlas struct {
	*pack.Table
	names [][]string // what each admin is called, folded: code, English and local name
}

// places reads the file on first use. It is part of the program, so a damaged
// one is a mistake of ours that every test meets.
var places = sync.OnceValue(func() *atlas {
	t, err := pack.Decode(placesFile)
	if err != nil {
		panic(err)
	}
	a := &atlas{Table: t, names: make([][]string, len(t.Admins))}
	local := regionTable().byCode
	for i, admin := range t.Admins {
		var names []string
		if admin.Name != "" {
			names = append(names, fold.Key(admin.Name))
		}
		if r, ok := local[admin.ISO]; ok {
			names = append(names, fold.Key(r.Name), fold.Key(r.local), fold.Key(admin.ISO))
			_, suffix, _ := strings.Cut(admin.ISO, "-")
			names = append(names, strings.ToLower(suffix))
		}
		a.names[i] = names
	}
	return a
})

// place gives the i-th as others see it.
func (a *atlas) place(i uint32) Place {
	admin := a.Admins[a.Admin[i]]
	return Place{
		Name:       a.Names.At(int(i)),
		Region:     admin.ISO,
		RegionName: admin.Name,
		Country:    admin.Country,
		Lat:        float64(a.Lat[i]) / pack.Unit,
		Lon:        float64(a.Lon[i]) / pack.Unit,
		Population: int(a.Population[i]),
		Zone:       a.Zones[a.Zone[i]],
	}
}

// isIn says whether the place is in the region or country of that folded name.
func (a *atlas) isIn(i uint32, name string) bool {
	admin := a.Admin[i]
	if slices.Contains(a.names[admin], name) {
		return true
	}
	country := a.Admins[admin].Country
	return countryKeys()[name] == country
}
