package geo

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

func TestFindKnowsWhatPeopleType(t *testing.T) {
	for _, c := range []struct{ query, hint, name, region, country, zone string }{
		{"Austin TX", "", "Austin", "US-TX", "US", "America/Chicago"},
		{"Austin, Texas", "", "Austin", "US-TX", "US", "America/Chicago"},
		{"austin, tx, usa", "", "Austin", "US-TX", "US", "America/Chicago"},
		{"Chicago", "", "Chicago", "US-IL", "US", "America/Chicago"},
		{"60601", "", "Chicago", "US-IL", "US", "America/Chicago"},
		{"60601-1234", "US", "Chicago", "US-IL", "US", "America/Chicago"},
		{"123 N Main St, Chicago, IL 60601", "", "Chicago", "US-IL", "US", "America/Chicago"},
		{"123 N Main St, Chicago, IL", "", "Chicago", "US-IL", "US", "America/Chicago"},
		{"Bridgeview, IL", "", "Bridgeview", "US-IL", "US", "America/Chicago"},
		{"Virginia IL", "", "Virginia", "US-IL", "US", "America/Chicago"},
		{"Pleasant Plains, Illinois", "", "Pleasant Plains", "US-IL", "US", "America/Chicago"},
		{"saint louis mo", "", "St. Louis", "US-MO", "US", "America/Chicago"},
		{"new york", "", "New York City", "US-NY", "US", "America/New_York"},
		{"Washington, D.C.", "", "Washington", "US-DC", "US", "America/New_York"},
		{"washington dc", "US", "Washington", "US-DC", "US", "America/New_York"},
		{"El Paso", "US", "El Paso", "US-TX", "US", "America/Denver"},
		{"Москва", "", "Moscow", "RU-MOW", "RU", "Europe/Moscow"},
		{"Moscow", "US", "Moscow", "US-ID", "US", "America/Los_Angeles"},
		{"Kraków", "", "Kraków", "PL-12", "PL", "Europe/Warsaw"},
		{"krakow", "PL", "Kraków", "PL-12", "PL", "Europe/Warsaw"},
		{"Київ", "", "Kyiv", "UA-30", "UA", "Europe/Kyiv"},
		{"Киев", "", "Kyiv", "UA-30", "UA", "Europe/Kyiv"},
		{"القاهرة", "", "Cairo", "EG-C", "EG", "Africa/Cairo"},
		{"北京", "", "Beijing", "CN-BJ", "CN", "Asia/Shanghai"},
		{"paris france", "", "Paris", "FR-IDF", "FR", "Europe/Paris"},
		{"Paris, TX", "", "Paris", "US-TX", "US", "America/Chicago"},
		{"London Ontario Canada", "", "London", "CA-ON", "CA", "America/Toronto"},
		{"London", "", "London", "GB-ENG", "GB", "Europe/London"},
		{"Cardiff, Wales", "", "Cardiff", "GB-WLS", "GB", "Europe/London"},
		{"münchen", "", "Munich", "DE-BY", "DE", "Europe/Berlin"},
		{"Варшава, Польша", "", "Warsaw", "PL-14", "PL", "Europe/Warsaw"},
		{"Chica", "US", "Chicago", "US-IL", "US", "America/Chicago"},
		{"Chișinău", "", "Chisinau", "MD-CU", "MD", "Europe/Chisinau"},
		{"Tiraspol", "", "Tiraspol", "MD-SN", "MD", "Europe/Chisinau"},
		{"Pristina", "XK", "Pristina", "", "XK", "Europe/Belgrade"},
		{"San Juan, PR", "", "San Juan", "", "PR", "America/Puerto_Rico"},
		{"Toronto", "", "Toronto", "CA-ON", "CA", "America/Toronto"},
		{"Guadalajara", "MX", "Guadalajara", "MX-JAL", "MX", "America/Mexico_City"},
		// A city and the province around it have one name and two codes.
		{"Almaty", "KZ", "Almaty", "KZ-75", "KZ", "Asia/Almaty"},
		{"Sofia", "BG", "Sofia", "BG-22", "BG", "Europe/Sofia"},
		{"Tartu", "EE", "Tartu", "EE-79", "EE", "Europe/Tallinn"},
		{"Minsk", "BY", "Minsk", "BY-HM", "BY", "Europe/Minsk"},
		{"Vilnius", "LT", "Vilnius", "LT-VL", "LT", "Europe/Vilnius"},
		{"Taipei", "TW", "Taipei", "", "TW", "Asia/Taipei"},
		{"Phnom Penh", "", "Phnom Penh", "KH-12", "KH", "Asia/Phnom_Penh"},
	} {
		got := Find(c.query, c.hint)
		if len(got) == 0 {
			t.Errorf("Find(%q, %q) found nothing", c.query, c.hint)
			continue
		}
		p := got[0]
		if p.Name != c.name || p.Region != c.region || p.Country != c.country || p.Zone != c.zone {
			t.Errorf("Find(%q, %q) = %+v", c.query, c.hint, p)
		}
	}
}

