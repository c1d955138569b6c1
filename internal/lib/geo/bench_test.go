package geo

import (
	"testing"

	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

// The program waits for this once, on the first lookup.
func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := pack.Decode(placesFile); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFind(b *testing.B) {
	places()
	for _, q := range []string{"Chicago", "Austin, Texas", "saint louis mo", "60601", "Москва", "san", "nowhere at all"} {
		Find(q, "US")
		b.Run(q, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Find(q, "US")
			}
		})
	}
}

func BenchmarkNearest(b *testing.B) {
	Nearest(0, 0)
	for name, p := range map[string]Point{"town": {41.88, -87.63}, "ocean": {-48, -123}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Nearest(p.Lat, p.Lon)
			}
		})
	}
}

func BenchmarkCountries(b *testing.B) {
	for b.Loop() {
		Countries("pl")
	}
}
