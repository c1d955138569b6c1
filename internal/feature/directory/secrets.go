package directory

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

// secrets are what must not stand in any other record: streets and exact
// coordinates of hidden locations, however they are written.
//
// Limits: a way described in words ("the house behind the bakery") is not
// found. Each record out of which something was taken is reported, so that a
// person reads the rest.
type secrets struct {
	whole   []string // as they stand, without regard to case
	streets []street
	towns   []string // what an address has around its street: town, region, postal code, country
}

// street is a house number and the word that names the street. That is what
// people keep when they shorten "Avenue", leave out "North" or swap the two.
type street struct{ number, name string }

// add takes what tells where a location is.
func (s *secrets) add(location Object) {
	whole := func(text string) {
		if text = strings.TrimSpace(text); len(text) >= 6 {
			s.whole = append(s.whole, text)
		}
	}
	for _, a := range objects(location, "addresses") {
		for _, line := range []string{str(a, "address_1"), str(a, "address_2")} {
			whole(line)
			s.streets = append(s.streets, streetsOf(line)...)
		}
		for _, field := range []string{"city", "state_province", "postal_code", "country"} {
			if town := strings.TrimSpace(str(a, field)); len(town) > 1 && !slices.Contains(s.towns, town) {
				s.towns = append(s.towns, town)
			}
		}
	}
	whole(str(location, "latitude"))
	whole(str(location, "longitude"))
	whole(str(location, "external_identifier"))
}

// word is a run of letters and digits in a text, folded, with its bytes there.
type word struct {
	text     string
	from, to int
}

func wordsOf(text string) (list []word) {
	from := -1
	for i, r := range text + " " {
		inside := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		switch {
		case inside && from < 0:
			from = i
		case !inside && from >= 0:
			list = append(list, word{fold.Key(text[from:i]), from, i})
			from = -1
		}
	}
	return list
}

// around are words that stand between a house number and the name of its
// street, or after it, and seldom name a street alone.
var around = strings.Fields(`n s e w ne nw se sw north south east west no nr number saint sainte the de la
	st street ave av avenue rd road ln lane dr drive ct court blvd boulevard pl place ter terrace way cir circle pkwy parkway hwy highway sq square
	rue calle via avenida av carrera ul ulica straße strasse str улица ул`)

// units are words before a number that is of a door and not of a house.
var units = strings.Fields(`apt apartment unit suite ste floor fl rm room`)

func numbered(w string) bool { return w != "" && w[0] >= '0' && w[0] <= '9' && !streetNumber(w) }

// streetNumber says that a word with digits names a street: "63rd", "5th".
func streetNumber(w string) bool {
	rest := strings.TrimLeft(w, "0123456789")
	return rest != w && slices.Contains([]string{"st", "nd", "rd", "th"}, rest)
}

// streetsOf finds the numbers and the name in the line of an address: of a range
// each number, and of a street that is called North that word.
func streetsOf(line string) (list []street) {
	var numbers []string
	name, instead := "", ""
	words := wordsOf(line)
	for i, w := range words {
		switch {
		case slices.Contains(units, w.text) || i > 0 && slices.Contains(units, words[i-1].text):
		case numbered(w.text):
			numbers = append(numbers, w.text)
		case !slices.Contains(around, w.text):
			if name == "" && len(w.text) > 1 {
				name = w.text
			}
		case instead == "" && len(w.text) > 2:
			instead = w.text
		}
	}
	if name == "" {
		name = instead
	}
	for _, n := range numbers {
		if name != "" {
			list = append(list, street{n, name})
		}
	}
	return list
}

// redact takes the secrets out of every text in v, which it changes. It says
// whether it found any.
func (s secrets) redact(v any) (any, bool) {
	found := false
	switch v := v.(type) {
	case string:
		return s.redactText(v)
	case []any:
		for i, c := range v {
			r, f := s.redact(c)
			v[i], found = r, found || f
		}
	case Object:
		for k, c := range v {
			if k == "id" || strings.HasSuffix(k, "_id") {
				continue
			}
			r, f := s.redact(c)
			v[k], found = r, found || f
		}
	}
	return v, found
}

func (s secrets) redactText(text string) (string, bool) {
	found := false
	for _, w := range s.whole {
		for i := indexFold(text, w); i >= 0; i = indexFold(text, w) {
			text, found = s.without(text[:i], text[i+len(w):]), true
		}
	}
	if len(s.streets) == 0 || strings.IndexFunc(text, unicode.IsDigit) < 0 {
		return text, found
	}
	for from, to, ok := s.find(text); ok; from, to, ok = s.find(text) {
		text, found = s.without(text[:from], text[to:]), true
	}
	return text, found
}

// without joins what stood before and behind a street, and takes what else is of
// its address with it: the town alone is nearer than a cell. Where a text names
// the town somewhere else it may mean whom it helps, and stays.
func (s secrets) without(before, behind string) string {
	const between = " \t\r\n,;"
	for again := true; again; {
		again = false
		b := strings.TrimLeft(strings.TrimPrefix(strings.TrimLeft(behind, between), "in "), between)
		for _, t := range s.towns {
			if len(b) >= len(t) && sameTown(b[:len(t)], t) && !beginsWord(b[len(t):]) {
				behind, again = b[len(t):], true
				break
			}
		}
	}
	for again := true; again; {
		again = false
		b := strings.TrimRight(before, between)
		for _, t := range s.towns {
			if at := len(b) - len(t); at >= 0 && sameTown(b[at:], t) && !endsWord(b[:at]) {
				before, again = b[:at], true
				break
			}
		}
	}
	return before + "…" + behind
}

// sameTown compares without regard to case, but for codes: "or" is no state.
func sameTown(text, town string) bool {
	return text == town || len(town) > 2 && strings.EqualFold(text, town)
}

func beginsWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

func endsWord(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return unicode.IsLetter(r) || unicode.IsDigit(r)
}

// find gives the bytes of the first street with its number, in either order
// and with words between that name no street. What belongs to the name behind it
// ("Ave", "N") goes with it.
func (s secrets) find(text string) (from, to int, ok bool) {
	words := wordsOf(text)
	for i, w := range words {
		for _, one := range s.streets {
			other := one.name
			if w.text == one.name {
				other = one.number
			} else if w.text != one.number {
				continue
			}
			for j := i + 1; j < len(words) && j <= i+4; j++ {
				if words[j].text == other {
					for j+1 < len(words) && slices.Contains(around, words[j+1].text) {
						j++
					}
					return w.from, words[j].to, true
				}
				if !slices.Contains(around, words[j].text) && !numbered(words[j].text) {
					break
				}
			}
		}
	}
	return 0, 0, false
}

// indexFold finds s in text without regard to the case of ASCII letters, at
// byte positions of text itself.
func indexFold(text, s string) int {
	for i := 0; i+len(s) <= len(text); i++ {
		if strings.EqualFold(text[i:i+len(s)], s) {
			return i
		}
	}
	return -1
}
