package emergency

import (
	"errors"
	"net/url"
	"regexp"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

var (
	digits = regexp.MustCompile(`^[0-9]{2,6}$`)
	date   = regexp.MustCompile(`^[12][0-9]{3}(-[01][0-9](-[0-3][0-9])?)?$`)
)

// check refuses a row that could be shown to somebody in danger without
// anybody being able to say where it comes from.
func (n Number) check() error {
	if c, ok := geo.CountryOf(n.Country, "en"); !ok || c.Code != n.Country {
		return errors.New("no such country")
	}
	if n.Service == none {
		if n.Kind != Operator || n.Number != "" {
			return errors.New("only an operator takes a country's numbers away, and names none")
		}
	} else if !digits.MatchString(n.Number) {
		return errors.New("the number must be two to six digits")
	}
	if !slices.Contains([]Service{none, All, Police, Ambulance, Fire, Text}, n.Service) {
		return errors.New("no such service")
	}
	if n.Service == Text != (n.Who != "") || n.Who != "" && !slices.Contains([]string{Anyone, Registered, SomePlaces}, n.Who) {
		return errors.New("who may text must be said for text, and only for text")
	}
	if !slices.Contains([]Kind{Law, Regulator, Government, Statement, Operator}, n.Kind) {
		return errors.New("no such kind of source")
	}
	if len(n.Source) < 10 || len(n.Source) > 300 || len(n.Note) > 300 {
		return errors.New("the source must be named")
	}
	// The operator may have it from a phone call to the ministry; we may not.
	if u, err := url.Parse(n.URL); n.Kind != Operator && (err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http") {
		return errors.New("the source needs an address")
	}
	if n.Dated != "" && !date.MatchString(n.Dated) {
		return errors.New("the date of the source is not a date")
	}
	if _, err := time.Parse(time.DateOnly, n.Read); err != nil {
		return errors.New("the day on which the source was read is missing")
	}
	return nil
}
