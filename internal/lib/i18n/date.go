package i18n

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Date writes a day in words, in the time's own zone: "23 November 2026".
func (p *Printer) Date(t time.Time) string {
	return p.fill(p.row.date, p.row.monthsIn[t.Month()-1], t)
}

// Month writes a month and its year: "November 2026".
func (p *Printer) Month(t time.Time) string {
	return p.fill(p.row.month, p.row.months[t.Month()-1], t)
}

func (p *Printer) fill(pattern, month string, t time.Time) string {
	return strings.NewReplacer(
		"D", strconv.Itoa(t.Day()), "M", month, "Y", strconv.Itoa(t.Year()),
	).Replace(pattern)
}

// Weekday is the name of a day of the week.
func (p *Printer) Weekday(d time.Weekday) string { return p.row.days[d] }

// Time writes the time of day on the 24-hour clock, which needs no word for
// the half of the day and reads alike in every language: "14:02".
func (p *Printer) Time(t time.Time) string { return t.Format("15:04") }

// DateTime writes both.
func (p *Printer) DateTime(t time.Time) string {
	return p.T("i18n.datetime", "date", dated(p.Date(t)), "time", dated(p.Time(t)))
}

// dated is text of our own, which needs no isolating.
type dated string

// Duration writes a length of time in its largest useful units: "40 s",
// "2 min", "3 h 5 min", "4 days".
func (p *Printer) Duration(d time.Duration) string {
	if d < 0 {
		d = -d
	}
	switch {
	case d < time.Minute:
		return p.T("i18n.seconds", "count", int(d/time.Second))
	case d < time.Hour:
		return p.T("i18n.minutes", "count", int(d/time.Minute))
	case d < 48*time.Hour:
		s := p.T("i18n.hours", "count", int(d/time.Hour))
		if m := int(d/time.Minute) % 60; m > 0 && d < 12*time.Hour {
			s += " " + p.T("i18n.minutes", "count", m)
		}
		return s
	default:
		return p.T("i18n.days", "count", int(d/(24*time.Hour)))
	}
}

// Ago writes how long before now something was: "2 min ago".
func (p *Printer) Ago(t, now time.Time) string {
	d := now.Sub(t)
	if d < time.Minute {
		return p.T("i18n.just_now")
	}
	return p.T("i18n.ago", "duration", dated(p.Duration(d)))
}

// Clock writes a waiting time for a list: "0:40", "2:10", "1:02:10".
func Clock(d time.Duration) string {
	s := int(max(d, 0) / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
