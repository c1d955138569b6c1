package site

import (
	"slices"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// What is drawn is what may be told, in its direction and with its number.
func TestMap(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(Words, desk.Words)
	if err != nil {
		t.Fatal(err)
	}
	draw := func(place string, spots ...*Spot) *drawing {
		s := &servicesPage{page: &page{W: words.For("en")}, Found: Found{Place: place}}
		for _, spot := range spots {
			s.Found.Services = append(s.Found.Services, Service{Spot: spot})
		}
		return s.Map()
	}
	m := draw("Austin", &Spot{East: 3, North: 4}, nil, &Spot{East: -3}, &Spot{East: 3, North: 3.9})
	want := []dot{{"246.4", "44.8", "1,4"}, {"73.6", "160.0", "3"}}
	if m == nil || !slices.Equal(m.Dots, want) {
		t.Errorf("%+v", m)
	}
	if len(m.Rings) != 2 || m.Rings[1].Label != "5" || m.Rings[0].Label != "2.5" {
		t.Errorf("%+v", m.Rings)
	}
	if draw("Austin", nil, nil) != nil || draw("", &Spot{}) != nil {
		t.Error("a map of nothing, or of nowhere")
	}
	for km, ring := range map[float64]int{0: 1, 1: 1, 1.1: 2, 5: 5, 7: 10, 49: 50, 51: 100} {
		if got := roundUp(km); got != ring {
			t.Errorf("%v km: %d", km, got)
		}
	}
}
