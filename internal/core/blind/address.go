package blind

import (
	"strings"
	"unicode"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

// address gives a street address with its town and country: folded as names
// of places are (lib/geo/fold), with the usual words for streets shortened.
//
// Limits: the order of its parts stays ("5 Main St" is not "Main St 5"), a
// town has one spelling, and neither typing errors nor what a postal service
// would add are mended. Without a town, a country, a digit and a letter it names
// nothing: a street of that name is everywhere.
func address(text, town, country string) []string {
	town, _, _ = strings.Cut(town, ",")
	text, town = fold.Key(ascii(text)), fold.Key(ascii(town))
	if town == "" || len(country) != 2 || len(text) > maxAddress || len(town) > maxAddress ||
		strings.IndexFunc(text, unicode.IsDigit) < 0 || strings.IndexFunc(text, unicode.IsLetter) < 0 {
		return nil
	}
	if street, same := strings.CutSuffix(text, " "+town); same {
		text = street // the town was written behind the street too
	}
	words := strings.Split(text, " ")
	for i, w := range words {
		if short, known := streets[w]; known {
			words[i] = short
		}
	}
	return []string{strings.ToUpper(country) + "|" + town + "|" + strings.Join(words, " ")}
}

// streets are words that envelopes shorten, in the languages of the desk.
var streets = map[string]string{
	"street": "st", "avenue": "ave", "av": "ave", "road": "rd", "boulevard": "blvd", "drive": "dr", "lane": "ln", "court": "ct", "place": "pl",
	"apartment": "apt", "unit": "apt", "suite": "ste", "north": "n", "south": "s", "east": "e", "west": "w",
	"calle": "c", "avenida": "avda", "ulica": "ul", "aleja": "al", "улица": "ул", "проспект": "пр", "дом": "д", "квартира": "кв",
	"شارع": "ش", "strasse": "str",
}
