package admin

import (
	"testing"
	"time"
)

func TestSpan(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     Span
		ok       bool
	}{
		{"09:00", "17:30", Span{540, 1050}, true},
		{"9.00", "24:00", Span{540, 1440}, true},
		{"22:00", "06:00", Span{1320, 1800}, true},
		{"00:00", "00:00", Span{0, 1440}, true},
		{"", "", Span{}, true},
		{"09:00", "", Span{}, false},
		{"", "09:00", Span{}, false},
		{"24:00", "09:00", Span{}, false},
		{"24:30", "09:00", Span{}, false},
		{"09:60", "10:00", Span{}, false},
		{"nine", "10:00", Span{}, false},
	} {
		got, ok := span(c.from, c.to)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("span(%q, %q) = %v, %v", c.from, c.to, got, ok)
		}
	}
}

func TestOpening(t *testing.T) {
	zone, err := time.LoadLocation("America/Chicago")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 11, day, hour, minute, 0, 0, zone) }
	var week Week
	week[1] = Span{540, 1020}  // Monday 09:00–17:00
	week[5] = Span{1320, 1560} // Friday 22:00–02:00
	week[6] = Span{120, 240}   // Saturday 02:00–04:00, right after it
	g := General{Zone: "America/Chicago", Week: week}
	for _, c := range []struct {
		name string
		now  time.Time
		want Opening
	}{ // 23 November 2026 is a Monday
		{"before", at(23, 8, 59), Opening{Known: true, Next: at(23, 9, 0)}},
		{"first minute", at(23, 9, 0), Opening{Known: true, Open: true, Until: at(23, 17, 0)}},
		{"last moment", at(23, 17, 0), Opening{Known: true, Next: at(27, 22, 0)}},
		{"after midnight, on into the next span", at(28, 1, 0), Opening{Known: true, Open: true, Until: at(28, 4, 0)}},
		{"evening before it", at(27, 23, 0), Opening{Known: true, Open: true, Until: at(28, 4, 0)}},
		{"in another zone", at(23, 9, 30).UTC(), Opening{Known: true, Open: true, Until: at(23, 17, 0)}},
		{"next week", at(28, 5, 0), Opening{Known: true, Next: at(30, 9, 0)}},
	} {
		got := g.Opening(c.now)
		if got.Known != c.want.Known || got.Open != c.want.Open || !got.Until.Equal(c.want.Until) || !got.Next.Equal(c.want.Next) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
	if got := (General{Always: true}).Opening(at(23, 3, 0)); !got.Open || !got.Until.IsZero() {
		t.Errorf("always open is %+v", got)
	}
	if got := (General{}).Opening(at(23, 3, 0)); got.Known {
		t.Errorf("hours that nobody set are %+v", got)
	}
	if got := (General{Week: week}).Opening(at(23, 10, 0)); got.Known {
		t.Errorf("hours without a zone are %+v", got)
	}
	var all Week
	for i := range all {
		all[i] = Span{0, 1440}
	}
	if got := (General{Zone: "UTC", Week: all}).Opening(at(23, 3, 0)); !got.Open || !got.Until.IsZero() {
		t.Errorf("open on all days is %+v", got)
	}
	// The day on which clocks are put back has 25 hours.
	all = Week{0: Span{0, 1440}}
	got := General{Zone: "America/Chicago", Week: all}.Opening(time.Date(2026, 11, 1, 23, 30, 0, 0, zone))
	if !got.Open || !got.Until.Equal(time.Date(2026, 11, 2, 0, 0, 0, 0, zone)) {
		t.Errorf("on the long day it is %+v", got)
	}
}
