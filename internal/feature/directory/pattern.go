package directory

import (
	"strconv"
	"strings"
	"time"
)

// day is a calendar day as days since 1970-01-01, with no zone.
type day int

func dayOf(t time.Time) day {
	y, m, d := t.Date()
	return day(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

// at is the moment so many minutes of the clock after the day's midnight in a
// zone. The clock decides, so a day with a changed clock comes out right.
func (d day) at(minute int, zone *time.Location) time.Time {
	y, m, dd := d.date().Date()
	return time.Date(y, m, dd, 0, minute, 0, 0, zone)
}

// pattern says on which days something recurs: the part of RFC 5545 that HSDS
// uses, tested one day at a time, so that no rule can take long.
type pattern struct {
	monthly   bool
	interval  int
	start     day // DTSTART; 0 if none
	weekdays  uint8
	ordinals  []ordinal // 2MO, -1FR
	weeks     []int
	monthDays []int
	yearDays  []int
	weekStart time.Weekday
	valid     dates // 0: no bound
}

type ordinal struct {
	n   int
	day time.Weekday
}

var dayCodes = map[string]time.Weekday{
	"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday,
	"TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday,
}

// readPattern reads the days of an HSDS schedule; false if it cannot.
func readPattern(s Object) (pattern, bool) {
	p := pattern{interval: 1, weekStart: time.Monday}
	switch strings.ToUpper(str(s, "freq")) {
	case "MONTHLY":
		p.monthly = true
	case "WEEKLY", "":
	default:
		return p, false
	}
	good := true
	number := func(field string) int {
		v := str(s, field)
		if v == "" {
			return 0
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 || n > 100000 {
			good = false
		}
		return n
	}
	date := func(field string) day {
		d, ok := readDate(str(s, field))
		good = good && ok
		return d
	}
	p.start = date("dtstart")
	p.valid = dates{date("valid_from"), date("valid_to")}
	if until := date("until"); until != 0 && (p.valid.to == 0 || until < p.valid.to) {
		p.valid.to = until
	}
	if p.start > p.valid.from {
		p.valid.from = p.start
	}
	if n := number("interval"); n > 0 {
		p.interval = n
	}
	if w := strings.ToUpper(str(s, "wkst")); len(w) >= 2 {
		d, ok := dayCodes[w[:2]]
		p.weekStart, good = d, good && ok
	}
	for _, part := range listed(str(s, "byday")) {
		good = p.readDay(part) && good
	}
	for field, to := range map[string]*[]int{"byweekno": &p.weeks, "bymonthday": &p.monthDays, "byyearday": &p.yearDays} {
		for _, part := range listed(str(s, field)) {
			n, err := strconv.Atoi(part)
			good = good && err == nil && n != 0 && n >= -366 && n <= 366
			*to = append(*to, n)
		}
	}
	if p.interval > 1 && p.start == 0 {
		return p, false // every other week, but which?
	}
	if p.anyDay() && p.start != 0 && str(s, "freq") != "" { // RFC 5545: as the first one
		if p.monthly {
			p.monthDays = []int{p.start.date().Day()}
		} else {
			p.weekdays = 1 << p.start.date().Weekday()
		}
	}
	if n := number("count"); n > 0 && good {
		if p.start == 0 {
			return p, false
		}
		p.stopAfter(n)
	}
	return p, good
}

func listed(s string) []string {
	return strings.FieldsFunc(strings.ToUpper(s), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '|' })
}

func (p *pattern) readDay(part string) bool {
	i := len(part)
	for j, r := range part {
		if r >= 'A' && r <= 'Z' {
			i = j
			break
		}
	}
	if len(part)-i < 2 {
		return false
	}
	d, ok := dayCodes[part[i:i+2]]
	if !ok {
		return false
	}
	if i == 0 {
		p.weekdays |= 1 << d
		return true
	}
	n, err := strconv.Atoi(part[:i])
	if err != nil || n == 0 || n < -53 || n > 53 {
		return false
	}
	if !p.monthly { // an ordinal has no meaning in a week
		p.weekdays |= 1 << d
		return true
	}
	p.ordinals = append(p.ordinals, ordinal{n, d})
	return true
}

// stopAfter turns a count into a last day. It looks at most twenty years
// ahead: beyond that a count bounds nothing that anybody asks.
func (p *pattern) stopAfter(n int) {
	const farthest = 20 * 366
	for d := p.start; d < p.start+farthest; d++ {
		if p.has(d) {
			if n--; n == 0 {
				if p.valid.to == 0 || d < p.valid.to {
					p.valid.to = d
				}
				return
			}
		}
	}
}

func (p *pattern) anyDay() bool {
	return p.weekdays == 0 && len(p.ordinals) == 0 && len(p.weeks) == 0 && len(p.monthDays) == 0 && len(p.yearDays) == 0
}

func (p *pattern) plainWeekly() bool {
	return !p.monthly && p.interval == 1 && len(p.weeks) == 0 && len(p.monthDays) == 0 && len(p.yearDays) == 0 && p.valid == dates{}
}

// has says whether the pattern falls on d.
func (p *pattern) has(d day) bool {
	if p.valid.from != 0 && d < p.valid.from || p.valid.to != 0 && d > p.valid.to {
		return false
	}
	t := d.date()
	if p.interval > 1 && !p.inInterval(d, t) {
		return false
	}
	if (p.weekdays != 0 || len(p.ordinals) > 0) && p.weekdays&(1<<t.Weekday()) == 0 && !p.hasOrdinal(t) {
		return false
	}
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	if len(p.monthDays) > 0 && !among(p.monthDays, t.Day(), last) {
		return false
	}
	yearDays := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	if len(p.yearDays) > 0 && !among(p.yearDays, t.YearDay(), yearDays) {
		return false
	}
	if len(p.weeks) > 0 {
		year, week := t.ISOWeek()
		_, weeks := time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC).ISOWeek()
		if !among(p.weeks, week, weeks) {
			return false
		}
	}
	return true
}

func (p *pattern) inInterval(d day, t time.Time) bool {
	s := p.start.date()
	if p.monthly {
		months := (t.Year()-s.Year())*12 + int(t.Month()) - int(s.Month())
		return months%p.interval == 0
	}
	week := func(d day, t time.Time) int {
		const before = 7_000_000 // keeps the division away from negative days
		return (int(d) + before - (int(t.Weekday())-int(p.weekStart)+7)%7) / 7
	}
	a, b := week(d, t), week(p.start, s)
	return (a-b)%p.interval == 0
}

func (p *pattern) hasOrdinal(t time.Time) bool {
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	for _, o := range p.ordinals {
		if t.Weekday() != o.day {
			continue
		}
		if o.n > 0 && (t.Day()-1)/7+1 == o.n || o.n < 0 && -((last-t.Day())/7+1) == o.n {
			return true
		}
	}
	return false
}

// among finds v in list, where negative numbers count from the end.
func among(list []int, v, last int) bool {
	for _, n := range list {
		if n == v || n < 0 && last+1+n == v {
			return true
		}
	}
	return false
}
