package directory

import (
	"strconv"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func weekly(days, opens, closes string) Object {
	return Object{"freq": "WEEKLY", "byday": days, "opens_at": opens, "closes_at": closes}
}

func TestOpenAt(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	office := []Object{weekly("MO,TU,WE,TH,FR", "09:00", "17:00")}
	for _, c := range []struct {
		name      string
		schedules []Object
		zone      *time.Location
		at        string // clock of the zone, or UTC where there is none
		state     State
		until     string
	}{
		{"before opening", office, chicago, "2026-11-23 08:59", No, ""},
		{"at opening", office, chicago, "2026-11-23 09:00", Yes, "2026-11-23 17:00"},
		{"at closing", office, chicago, "2026-11-23 17:00", No, ""},
		{"weekend", office, chicago, "2026-11-22 12:00", No, ""},
		{"no zone", office, nil, "2026-11-23 12:00", Unknown, ""},
		{"nothing known", nil, chicago, "2026-11-23 12:00", Unknown, ""},
		{"only a closed day", []Object{{"freq": "WEEKLY", "byday": "SU"}}, chicago, "2026-11-22 12:00", Unknown, ""},
		{"over midnight", []Object{weekly("MO", "22:00", "06:00")}, chicago, "2026-11-24 05:59", Yes, "2026-11-24 06:00"},
		{"over midnight, next evening", []Object{weekly("MO", "22:00", "06:00")}, chicago, "2026-11-24 22:30", No, ""},
		{"two spans that touch", []Object{weekly("MO", "09:00", "12:00"), weekly("MO", "12:00", "18:00")}, chicago, "2026-11-23 10:00", Yes, "2026-11-23 18:00"},
		{"day and night, no zone", []Object{weekly("MO,TU,WE,TH,FR,SA,SU", "00:00", "24:00")}, nil, "2026-11-23 03:00", Yes, ""},
		{"day and night as 23:59", []Object{weekly("MO,TU,WE,TH,FR,SA,SU", "00:00", "23:59")}, chicago, "2026-11-23 23:59", Yes, ""},
		// Clocks go forward on 8 March 2026 at 2:00 and back on 1 November.
		{"night when clocks go forward", []Object{weekly("SA", "22:00", "04:00")}, chicago, "2026-03-08 03:30", Yes, "2026-03-08 04:00"},
		{"night when clocks go back", []Object{weekly("SA", "22:00", "04:00")}, chicago, "2026-11-01 03:59", Yes, "2026-11-01 04:00"},
		{"morning after clocks go back", []Object{weekly("SU", "09:00", "10:00")}, chicago, "2026-11-01 09:30", Yes, "2026-11-01 10:00"},
		{"third Tuesday", []Object{{"freq": "MONTHLY", "byday": "3TU", "opens_at": "17:00", "closes_at": "19:00"}}, chicago, "2026-11-17 18:00", Yes, "2026-11-17 19:00"},
		{"second Tuesday is not the third", []Object{{"freq": "MONTHLY", "byday": "3TU", "opens_at": "17:00", "closes_at": "19:00"}}, chicago, "2026-11-10 18:00", No, ""},
		{"last Friday", []Object{{"freq": "MONTHLY", "byday": "-1FR", "opens_at": "9 am", "closes_at": "5 p.m."}}, chicago, "2026-11-27 16:59", Yes, "2026-11-27 17:00"},
		{"every other week", []Object{{"freq": "WEEKLY", "interval": "2", "dtstart": "2026-11-02", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}}, chicago, "2026-11-23 09:30", No, ""},
		{"the week between", []Object{{"freq": "WEEKLY", "interval": "2", "dtstart": "2026-11-02", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}}, chicago, "2026-11-16 09:30", Yes, "2026-11-16 10:00"},
		{"every other week from when?", []Object{{"freq": "WEEKLY", "interval": "2", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00"}}, chicago, "2026-11-16 09:30", Unknown, ""},
		{"not valid any more", []Object{{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00", "valid_to": "2026-11-22"}}, chicago, "2026-11-23 09:30", No, ""},
		{"offset where the place is unknown", []Object{{"freq": "WEEKLY", "byday": "MO", "opens_at": "09:00", "closes_at": "10:00", "timezone": "3"}}, nil, "2026-11-23 06:30", Yes, ""},
		{"closed on a holiday", []Object{weekly("TH", "09:00", "17:00"), {"holiday": true, "valid_from": "2026-12-24", "valid_to": "2026-12-26"}}, chicago, "2026-12-24 12:00", No, ""},
		{"9 to 9", []Object{weekly("MO", "09:00", "09:00")}, chicago, "2026-11-23 09:00", Unknown, ""},
		{"frequency that HSDS has not", []Object{{"freq": "SECONDLY", "opens_at": "09:00", "closes_at": "10:00"}}, chicago, "2026-11-23 09:30", Unknown, ""},
		{"part unreadable, part closed", []Object{weekly("MO", "09:00", "10:00"), weekly("MO", "late", "later")}, chicago, "2026-11-23 23:00", Unknown, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			in := c.zone
			if in == nil {
				in = time.UTC
			}
			at, err := time.ParseInLocation("2006-01-02 15:04", c.at, in)
			if err != nil {
				t.Fatal(err)
			}
			state, until := CompileHours(c.schedules, c.zone).At(at)
			got := ""
			if !until.IsZero() && c.zone != nil {
				got = until.Format("2006-01-02 15:04")
			}
			if state != c.state || got != c.until {
				t.Errorf("%v until %q, want %v until %q", state, got, c.state, c.until)
			}
		})
	}
}

func TestOpensNext(t *testing.T) {
	t.Parallel()
	chicago := zone(t, "America/Chicago")
	h := CompileHours([]Object{weekly("MO,TU", "09:00", "17:00")}, chicago)
	friday := time.Date(2026, 11, 27, 12, 0, 0, 0, chicago)
	if got := h.Opens(friday).Format("Mon 15:04"); got != "Mon 09:00" {
		t.Errorf("opens %s", got)
	}
}

func TestMinuteOfDay(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int{
		"9:00": 540, "09:00:00": 540, "0900": 540, "9 am": 540, "12 am": 0, "12 p.m.": 720, "5:30pm": 1050, "24:00": 1440,
		"noon": 720, "midnight": 0, "10:00:00+02:00": 600, "10:00Z": 600, "9": 540, "23:59:59.5": 1439,
		"25:00": -1, "24:01": -1, "9:60": -1, "": -1, "nine": -1, "13 pm": -1, "-5": -1, "9:00:00:00": -1, "123:00": -1,
	} {
		got, ok := minuteOfDay(in)
		if !ok {
			got = -1
		}
		if got != want {
			t.Errorf("%q is %d, want %d", in, got, want)
		}
	}
}

// Our day-by-day pattern falls on the days that an RFC 5545 library expands to.
func TestPatternAgainstRRULE(t *testing.T) {
	t.Parallel()
	codes := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	days := []rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 400).Draw(t, "start"))
		monthly := rapid.Bool().Draw(t, "monthly")
		interval := rapid.IntRange(1, 4).Draw(t, "interval")
		opt := rrule.ROption{Freq: rrule.WEEKLY, Interval: interval, Dtstart: start}
		s := Object{"freq": "WEEKLY", "interval": strconv.Itoa(interval), "dtstart": start.Format(time.DateOnly)}
		if monthly {
			opt.Freq, s["freq"] = rrule.MONTHLY, "MONTHLY"
		}
		byday := ""
		// The library wants all days to have a number or none; RFC 5545 does not.
		numbered := monthly && rapid.Bool().Draw(t, "numbered")
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 6), 0, 3, rapid.ID[int]).Draw(t, "days") {
			n := 0
			if numbered {
				n = rapid.SampledFrom([]int{1, 2, 4, -1, -2}).Draw(t, "nth")
			}
			if byday != "" {
				byday += ","
			}
			if n != 0 {
				byday += strconv.Itoa(n)
				opt.Byweekday = append(opt.Byweekday, days[i].Nth(n))
			} else {
				opt.Byweekday = append(opt.Byweekday, days[i])
			}
			byday += codes[i]
		}
		s["byday"] = byday
		if monthly && rapid.Bool().Draw(t, "by month day") {
			n := rapid.SampledFrom([]int{1, 15, 28, 31, -1, -7}).Draw(t, "month day")
			opt.Bymonthday, s["bymonthday"] = []int{n}, strconv.Itoa(n)
		}
		if rapid.Bool().Draw(t, "counted") {
			opt.Count = rapid.IntRange(1, 8).Draw(t, "count")
			s["count"] = strconv.Itoa(opt.Count)
		}
		want, err := rrule.NewRRule(opt)
		if err != nil {
			t.Fatal(err)
		}
		end := start.AddDate(1, 0, 0)
		expected := map[day]bool{}
		for _, d := range want.Between(start, end, true) {
			expected[dayOf(d)] = true
		}
		p, ok := readPattern(s)
		if !ok {
			t.Fatalf("%v cannot be read", s)
		}
		for d := dayOf(start) - 40; d <= dayOf(end); d++ {
			if p.has(d) != expected[d] {
				t.Fatalf("%v on %s: %v, want %v", s, d.date().Format(time.DateOnly), p.has(d), expected[d])
			}
		}
	})
}
