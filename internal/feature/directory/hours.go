package directory

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match"
)

// State is an answer that may be unknown: unknown is not no.
type State = match.State

// The answers.
const (
	Unknown = match.Unknown
	Yes     = match.Yes
	No      = match.No
)

// Hours are opening hours in a form of our own, so that a newer HSDS (which
// may drop RRULE) changes only how they are read and written.
type Hours struct {
	rules  []rule
	closed []dates        // days on which nothing is open
	zone   *time.Location // nil: not known
	fault  bool           // something in them could not be read
	last   atomic.Pointer[answered]
}

// answered is the last answer with the time for which it holds: until the next
// opening or closing nothing changes, and most questions are about now.
type answered struct {
	from, to time.Time
	state    State
	until    time.Time
}

// rule is one span of the day on the days that its pattern has.
type rule struct {
	pattern  pattern
	from, to int // minutes after midnight; to > 1440 runs into the next day
	zone     *time.Location
}

type dates struct{ from, to day }

// CompileHours reads HSDS schedules. zone is that of the place, nil if not
// known; a schedule's own offset serves only where there is no better.
func CompileHours(schedules []Object, zone *time.Location) *Hours {
	h := &Hours{zone: zone}
	for _, s := range schedules {
		h.add(s)
	}
	return h
}

// Known says whether the hours say anything at all.
func (h *Hours) Known() bool { return h != nil && len(h.rules) > 0 }

// Fault says whether part of the hours could not be read.
func (h *Hours) Fault() bool { return h != nil && h.fault }

func (h *Hours) add(s Object) {
	opens, closes := str(s, "opens_at"), str(s, "closes_at")
	if truth(s["closed"]) {
		opens, closes = "", ""
	}
	p, ok := readPattern(s)
	if !ok {
		h.fault = true
		return
	}
	if opens == "" && closes == "" {
		if s["holiday"] == true && p.valid.from != 0 {
			h.closed = append(h.closed, dates{p.valid.from, orDay(p.valid.to, p.valid.from)})
		}
		return
	}
	from, ok1 := minuteOfDay(opens)
	to, ok2 := minuteOfDay(closes)
	if !ok1 || !ok2 || p.anyDay() && s["holiday"] != true && str(s, "freq") == "" && str(s, "valid_from") == "" {
		h.fault = true
		return
	}
	switch {
	case from == to && from%1440 != 0:
		h.fault = true // 9:00 to 9:00 is a slip, not a day
		return
	case to <= from:
		to += 1440
	case to == 1439: // 23:59 is how forms that know no 24:00 write it
		to = 1440
	}
	r := rule{pattern: p, from: from, to: to, zone: h.zone}
	if r.zone == nil {
		r.zone = offsetZone(str(s, "timezone"))
	}
	h.rules = append(h.rules, r)
}

func orDay(a, b day) day {
	if a == 0 {
		return b
	}
	return a
}

// At says whether it is open at t, and until when. A zero until with Yes means
// that no end is in sight: open day and night.
func (h *Hours) At(t time.Time) (state State, until time.Time) {
	if !h.Known() {
		return Unknown, time.Time{}
	}
	a := h.answer(t)
	return a.state, a.until
}

func (h *Hours) answer(t time.Time) *answered {
	if a := h.last.Load(); a != nil && !t.Before(a.from) && t.Before(a.to) {
		return a
	}
	state, until := h.at(t)
	a := &answered{from: t, to: until, state: state, until: until}
	if state != Yes || until.IsZero() {
		midnight := (dayOf(t.In(h.anyZone())) + 1).at(0, h.anyZone()) // a closed day may begin
		a.to = t.Add(time.Hour)
		for _, end := range []time.Time{h.Opens(t), midnight} {
			if !end.IsZero() && end.Before(a.to) {
				a.to = end
			}
		}
	}
	h.last.Store(a)
	return a
}

// Open is At for the engine: the answer, and until when it holds.
func (h *Hours) Open(t time.Time) (State, time.Time) {
	if !h.Known() {
		return Unknown, t.Add(24 * time.Hour)
	}
	a := h.answer(t)
	return a.state, a.to
}

// Key is the same for hours that always answer alike.
func (h *Hours) Key() string {
	var b strings.Builder
	zone := func(z *time.Location) string {
		if z == nil {
			return ""
		}
		return z.String()
	}
	fmt.Fprint(&b, zone(h.zone), h.fault, h.closed)
	for _, r := range h.rules {
		fmt.Fprint(&b, zone(r.zone), r.from, r.to, r.pattern)
	}
	return b.String()
}

func (h *Hours) at(t time.Time) (state State, until time.Time) {
	if h.always() && !h.closedOn(dayOf(t.In(h.anyZone()))) {
		return Yes, time.Time{}
	}
	zoned := false
	for _, r := range h.rules {
		if r.zone != nil {
			zoned = true
		}
	}
	if !zoned {
		return Unknown, time.Time{}
	}
	end := t
	for range 8 { // spans that touch are one
		next := h.spanEnd(end)
		if next.IsZero() || !next.After(end) {
			break
		}
		end = next
	}
	if end.After(t) {
		return Yes, end
	}
	if h.fault {
		return Unknown, time.Time{}
	}
	return No, time.Time{}
}

// Opens is when it opens next after t, within a week; zero if it does not.
func (h *Hours) Opens(t time.Time) time.Time {
	var best time.Time
	if !h.Known() {
		return best
	}
	for _, r := range h.rules {
		if r.zone == nil {
			continue
		}
		today := dayOf(t.In(r.zone))
		for d := today; d < today+8; d++ {
			start := d.at(r.from, r.zone)
			if start.After(t) && r.pattern.has(d) && !h.closedOn(d) && (best.IsZero() || start.Before(best)) {
				best = start
			}
		}
	}
	return best
}

func (h *Hours) spanEnd(t time.Time) time.Time {
	var end time.Time
	for _, r := range h.rules {
		if r.zone == nil {
			continue
		}
		today := dayOf(t.In(r.zone))
		for _, d := range []day{today - 1, today} {
			if !r.pattern.has(d) || h.closedOn(d) {
				continue
			}
			from, to := d.at(r.from, r.zone), d.at(r.to, r.zone)
			if !t.Before(from) && t.Before(to) && to.After(end) {
				end = to
			}
		}
	}
	return end
}

// always is day and night, every day of the week, whatever the zone.
func (h *Hours) always() bool {
	var days [7]bool
	for _, r := range h.rules {
		if r.from != 0 || r.to < 1440 || !r.pattern.plainWeekly() {
			continue
		}
		for d := range days {
			if r.pattern.weekdays&(1<<d) != 0 || r.pattern.weekdays == 0 {
				days[d] = true
			}
		}
	}
	return days == [7]bool{true, true, true, true, true, true, true}
}

func (h *Hours) closedOn(d day) bool {
	for _, c := range h.closed {
		if d >= c.from && d <= c.to {
			return true
		}
	}
	return false
}

func (h *Hours) anyZone() *time.Location {
	if h.zone != nil {
		return h.zone
	}
	return time.UTC
}
