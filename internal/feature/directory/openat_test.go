package directory

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// A day and a time are of the clock in the place that is searched in, on the day
// when clocks change too; without a place, of the hotline's.
func TestOpenAtByWhichClock(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		c.f.Now = func() time.Time { return noon }
		for name, one := range map[string]struct {
			day, clock, place string
			want              string // UTC
			field             string
		}{
			"none":                    {},
			"a place":                 {"2026-11-28", "20:00", "Chicago", "2026-11-29T02:00:00Z", ""},
			"no place":                {"2026-11-28", "20:00", "", "2026-11-28T20:00:00Z", ""},
			"the clocks went back":    {"2026-11-01", "09:00", "Chicago", "2026-11-01T15:00:00Z", ""},
			"the day before":          {"2026-10-31", "09:00", "Chicago", "2026-10-31T14:00:00Z", ""},
			"later today":             {"", "20:00", "Chicago", "2026-11-24T02:00:00Z", ""},
			"that was, so tomorrow":   {"", "9 am", "Chicago", "2026-11-24T15:00:00Z", ""},
			"a place that is unknown": {"2026-11-28", "20:00", "Nowhereville", "2026-11-28T20:00:00Z", ""},
			"no time":                 {"2026-11-28", "", "", "", "time"},
			"no such time":            {"", "25:00", "", "", "time"},
			"no day":                  {"tomorrow", "20:00", "", "", "day"},
			"too far":                 {"2031-01-01", "20:00", "", "", "day"},
		} {
			at, err := c.f.openAt(url.Values{"day": {one.day}, "time": {one.clock}}, Query{Place: one.place, From: "US"})
			if field := fieldOf(err); field != one.field {
				t.Errorf("%s: wrong is %q, not %q", name, field, one.field)
			}
			if got := at.UTC().Format(time.RFC3339); one.want != "" && got != one.want || one.want == "" && !at.IsZero() {
				t.Errorf("%s: %s, not %s", name, got, one.want)
			}
		}

		load(t, c.f, "test", fstest.MapFS{
			"organizations.csv":       {Data: []byte("id,name\n1,Help\n")},
			"services.csv":            {Data: []byte("id,organization_id,name,status\n1,1,Evening door,active\n2,1,Morning door,active\n")},
			"locations.csv":           {Data: []byte("id,organization_id,name,latitude,longitude\n1,1,House,41.88,-87.63\n")},
			"addresses.csv":           {Data: []byte("id,location_id,address_1,city,state_province,country\n1,1,1 Main Street,Chicago,IL,US\n")},
			"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n2,2,1\n")},
			"schedules.csv":           {Data: []byte("id,service_id,freq,byday,opens_at,closes_at\n1,1,WEEKLY,SA,18:00,22:00\n2,2,WEEKLY,SA,06:00,10:00\n")},
		})
		form := url.Values{"place": {"Chicago"}, "day": {"2026-11-28"}, "time": {"20:00"}, "open": {"1"}}
		asks := func(status int, parts ...string) {
			t.Helper()
			code, body, _ := c.do(http.MethodPost, "/staff/directory", form)
			for _, part := range parts {
				if code != status || !strings.Contains(body, part) {
					t.Errorf("%v (%d) lacks %q", form, code, part)
				}
			}
		}
		asks(http.StatusOK, "1 service, ", "Evening door", "Open at that time", "open on Saturday 28 November 2026 at 20:00, by the clock of America/Chicago", `value="20:00"`, "without a place, of UTC")
		form.Set("time", "08:00")
		asks(http.StatusOK, "1 service, ", "Morning door")
		form.Set("time", "late")
		asks(http.StatusUnprocessableEntity, "Write a time, such as 20:00.", `value="late"`)
	}, Migrations)
}

func fieldOf(err error) string {
	if err == nil {
		return ""
	}
	return errs.Of(err).Field
}
