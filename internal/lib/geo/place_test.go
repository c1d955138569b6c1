package geo

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestDistanceBetweenKnownPlaces(t *testing.T) {
	for _, c := range []struct {
		a, b Point
		km   float64
	}{
		{Point{0, 0}, Point{0, 0}, 0},
		{Point{0, 0}, Point{0, 180}, 20015},
		{Point{90, 0}, Point{-90, 77}, 20015},
		{Point{51.5074, -0.1278}, Point{48.8566, 2.3522}, 344},
		{Point{40.7128, -74.0060}, Point{34.0522, -118.2437}, 3936},
		{Point{0, 179.9}, Point{0, -179.9}, 22}, // over the date line
	} {
		if got := DistanceKm(c.a, c.b); math.Abs(got-c.km) > 1 {
			t.Errorf("DistanceKm(%v, %v) = %.1f, want %.0f", c.a, c.b, got, c.km)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := point(t, "a"), point(t, "b"), point(t, "c")
		ab, ba, bc, ac := DistanceKm(a, b), DistanceKm(b, a), DistanceKm(b, c), DistanceKm(a, c)
		if ab < 0 || math.IsNaN(ab) || ab > 20016 {
			t.Fatalf("%v to %v is %v km", a, b, ab)
		}
		if math.Abs(ab-ba) > 1e-9 {
			t.Fatalf("there %v, back %v", ab, ba)
		}
		if ac > ab+bc+1e-3 { // asin near the antipode loses some digits
			t.Fatalf("%v is more than %v + %v", ac, ab, bc)
		}
		if DistanceKm(a, a) != 0 {
			t.Fatal("not at itself")
		}
	})
}

func point(t *rapid.T, label string) Point {
	return Point{
		rapid.Float64Range(-90, 90).Draw(t, label+" lat"),
		rapid.Float64Range(-180, 180).Draw(t, label+" lon"),
	}
}
