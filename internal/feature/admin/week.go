package admin

import (
	"encoding/json"
	"regexp"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Span is when the line is open on a day, in minutes from its midnight. To
// may lie on the next day; a span of no length is a day on which it is closed.
type Span struct{ From, To int }

// Open says whether there is anything to it.
func (s Span) Open() bool { return s.To > s.From }

// Week holds a span for each day, from Sunday.
type Week [7]Span

// Empty says that no day is set.
func (w Week) Empty() bool { return w == Week{} }

// IsZero leaves an empty week out of JSON.
func (w Week) IsZero() bool { return w.Empty() }

// MarshalJSON writes the days as [[from, to], …].
func (w Week) MarshalJSON() ([]byte, error) {
	var days [7][2]int
	for i, s := range w {
		days[i] = [2]int{s.From, s.To}
	}
	return json.Marshal(days)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (w *Week) UnmarshalJSON(b []byte) error {
	var days [7][2]int
	if err := json.Unmarshal(b, &days); err != nil {
		return err
	}
	for i, d := range days {
		w[i] = Span{d[0], d[1]}
	}
	return nil
}

// Opening says whether somebody answers at a time.
type Opening struct {
	Known bool      // whether the hours are set
	Open  bool      //
	Until time.Time // when open: until when; zero means without an end
	Next  time.Time // when closed: from when; zero when that is not known
}

// Opening tells whether the line is open at a time.
func (g General) Opening(now time.Time) Opening {
	if g.Always {
		return Opening{Known: true, Open: true}
	}
	if g.Week.Empty() || g.Zone == "" {
		return Opening{}
	}
	now = now.In(g.Location())
	at := func(day, minutes int) time.Time {
		// time.Date knows the days on which clocks are put forward or back.
		return time.Date(now.Year(), now.Month(), now.Day()+day, 0, minutes, 0, 0, now.Location())
	}
	o := Opening{Known: true}
	for day := -1; day <= 7; day++ {
		s := g.Week[(int(now.Weekday())+day+7)%7]
		if !s.Open() {
			continue
		}
		from, to := at(day, s.From), at(day, s.To)
		switch {
		case o.Open && !from.After(o.Until): // one span runs into the next
			if to.After(o.Until) {
				o.Until = to
			}
		case !o.Open && !now.Before(from) && now.Before(to):
			o.Open, o.Until = true, to
		case !o.Open && from.After(now):
			o.Next = from
			return o
		}
	}
	if o.Open && o.Until.Sub(now) > 7*24*time.Hour {
		o.Until = time.Time{}
	}
	return o
}

var hhmm = regexp.MustCompile(`^([01]?\d|2[0-4])[:.]([0-5]\d)$`)

// span reads two times of day. Both empty is a closed day; a second one that
// is not after the first is on the next day.
func span(from, to string) (Span, bool) {
	if from == "" && to == "" {
		return Span{}, true
	}
	a, okA := minutes(from)
	b, okB := minutes(to)
	if !okA || !okB || a >= 24*60 {
		return Span{}, false
	}
	if b <= a {
		b += 24 * 60
	}
	return Span{a, b}, b-a <= 24*60
}

func minutes(s string) (int, bool) {
	m := hhmm.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	h, _ := strconv.Atoi(m[1])
	n, _ := strconv.Atoi(m[2])
	return h*60 + n, h < 24 || n == 0
}

func clock(m int) string {
	return time.Date(2000, 1, 1, 0, m, 0, 0, time.UTC).Format("15:04")
}

// words gives the week as "Monday–Friday 09:00–17:00", days with the same
// hours together.
func (w Week) words(p *i18n.Printer) (list []string) {
	for i := 1; i <= 7; { // from Monday
		day := i % 7
		j := i
		for j < 7 && w[(j+1)%7] == w[day] {
			j++
		}
		if w[day].Open() {
			days := p.Weekday(time.Weekday(day))
			if j > i {
				days += "–" + p.Weekday(time.Weekday(j%7))
			}
			list = append(list, days+" \u2066"+clock(w[day].From)+"–"+clock(w[day].To)+"\u2069")
		}
		i = j + 1
	}
	return list
}
