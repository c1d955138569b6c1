package match

import (
	"sync/atomic"
	"time"
)

// slot is hours that several services share, with the last answer: most
// questions are about now, and until the next opening or closing nothing changes.
type slot struct {
	key   string
	hours Hours
	last  atomic.Pointer[answer]
}

type answer struct {
	from, to int64 // nanoseconds since 1970
	state    State
}

func (s *slot) open(at time.Time) State {
	if s == nil {
		return Unknown
	}
	now := at.UnixNano()
	if a := s.last.Load(); a != nil && now >= a.from && now < a.to {
		return a.state
	}
	state, to := s.hours.Open(at)
	s.last.Store(&answer{now, to.UnixNano(), state})
	return state
}

// Span is from one minute of a day to another; to beyond 1440 is into the next day.
type Span struct{ From, To int16 }

// Week is opening hours as spans of each day of the week, with days that
// differ: holidays, and what a rule gives once a month. It is compiled once, so
// that an answer takes no rule apart.
type Week struct {
	Name string // what [Hours.Key] gives
	Zone *time.Location
	Days [7][]Span // Sunday first
	// Except are days, counted from 1970-01-01, that are not as their weekday.
	Except map[int][]Span
}

// Key names the hours.
func (w *Week) Key() string { return w.Name }

// Open answers by the clock of the place, so that a day on which clocks change
// comes out right.
func (w *Week) Open(at time.Time) (State, time.Time) {
	local := at.In(w.Zone)
	day, minute := dayNumber(local), local.Hour()*60+local.Minute()
	open, edge := false, 1440
	look := func(spans []Span, shift int) {
		for _, s := range spans {
			from, to := int(s.From)-shift, int(s.To)-shift
			open = open || minute >= from && minute < to
			for _, e := range [...]int{from, to} {
				if e > minute && e < edge {
					edge = e
				}
			}
		}
	}
	look(w.on(day), 0)
	look(w.on(day-1), 1440)
	until := time.Date(local.Year(), local.Month(), local.Day(), 0, edge, 0, 0, w.Zone)
	_, before := local.Zone()
	if _, after := until.Zone(); before != after || !until.After(at) {
		until = at.Truncate(time.Minute).Add(time.Minute) // the clock changes: look again soon
	}
	if open {
		return Yes, until
	}
	return No, until
}

func (w *Week) on(day int) []Span {
	if spans, ok := w.Except[day]; ok {
		return spans
	}
	return w.Days[((day+4)%7+7)%7] // 1970-01-01 was a Thursday
}

// dayNumber is a calendar day as days since 1970-01-01.
func dayNumber(local time.Time) int {
	y, m, d := local.Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}
