package directory

import (
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Said is what a page says of a result, in the reader's words. Every face of
// the directory says it through here, so that all say the same.
type Said struct {
	Fits, Ask, Misses []string // why it fits, what to ask, what does not fit
	Checked           string   // when it was last checked, or that it never was
	Where             string   // as much of the place as may be told
	Distance          string   // "" where it is not known or may not be told
	Open              string   // open until, opens at, closed, or ""
	Hours             []string // lines
	Languages         []string
	Needs             []string
	Organization      string
	Immigration       string // "" where it is not known
}

// Say puts a result into words.
func Say(p *i18n.Printer, r Result) Said {
	s := Said{Checked: sayChecked(p, r), Open: sayOpen(p, r), Organization: r.Organization}
	for _, list := range []struct {
		from []Reason
		to   *[]string
	}{{r.Why, &s.Fits}, {r.Unsure, &s.Ask}, {r.Unfit, &s.Misses}} {
		for _, reason := range list.from {
			*list.to = append(*list.to, sayReason(p, reason))
		}
	}
	if r.Immigration != "" {
		s.Immigration = p.T("directory.immigration." + string(r.Immigration))
	}
	s.Where, s.Distance = sayWhere(p, r.Where)
	for _, l := range r.Hours {
		s.Hours = append(s.Hours, sayHours(p, l))
	}
	for _, l := range r.Languages {
		name := p.LanguageName(l.Code)
		if l.Interpreter {
			name = p.T("directory.by_interpreter", "language", name)
		}
		s.Languages = append(s.Languages, name)
	}
	if r.Interpreter {
		s.Languages = append(s.Languages, p.T("directory.any_interpreter"))
	}
	for _, n := range r.Needs {
		name := p.T("directory.need." + n.Code)
		if n.Derived {
			name = p.T("directory.derived", "need", name)
		}
		s.Needs = append(s.Needs, name)
	}
	return s
}

func sayReason(p *i18n.Printer, r Reason) string {
	switch {
	case r.Need != "":
		return p.T(r.Key, "need", p.T("directory.need."+r.Need))
	case r.Language != "":
		return p.T(r.Key, "language", p.LanguageName(r.Language))
	case r.KM > 0:
		return p.T(r.Key, "km", r.KM)
	case r.Count > 0:
		return p.T(r.Key, "number", r.Count)
	}
	return p.T(r.Key)
}

func sayChecked(p *i18n.Printer, r Result) string {
	switch r.Status {
	case Verified:
		return p.T("directory.checked", "date", p.Date(r.Checked))
	case Overdue:
		return p.T("directory.checked_overdue", "date", p.Date(r.Checked))
	}
	return p.T("directory.checked_never")
}

// sayOpen gives times in the place's own zone: that is the clock on its door.
func sayOpen(p *i18n.Printer, r Result) string {
	switch {
	case r.Open == Yes && r.OpenUntil.IsZero():
		return p.T("directory.open.always")
	case r.Open == Yes:
		return p.T("directory.open.until", "time", p.Time(r.OpenUntil))
	case r.Open == No && !r.OpensAt.IsZero():
		return p.T("directory.open.from", "day", p.Weekday(r.OpensAt.Weekday()), "time", p.Time(r.OpensAt))
	case r.Open == No:
		return p.T("directory.open.no")
	}
	return p.T("directory.open.unknown")
}

func sayWhere(p *i18n.Printer, w Where) (where, distance string) {
	country := ""
	if w.Country != "" {
		country = p.Country(w.Country)
	}
	if w.Visibility == Hidden {
		return strings.TrimSpace(p.T("directory.where.hidden") + " " + country), ""
	}
	var parts []string
	switch {
	case w.Address != "":
		parts = append(parts, w.Name, w.Address)
	case w.Town != "":
		parts = append(parts, w.Name, w.Town, w.Region, country)
	default:
		parts = append(parts, w.Name, country)
	}
	where = joined(onceEach(parts)...)
	if w.Visibility == Partial {
		where = p.T("directory.where.partial", "place", where)
	}
	if w.Of > 1 {
		where = joined(where, p.T("directory.where.one_of", "number", w.Of))
	}
	if w.Known {
		key := "directory.where.km"
		if w.Approx {
			key = "directory.where.about_km"
		}
		distance = p.T(key, "km", kilometres(p, w.KM))
	}
	return where, distance
}

// onceEach leaves out what was said already: a place named after its town.
func onceEach(parts []string) []string {
	var out []string
	said := map[string]bool{}
	for _, p := range parts {
		if !said[p] {
			said[p] = true
			out = append(out, p)
		}
	}
	return out
}

func kilometres(p *i18n.Printer, km float64) string {
	if km < 10 {
		return p.Decimal(km, 1)
	}
	return p.Number(int(km + 0.5))
}

func sayHours(p *i18n.Printer, l HoursLine) string {
	var b strings.Builder
	if len(l.Days) == 7 {
		b.WriteString(p.T("directory.hours.daily"))
	} else {
		var days []string
		for _, d := range mondayFirst(l.Days) {
			days = append(days, p.Weekday(d))
		}
		b.WriteString(p.List(days))
	}
	switch {
	case l.Closed:
		b.WriteString(" " + p.T("directory.hours.closed"))
	case l.Opens != "" || l.Closes != "":
		b.WriteString(" " + l.Opens + "–" + l.Closes)
	}
	if l.Text != "" {
		b.WriteString(" " + l.Text)
	}
	return strings.TrimSpace(b.String())
}

func mondayFirst(days []time.Weekday) []time.Weekday {
	var out []time.Weekday
	for i := 1; i <= 7; i++ {
		for _, d := range days {
			if int(d) == i%7 {
				out = append(out, d)
				break
			}
		}
	}
	return out
}

// PhoneText is a number with its extension, to be read and not dialled: a
// telephone link is made of Number alone.
func (p Phone) PhoneText() string {
	if p.Extension == "" {
		return p.Number
	}
	return p.Number + " × " + p.Extension
}
