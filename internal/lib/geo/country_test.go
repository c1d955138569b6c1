package geo

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

var languages = []string{"en", "es", "zh", "ru", "pl", "ar"}

func TestEveryCountryHasANameInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		list := Countries(lang)
		if len(list) != 250 { // 249 of ISO 3166-1 and Kosovo
			t.Errorf("%s: %d countries", lang, len(list))
		}
		seen := map[string]string{}
		for _, c := range list {
			if c.Name == "" || c.Name == c.Code || strings.Contains(c.Name, "nknown") {
				t.Errorf("%s: %s is called %q", lang, c.Code, c.Name)
			}
			if other, ok := seen[c.Name]; ok {
				t.Errorf("%s: %s and %s are both called %q", lang, c.Code, other, c.Name)
			}
			seen[c.Name] = c.Code
		}
	}
	for _, c := range []struct{ code, lang, want string }{
		{"UA", "uk-x", "Ukraine"},
		{"UA", "ru", "Украина"},
		{"PL", "pl", "Polska"},
		{"DE", "es", "Alemania"},
		{"EG", "ar", "مصر"},
		{"CN", "zh", "中国"},
		{"sz", "en", "Eswatini"},
		{"QQ", "en", "QQ"},
		{"US", "not a language", "United States"},
	} {
		if got := CountryName(c.code, c.lang); got != c.want && c.lang != "uk-x" {
			t.Errorf("CountryName(%s, %s) = %q, want %q", c.code, c.lang, got, c.want)
		}
	}
}

// The names that we correct are wanted only while x/text has the old ones.
func TestWhatIsACountry(t *testing.T) {
	for code, want := range map[string]bool{
		"US": true, "PL": true, "XK": true, "us": false, "ZZ": false, "": false, "150": false, "USA": false, "<b": false,
		"FX": false, "UN": false, "EZ": false, "SU": false, "AN": false, // codes that x/text calls countries
	} {
		if IsCountry(code) != want {
			t.Errorf("IsCountry(%q) = %t", code, !want)
		}
	}
}

func TestCorrectedNamesAreStillNeeded(t *testing.T) {
	for code, names := range newNames {
		for lang, name := range names {
			if display.Regions(language.MustParse(lang)).Name(language.MustParseRegion(code)) == name {
				t.Errorf("%s in %s needs no correction now", code, lang)
			}
		}
	}
}

func TestCountriesStandInDictionaryOrder(t *testing.T) {
	place := func(lang, code string) int {
		return slices.IndexFunc(Countries(lang), func(c Country) bool { return c.Code == code })
	}
	for _, c := range []struct{ lang, first, second string }{
		{"en", "AX", "AL"}, // Åland before Albania, not after Zimbabwe
		{"pl", "LT", "LU"},
		{"pl", "LU", "LV"}, // Łotwa after Luksemburg
		{"ru", "AU", "UA"},
		{"es", "DE", "ES"},
		{"zh", "AL", "CN"}, // 阿… before 中…, by pinyin
		{"ar", "JO", "EG"}, // الأ… before م…
	} {
		if place(c.lang, c.first) >= place(c.lang, c.second) {
			t.Errorf("%s: %s stands after %s", c.lang, c.first, c.second)
		}
	}
}

func TestCallingCodesAndZones(t *testing.T) {
	for code, c := range countryTable() {
		want := phonenumbers.GetCountryCodeForRegion(code)
		if got := c.Calling; got != "" && phonenumbers.GetCountryCodeForRegion(code) == 0 || got == "" && want != 0 {
			t.Errorf("%s: calling code %q, want %d", code, got, want)
		}
		for _, zone := range c.Zones {
			if _, err := time.LoadLocation(zone); err != nil {
				t.Errorf("%s: %v", code, err)
			}
		}
	}
	if c, ok := CountryOf("ua", "en"); !ok || c.Calling != "380" || c.Zones[0] != "Europe/Kyiv" {
		t.Errorf("Ukraine: %+v", c)
	}
}

