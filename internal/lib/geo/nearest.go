package geo

import (
	"cmp"
	"math"
	"slices"
	"sort"
	"sync"

	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

// byLatitude is every place from south to north.
var byLatitude = sync.OnceValue(func() []uint32 {
	a := places()
	order := make([]uint32, len(a.Lat))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(i, j uint32) int { return cmp.Compare(a.Lat[i], a.Lat[j]) })
	return order
})

// Nearest gives the place nearest to a position, which may be far: look at
// DistanceKm before saying that somebody is there. It is false only for a
// position that is not on the earth.
func Nearest(lat, lon float64) (Place, bool) {
	here := Point{lat, lon}
	if !here.Valid() {
		return Place{}, false
	}
	a, order := places(), byLatitude()
	best, km := uint32(0), math.Inf(1)
	// A place is at least as far as its latitude says, so walking north and
	// south may stop once that alone is more than the best.
	tooFar := func(i uint32) bool {
		there := Point{float64(a.Lat[i]) / pack.Unit, float64(a.Lon[i]) / pack.Unit}
		if math.Abs(there.Lat-lat)*math.Pi/180*earthKm > km {
			return true
		}
		if d := DistanceKm(here, there); d < km {
			best, km = i, d
		}
		return false
	}
	start := sort.Search(len(order), func(n int) bool { return float64(a.Lat[order[n]])/pack.Unit >= lat })
	north, south := start, start-1
	for north < len(order) || south >= 0 {
		if north < len(order) {
			if north++; tooFar(order[north-1]) {
				north = len(order)
			}
		}
		if south >= 0 {
			if south--; tooFar(order[south+1]) {
				south = -1
			}
		}
	}
	return a.place(best), true
}
