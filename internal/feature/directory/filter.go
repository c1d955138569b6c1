package directory

import (
	"strings"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// sayFilter is the list's filter in words: "42 services, Chicago, overdue".
func sayFilter(p *i18n.Printer, q Query, res Results) string {
	parts := []string{p.T("directory.found", "count", res.Total)}
	if q.Words != "" {
		parts = append(parts, "“"+strings.TrimSpace(q.Words)+"”")
	}
	for _, n := range q.Needs {
		if needBit[n] != 0 {
			parts = append(parts, p.T("directory.need."+n))
		}
	}
	switch {
	case res.Place != "":
		km := q.KM
		if km == 0 {
			km = defKM
		}
		switch {
		case q.Nearest:
			parts = append(parts, res.Place, p.T("directory.form.nearest"))
		case q.Serves:
			parts = append(parts, res.Place, p.T("directory.form.serves"))
		default:
			parts = append(parts, p.T("directory.filter.near", "place", res.Place, "km", int(km)))
		}
	case res.PlaceUnknown:
		parts = append(parts, p.T("directory.filter.place_unknown"))
	}
	if q.Language != "" {
		parts = append(parts, p.LanguageName(q.Language))
	}
	if q.From != "" {
		parts = append(parts, p.T("directory.filter.from", "country", p.Country(q.From)))
	}
	if q.OpenNow {
		parts = append(parts, p.T("directory.filter.open"))
	}
	if !q.OpenAt.IsZero() {
		parts = append(parts, p.T("directory.filter.open_at", "day", p.Weekday(q.OpenAt.Weekday())+" "+p.Date(q.OpenAt), "time", p.Time(q.OpenAt), "zone", zoneName(q.OpenAt)))
	}
	if q.Status == Never || q.Status == Overdue || q.Status == Verified {
		parts = append(parts, p.T("directory.status."+string(q.Status)))
	}
	if q.Checked > 0 {
		parts = append(parts, p.T("directory.form.checked")+" "+p.Number(q.Checked))
	}
	if q.Source != "" {
		parts = append(parts, q.Source)
	}
	for _, one := range []struct {
		asked bool
		word  string
	}{
		{q.Gender == Women, "directory.why.women"},
		{q.Gender == Men, "directory.why.men"},
		{q.AnyStatus, "directory.form.any_status"},
		{q.Free, "directory.form.free"},
		{q.Wheelchair, "directory.form.wheelchair"},
		{q.Room, "directory.form.room"},
		{res.Respelled, "directory.filter.respelled"},
	} {
		if one.asked {
			parts = append(parts, p.T(one.word))
		}
	}
	if q.Age > 0 {
		parts = append(parts, p.T("directory.form.age")+" "+p.Number(q.Age))
	}
	if res.AnyWord {
		parts = append(parts, p.T("directory.filter.any_word"))
	}
	return p.List(parts)
}
