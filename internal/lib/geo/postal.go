package geo

import (
	"slices"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/geo/pack"
)

// Postal gives the place of a postal code. Only US ZIP codes are known, with
// or without the four digits after them; country may be empty or "US".
func Postal(code, country string) (Place, bool) {
	if country != "" && !strings.EqualFold(country, "US") {
		return Place{}, false
	}
	code = strings.TrimSpace(code)
	if len(code) == 10 && (code[5] == '-' || code[5] == ' ') && digits(code[6:]) {
		code = code[:5]
	}
	if len(code) != 5 || !digits(code) {
		return Place{}, false
	}
	n, err := strconv.ParseUint(code, 10, 32)
	if err != nil {
		return Place{}, false
	}
	a := places()
	i, ok := slices.BinarySearch(a.Zips, uint32(n))
	if !ok {
		return Place{}, false
	}
	p := a.place(a.ZipPlace[i])
	p.Postal = code
	p.Lat, p.Lon = float64(a.ZipLat[i])/pack.Unit, float64(a.ZipLon[i])/pack.Unit
	p.Population = 0 // that of the town, not of the code
	return p, true
}

// postalIn finds a ZIP code that is all of a query or ends an address. Many
// countries have codes of five digits, so a hint of another country rules it out.
func postalIn(query, hint string) (Place, bool) {
	if hint != "" && hint != "US" {
		return Place{}, false
	}
	words := strings.FieldsFunc(query, func(r rune) bool { return r == ' ' || r == ',' })
	if len(words) == 0 {
		return Place{}, false
	}
	return Postal(words[len(words)-1], "US")
}

func digits(s string) bool {
	for _, r := range s {
		if r < '0' || r > '9' {
			return false
		}
	}
	return s != ""
}
