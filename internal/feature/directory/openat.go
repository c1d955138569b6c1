package directory

import (
	"net/url"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// farthest is how far off a day may be that the form asks for: hours of later
// years are known of nobody.
const farthest = 366 * 24 * time.Hour

// openAt reads a day and a time of the form; zero if neither is there. They are of
// the clock on the wall where somebody would go: of the place that is searched in,
// else of where the hotline is. A time without a day is the next that comes.
func (f *Feature) openAt(form url.Values, q Query) (time.Time, error) {
	day, clock := strings.TrimSpace(form.Get("day")), strings.TrimSpace(form.Get("time"))
	if day == "" && clock == "" {
		return time.Time{}, nil
	}
	minute, ok := minuteOfDay(clock)
	if !ok {
		return time.Time{}, errs.In("time", "directory.search.time")
	}
	zone := f.web.Here()
	if p, ok := findPlace(q.Place, first(q.Country, q.From)); ok && q.Place != "" && p.zone != nil {
		zone = p.zone
	}
	now := f.now().In(zone)
	date := now
	if day != "" {
		var err error
		if date, err = time.ParseInLocation(time.DateOnly, day, zone); err != nil || date.Sub(now).Abs() > farthest {
			return time.Time{}, errs.In("day", "directory.search.day")
		}
	}
	at := time.Date(date.Year(), date.Month(), date.Day(), minute/60, minute%60, 0, 0, zone)
	if day == "" && at.Before(now) {
		at = at.AddDate(0, 0, 1)
	}
	return at, nil
}

// zoneName is a time zone as people can read it: "America/New York".
func zoneName(t time.Time) string { return strings.ReplaceAll(t.Location().String(), "_", " ") }
