package directory

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// Phone is one number with what is known of who can dial it.
type Phone struct {
	ID          string
	Number      string // to show and to dial: international form, or as printed if it is no complete number
	Printed     string // as the source prints it
	E164        string // "" if it is no complete number
	Extension   string
	Type        string // voice, text, fax…; "" is voice
	Description string
	Country     string // where it belongs, ISO 3166
	TollFree    bool
	DialFrom    string // "", "anywhere", "abroad", or country codes with | between
	Of          string // service, location, organization: whose number it is
}

// readPhone reads an HSDS phone. country is that of the place, for numbers
// printed without a country code.
func readPhone(o Object, country, of string) Phone {
	p := Phone{
		Printed: str(o, "number"), ID: str(o, "id"), Number: strings.Trim(str(o, "number"), `"' `), Extension: str(o, "extension"), Type: strings.ToLower(str(o, "type")),
		Description: str(o, "description"), DialFrom: str(o, "dial_from"), Country: country, Of: of,
	}
	if c := strings.ToUpper(str(o, "country")); len(c) == 2 {
		p.Country = c
	}
	if p.Number == "" || len(p.Number) > 80 {
		return p
	}
	n, err := phonenumbers.Parse(p.Number, p.Country)
	if err != nil || !phonenumbers.IsPossibleNumber(n) {
		return p
	}
	if !phonenumbers.IsValidNumber(n) && !strings.HasPrefix(p.Number, "+") {
		return p
	}
	p.E164 = phonenumbers.Format(n, phonenumbers.E164)
	x := n.GetExtension()
	n.Extension = nil
	p.Number = phonenumbers.Format(n, phonenumbers.INTERNATIONAL) // letters and extensions would be dialled as digits
	p.TollFree = phonenumbers.GetNumberType(n) == phonenumbers.TOLL_FREE || truth(o["toll_free"])
	if x != "" && p.Extension == "" {
		p.Extension = x
	}
	if region := phonenumbers.GetRegionCodeForNumber(n); region != "" && region != "ZZ" && region != "001" && !p.TollFree {
		p.Country = region
	}
	return p
}

// readPhones is readPhone for a field in which people wrote several numbers,
// or words behind one: "555-0101; 555-0102", "555-0103 (LAWS)".
func readPhones(o Object, country, of string) []Phone {
	whole := readPhone(o, country, of)
	if whole.E164 != "" || len(whole.Number) > 80 {
		return []Phone{whole}
	}
	var out []Phone
	for _, part := range severalNumbers.Split(whole.Number, 5) {
		one := maps.Clone(o)
		one["number"] = wordsBehind.ReplaceAllString(part, "")
		if p := readPhone(one, country, of); p.E164 != "" {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		return []Phone{whole}
	}
	return out
}

var (
	severalNumbers = regexp.MustCompile(`(?i)\s*(?:;|,|/|\bor\b|\band\b)\s*`)
	wordsBehind    = regexp.MustCompile(`\s*\([^)]*[A-Za-z][^)]*\)|\s*\(\d{3}-\d{3}-\d{4}\)\s*$`)
)

// usable is a number that a person can speak on or write to.
func (p Phone) usable() bool {
	return strings.ContainsAny(p.Number, "0123456789") && p.Type != "fax" && p.Type != "pager"
}

// reach says whether the number can be dialled from a country. What the source
// says goes first. Else an ordinary number works from everywhere, and a free
// one in its own country; from elsewhere it often fails, which nobody knows.
func (p Phone) reach(from string) State {
	switch {
	case !p.usable():
		return No
	case p.DialFrom == "anywhere":
		return Yes
	case p.DialFrom == "abroad":
		if p.Country == "" {
			return Unknown
		}
		return answer(from != p.Country)
	case p.DialFrom != "":
		if slices.Contains(strings.Split(p.DialFrom, "|"), from) {
			return Yes
		}
		if p.E164 == "" || p.TollFree {
			return No
		}
		return Unknown
	case p.Country == from && p.Country != "":
		return Yes
	case p.E164 == "":
		if p.Country == "" {
			return Unknown
		}
		return No
	case p.TollFree:
		return No
	}
	return Yes
}

func answer(yes bool) State {
	if yes {
		return Yes
	}
	return No
}
