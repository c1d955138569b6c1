package geo

import (
	_ "embed"
	"encoding/csv"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

// Country is a country or territory of ISO 3166-1, or Kosovo (XK), which ISO
// leaves out and which has hotlines.
type Country struct {
	Code    string   // "UA"
	Name    string   // in the language asked for
	Calling string   // "380"; empty where there is no telephone
	Zones   []string // IANA; the one where most people live first; empty where nobody lives
}

//go:embed data/countries.csv
var countriesFile string

var countryTable = sync.OnceValue(func() map[string]Country {
	table := map[string]Country{}
	for _, row := range rows(countriesFile) {
		table[row[0]] = Country{Code: row[0], Calling: row[1], Zones: strings.Fields(row[2])}
	}
	return table
})

// rows reads a table that is part of the program, without its heading.
func rows(file string) [][]string {
	list, err := csv.NewReader(strings.NewReader(file)).ReadAll()
	if err != nil {
		panic(err)
	}
	return list[1:]
}

// Countries gives every country, named in the language and in the order of
// its dictionary. A language that is not known is answered in English.
func Countries(lang string) []Country {
	tag := parse(lang)
	var list []Country
	for code, c := range countryTable() {
		c.Name = CountryName(code, lang)
		list = append(list, c)
	}
	order := collate.New(tag)
	slices.SortFunc(list, func(a, b Country) int {
		if n := order.CompareString(a.Name, b.Name); n != 0 {
			return n
		}
		return strings.Compare(a.Code, b.Code)
	})
	return list
}

// CountryOf gives one country by its code, named in the language.
func CountryOf(code, lang string) (Country, bool) {
	c, ok := countryTable()[strings.ToUpper(code)]
	if ok {
		c.Name = CountryName(c.Code, lang)
	}
	return c, ok
}

// IsCountry says whether a code, in capitals, is one of a country.
func IsCountry(code string) bool {
	_, ok := countryTable()[code]
	return ok
}

// CountryName is the name of a country in a language, or its code if there is
// no such country.
func CountryName(code, lang string) string {
	code = strings.ToUpper(code)
	if _, ok := countryTable()[code]; !ok {
		return code
	}
	tag := parse(lang)
	base, _ := tag.Base()
	if name := newNames[code][base.String()]; name != "" {
		return name
	}
	r, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	names := display.Regions(tag)
	if names == nil {
		names = display.Regions(language.English)
	}
	return names.Name(r)
}

// newNames holds countries renamed since the names in x/text were gathered.
var newNames = map[string]map[string]string{
	"SZ": {"en": "Eswatini", "es": "Esuatini", "ru": "Эсватини", "pl": "Eswatini", "ar": "إسواتيني"},
	"MK": {"en": "North Macedonia", "es": "Macedonia del Norte", "zh": "北马其顿", "ru": "Северная Македония", "pl": "Macedonia Północna", "ar": "مقدونيا الشمالية"},
	"TR": {"en": "Türkiye"},
}

func parse(lang string) language.Tag {
	tag, err := language.Parse(lang)
	if err != nil {
		return language.English
	}
	return tag
}

// CountryCode gives the country that a person means by a name in any of the
// program's languages, by a code, or by a usual short form such as UK.
func CountryCode(name string) (code string, ok bool) {
	if len(name) > longest {
		return "", false
	}
	code, ok = countryKeys()[fold.Key(name)]
	return code, ok
}

// countryKeys is every folded name of every country.
var countryKeys = sync.OnceValue(func() map[string]string {
	keys := map[string]string{
		"usa": "US", "united states of america": "US", "america": "US", "uk": "GB", "great britain": "GB", "britain": "GB",
		"turkey": "TR", "macedonia": "MK", "swaziland": "SZ", "burma": "MM", "ivory coast": "CI", "czech republic": "CZ",
		"holland": "NL", "korea": "KR", "republic of korea": "KR", "russian federation": "RU", "uae": "AE", "palestine": "PS",
		"republic of moldova": "MD", "viet nam": "VN", "east timor": "TL", "drc": "CD", "dr congo": "CD", "syrian arab republic": "SY",
		"hong kong": "HK", "macau": "MO", "vatican": "VA", "bosnia": "BA", "cape verde": "CV", "trinidad": "TT", "сша": "US", "eeuu": "US",
	}
	for _, lang := range []string{"ar", "pl", "ru", "zh", "es", "en"} { // English last: it wins
		for code := range countryTable() {
			if key := fold.Key(CountryName(code, lang)); key != "" {
				keys[key] = code
			}
		}
	}
	for code := range countryTable() {
		keys[strings.ToLower(code)] = code
	}
	return keys
})
