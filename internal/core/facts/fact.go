package facts

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"golang.org/x/text/language"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Fact is one thing that may be counted.
type Fact struct {
	Kind   string            // Contact, Referral, Outcome or Hour
	Month  string            // "2026-11", by the hotline's own calendar
	Region string            // the code "region"; empty is not_asked
	Codes  map[string]string // the other codes; one left out is not_asked
}

// MonthOf is the month of a time, as facts name it, in the time's own zone.
func MonthOf(t time.Time) string { return t.Format("2006-01") }

// HourOf is the value of the code "hour" for a time, in the time's own zone.
func HourOf(t time.Time) string { return strings.ToLower(t.Format("Mon-15")) }

var (
	monthForm   = regexp.MustCompile(`^20\d\d-(0[1-9]|1[0-2])$`)
	countryForm = regexp.MustCompile(`^[A-Z]{2}$`)
	partForm    = regexp.MustCompile(`^[A-Z0-9]{1,3}$`)
	tongueForm  = regexp.MustCompile(`^[a-z]{2,3}$`)
)

// ValidMonth says whether s has the form "2026-11".
func ValidMonth(s string) bool { return monthForm.MatchString(s) }

// Check says whether the fact can be appended, without the value in the error:
// what was refused may be something that somebody said.
func (f Fact) Check() error {
	_, err := f.line()
	return err
}

// line is the fact's one spelling: its answered codes by name,
// "channel=web;language=es". What was not asked is left out.
func (f Fact) line() (string, error) {
	kind, ok := KindOf(f.Kind)
	if !ok {
		return "", refuse("kind", f.Kind)
	}
	if !ValidMonth(f.Month) {
		return "", refuse("month", f.Kind)
	}
	var parts []string
	known := 0
	for _, c := range kind.Codes {
		value, given := f.Codes[c.Name]
		if given {
			known++
		}
		if c.Name == "region" && !given {
			value = f.Region
		}
		switch {
		case value == "" && c.Must:
			return "", refuse(c.Name, f.Kind)
		case value == "" || value == NotAsked && slices.Contains(c.Values, NotAsked):
			continue
		case !c.takes(value):
			return "", refuse(c.Name, f.Kind)
		}
		parts = append(parts, c.Name+"="+value)
	}
	if _, ok := kind.Code("region"); known != len(f.Codes) || f.Region != "" && !ok {
		return "", refuse("codes", f.Kind) // one of them is no code of this kind
	}
	sort.Strings(parts)
	return strings.Join(parts, ";"), nil
}

func refuse(what, kind string) error {
	if _, ok := KindOf(kind); !ok {
		kind = "unknown kind"
	}
	return errs.New(errs.Internal, "", fmt.Errorf("facts: the %s of a fact (%s) is missing or not on the list", what, kind))
}

// takes says whether a value is one of the code's.
func (c Code) takes(value string) bool {
	if slices.Contains(c.Values, value) {
		return true
	}
	switch c.Shape {
	case Language:
		return ValidLanguage(value)
	case Region:
		return ValidRegion(value)
	default:
		return false
	}
}

// ValidLanguage says whether s is a primary language of ISO 639, as BCP 47
// writes it.
func ValidLanguage(s string) bool {
	if !tongueForm.MatchString(s) {
		return false
	}
	base, err := language.ParseBase(s)
	return err == nil && base.String() == s && s != "und"
}

// ValidRegion says whether s is a country of ISO 3166-1, or has the form of a
// part of one in ISO 3166-2.
func ValidRegion(s string) bool {
	country, part, divided := strings.Cut(s, "-")
	if !countryForm.MatchString(country) || divided && !partForm.MatchString(part) {
		return false
	}
	r, err := language.ParseRegion(country)
	return err == nil && r.IsCountry() && r.String() == country
}

// LanguageOf is the value to count a language tag by: its primary language,
// without script or country, or unknown.
func LanguageOf(tag string) string {
	t, err := language.Parse(tag)
	if err != nil {
		return Unknown
	}
	base, sure := t.Base()
	// A tag that names no language ("und") has one that is guessed: English.
	if sure != language.Exact || !ValidLanguage(base.String()) {
		return Unknown
	}
	return base.String()
}

// RegionOf is the value to count a place by: the part of the country where it
// is known, else the country, else unknown.
func RegionOf(part, country string) string {
	for _, code := range []string{part, country} {
		if ValidRegion(code) {
			return code
		}
	}
	return Unknown
}
