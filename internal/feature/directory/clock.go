package directory

import (
	"strconv"
	"strings"
	"time"
)

// minuteOfDay reads a time of day as people and programs write it: 9:00,
// 09:00:00, 09:00+01:00, 0900, 9 am, 5:30 p.m., noon, midnight, 24:00.
func minuteOfDay(s string) (int, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "noon":
		return 720, true
	case "midnight":
		return 0, true
	}
	half := 0 // 1 morning, 2 afternoon
	for _, m := range []struct {
		text string
		half int
	}{{"a.m.", 1}, {"p.m.", 2}, {"am", 1}, {"pm", 2}} {
		if t, ok := strings.CutSuffix(s, m.text); ok {
			s, half = strings.TrimSpace(t), m.half
			break
		}
	}
	if i := strings.IndexAny(s, "+-z"); i > 0 { // the zone is told elsewhere
		s = s[:i]
	}
	parts := strings.Split(s, ":")
	if len(parts) == 1 && len(s) == 4 {
		parts = []string{s[:2], s[2:]}
	}
	if len(parts) > 3 || len(parts[0]) > 2 {
		return 0, false
	}
	n := [3]int{}
	for i, p := range parts {
		if i == 2 {
			p, _, _ = strings.Cut(p, ".")
		}
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 59 || len(p) > 2 || len(p) == 0 {
			return 0, false
		}
		n[i] = v
	}
	hour := n[0]
	if half != 0 {
		if hour < 1 || hour > 12 {
			return 0, false
		}
		hour %= 12
		if half == 2 {
			hour += 12
		}
	}
	if hour > 24 || hour == 24 && n[1] != 0 {
		return 0, false
	}
	return hour*60 + n[1], true
}

// readDate reads an ISO date, with or without a time; "" is no date and fine.
func readDate(s string) (day, bool) {
	if s == "" {
		return 0, true
	}
	if len(s) > 10 && (s[10] == 'T' || s[10] == ' ') {
		s = s[:10]
	}
	for _, form := range []string{"2006-01-02", "20060102", "01/02/2006", "1/2/2006", "January 2, 2006"} {
		if t, err := time.Parse(form, s); err == nil && t.Year() >= 1 && t.Year() < 10000 {
			return dayOf(t), true
		}
	}
	return 0, false
}

// offsetZone is HSDS's timezone: hours from UTC, which knows no summer time.
func offsetZone(s string) *time.Location {
	if s == "" {
		return nil
	}
	hours, err := strconv.ParseFloat(s, 64)
	if err != nil || !(hours >= -14 && hours <= 14) { // also what is no number
		return nil
	}
	return time.FixedZone("UTC"+s, int(hours*3600))
}