func TestFindAdmitsWhatItDoesNotKnow(t *testing.T) {
	for _, q := range []string{"", " ", ",", "x", "zzzzqq", "00000", "Chicago, Texas, Poland", strings.Repeat("a", 5000)} {
		if got := Find(q, ""); len(got) != 0 {
			t.Errorf("Find(%.20q) = %+v", q, got[0])
		}
	}
	for _, p := range Find("60601", "DE") {
		if p.Country == "US" {
			t.Errorf("a German postal code found %+v", p)
		}
	}
}

func TestFindPutsTheHintedCountryFirstThenTheLargest(t *testing.T) {
	got := Find("Springfield", "US")
	if len(got) < 10 {
		t.Fatalf("%d Springfields", len(got))
	}
	if !slices.IsSortedFunc(got, func(a, b Place) int { return b.Population - a.Population }) {
		t.Error("not by population")
	}
	got = Find("Paris", "US")
	if got[0].Country != "US" || got[len(got)-1].Country == "US" && !slices.ContainsFunc(got, func(p Place) bool { return p.Country == "FR" }) {
		t.Errorf("Paris with hint US: %+v", got)
	}
}

func TestEveryPlaceIsFoundByItsName(t *testing.T) {
	a := places()
	rapid.Check(t, func(t *rapid.T) {
		p := a.place(uint32(rapid.IntRange(0, a.Names.Len()-1).Draw(t, "place")))
		same := 0
		for _, q := range Find(p.Name, p.Country) {
			if fold.Key(q.Name) == fold.Key(p.Name) || q.Population >= p.Population {
				same++
			}
			if q == p {
				return
			}
		}
		// Twenty larger places of the same name may stand before it.
		if same < most {
			t.Fatalf("%+v is not among %d found by its name", p, same)
		}
	})
}

func TestEveryZipHasItsTown(t *testing.T) {
	a := places()
	for i, zip := range a.Zips {
		town := a.place(a.ZipPlace[i])
		if zip > 99999 || town.Country != "US" || town.Region == "" || town.Zone == "" {
			t.Fatalf("ZIP %05d: %+v", zip, town)
		}
		at := Point{float64(a.ZipLat[i]) / 1000, float64(a.ZipLon[i]) / 1000}
		if d := DistanceKm(at, town.Point()); d > 80 {
			t.Errorf("ZIP %05d is %.0f km from %s, %s", zip, d, town.Name, town.Region)
		}
	}
}

func TestPlacesAreInTheWorld(t *testing.T) {
	a := places()
	for i := range a.Names.Len() {
		p := a.place(uint32(i))
		if !p.Point().Valid() || p.Name == "" || p.Location() == nil {
			t.Fatalf("place %d: %+v", i, p)
		}
		if _, ok := countryTable()[p.Country]; !ok {
			t.Fatalf("%s is in no country: %q", p.Name, p.Country)
		}
		if p.Region != "" && !strings.HasPrefix(p.Region, p.Country+"-") {
			t.Fatalf("%s of %s is in %s", p.Name, p.Country, p.Region)
		}
		if i > 0 && fold.Key(a.Names.At(i)) < fold.Key(a.Names.At(i-1)) {
			t.Fatalf("%q stands before %q: build the data again", a.Names.At(i-1), a.Names.At(i))
		}
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct {
		lat, lon float64
		name     string
	}{
		{39.833, -89.868, "Pleasant Plains"},
		{50.4501, 30.5241, "Stare Misto"}, // the old town of Kyiv, which has its own entry
		{-36.85, 174.76, "Auckland"},
	} {
		got, ok := Nearest(c.lat, c.lon)
		if !ok || got.Name != c.name {
			t.Errorf("Nearest(%v, %v) = %+v", c.lat, c.lon, got)
		}
	}
	for _, bad := range []Point{{91, 0}, {0, 181}, {math.NaN(), 0}} {
		if p, ok := Nearest(bad.Lat, bad.Lon); ok {
			t.Errorf("Nearest(%v) = %+v", bad, p)
		}
	}
}

func TestNothingIsNearerThanTheNearest(t *testing.T) {
	a := places()
	rapid.Check(t, func(t *rapid.T) {
		here := point(t, "here")
		got, _ := Nearest(here.Lat, here.Lon)
		d := DistanceKm(here, got.Point())
		for range 200 {
			i := rapid.IntRange(0, a.Names.Len()-1).Draw(t, "other")
			if other := a.place(uint32(i)); DistanceKm(here, other.Point()) < d-1e-6 {
				t.Fatalf("%v: %s is nearer than %s", here, other.Name, got.Name)
			}
		}
	})
}

func FuzzFind(f *testing.F) {
	for _, s := range []string{"Austin TX", "60601", "Москва", "a, b, c", "St. Louis", "\xff\xfe", "İ,İ", "60601-1234"} {
		f.Add(s, "US")
	}
	f.Fuzz(func(t *testing.T, query, hint string) {
		got := Find(query, hint)
		if len(got) > most {
			t.Fatalf("%d places", len(got))
		}
		for _, p := range got {
			if p.Name == "" || p.Country == "" || !p.Point().Valid() {
				t.Fatalf("%q: %+v", query, p)
			}
		}
	})
}