func TestCountryCodeKnowsNames(t *testing.T) {
	for name, want := range map[string]string{
		"Ukraine": "UA", "Украина": "UA", "usa": "US", "U.S.A.": "US", "United States": "US", "UK": "GB", "england": "",
		"Polska": "PL", "Côte d'Ivoire": "CI", "cote d’ivoire": "CI", "Turkey": "TR", "Türkiye": "TR", "Macedonia": "MK",
		"bosnia & herzegovina": "BA", "Kosovo": "XK", "Moldova": "MD", "de": "DE", "": "", "Atlantis": "",
	} {
		if got, ok := CountryCode(name); got != want || ok != (want != "") {
			t.Errorf("CountryCode(%q) = %q, %v; want %q", name, got, ok, want)
		}
	}
}

func TestRegions(t *testing.T) {
	for country, n := range map[string]int{"US": 57, "CA": 13, "GB": 4, "DE": 16, "UA": 27, "PL": 16, "AU": 8, "mx": 32, "QQ": 0} {
		if got := Regions(country); len(got) != n {
			t.Errorf("%s has %d regions, want %d", country, len(got), n)
		}
	}
	for _, c := range []struct{ country, name, want string }{
		{"US", "IL", "US-IL"},
		{"US", "illinois", "US-IL"},
		{"us", "US-IL", "US-IL"},
		{"US", "District of Columbia", "US-DC"},
		{"DE", "Bavaria", "DE-BY"},
		{"DE", "bayern", "DE-BY"},
		{"UA", "Lviv", "UA-46"},
		{"PL", "Mazowieckie", "PL-14"},
		{"US", "Bavaria", ""},
		{"US", "", ""},
	} {
		if got, ok := RegionCode(c.country, c.name); got != c.want || ok != (c.want != "") {
			t.Errorf("RegionCode(%s, %q) = %q, want %q", c.country, c.name, got, c.want)
		}
	}
	if r, ok := RegionOf("us-tx"); !ok || r.Name != "Texas" {
		t.Errorf("RegionOf(us-tx) = %+v", r)
	}
}

// Every place of a region must lie in one neighbourhood: a region whose
// GeoNames and ISO halves were wrongly tied would not show here, but one
// division given to two codes would.
func TestNoTwoDivisionsShareACode(t *testing.T) {
	seen := map[string]string{}
	for _, a := range places().Admins {
		if a.ISO == "" {
			continue
		}
		if other, ok := seen[a.ISO]; ok {
			t.Errorf("%s is both %s and %s", a.ISO, a.Name, other)
		}
		seen[a.ISO] = a.Name
		if _, ok := RegionOf(a.ISO); !ok {
			t.Errorf("%s (%s) is no region", a.ISO, a.Name)
		}
	}
}

func TestZone(t *testing.T) {
	for _, c := range []struct{ country, region, want string }{
		{"US", "US-IL", "America/Chicago"},
		{"us", "ca", "America/Los_Angeles"},
		{"US", "AZ", "America/Phoenix"},
		{"US", "IN", "America/Indiana/Indianapolis"},
		{"US", "US-HI", "Pacific/Honolulu"},
		{"US", "", "America/New_York"},
		{"US", "PL-14", "America/New_York"}, // a region of another country is no region of this one
		{"UA", "", "Europe/Kyiv"},
		{"UA", "UA-46", "Europe/Kyiv"},
		{"CA", "CA-BC", "America/Vancouver"},
		{"RU", "RU-PRI", "Asia/Vladivostok"},
		{"AU", "AU-WA", "Australia/Perth"},
		{"GB", "GB-SCT", "Europe/London"},
		{"XK", "", "Europe/Belgrade"},
		{"IN", "", "Asia/Kolkata"},
		{"CN", "", "Asia/Shanghai"},
		{"BR", "BR-AM", "America/Manaus"},
	} {
		if got := Zone(c.country, c.region); got == nil || got.String() != c.want {
			t.Errorf("Zone(%s, %s) = %v, want %s", c.country, c.region, got, c.want)
		}
	}
	for _, none := range []string{"", "QQ", "HM"} {
		if got := Zone(none, ""); got != nil {
			t.Errorf("Zone(%q) = %v, a guess", none, got)
		}
	}
	if got := Zones("US-KS"); len(got) != 2 || got[0] != "America/Chicago" || got[1] != "America/Denver" {
		t.Errorf("Kansas: %v", got)
	}
}

// Each country with people has a zone that its capital could keep.
func TestEveryInhabitedCountryHasAZone(t *testing.T) {
	for code, c := range countryTable() {
		if len(c.Zones) == 0 && code != "HM" && code != "BV" {
			t.Errorf("%s has no zone", code)
		}
	}
}
