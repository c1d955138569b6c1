package directory

import (
	"strconv"
	"strings"
)

// coordinates reads a location's own coordinates; false if it has none that
// are on Earth. 0, 0 is what broken geocoders write.
func coordinates(o Object) (lat, lon float64, ok bool) {
	a, b := str(o, "latitude"), str(o, "longitude")
	if a == "" || b == "" {
		return 0, 0, false
	}
	lat, err1 := strconv.ParseFloat(a, 64)
	lon, err2 := strconv.ParseFloat(b, 64)
	if err1 != nil || err2 != nil || !(lat >= -90 && lat <= 90) || !(lon >= -180 && lon <= 180) || lat == 0 && lon == 0 {
		return 0, 0, false
	}
	return lat, lon, true
}

// checkValues reports what the records say that cannot be used: they keep it.
func checkValues(recs []*record, src source, rep *Report) {
	for _, r := range recs {
		switch r.kind {
		case entLocation:
			checkPlace(r, src, rep)
			checkHours(r, r.doc, rep)
			checkPhones(r, r.doc, first(countryOf(r.doc), src.Country), rep)
		case entService:
			checkHours(r, r.doc, rep)
			checkPhones(r, r.doc, src.Country, rep)
			for _, sal := range objects(r.doc, "service_at_locations") {
				checkHours(r, sal, rep)
				checkPhones(r, sal, src.Country, rep)
			}
		case entOrganization:
			checkPhones(r, r.doc, src.Country, rep)
		}
	}
}

func checkPlace(r *record, src source, rep *Report) {
	lat, lon := str(r.doc, "latitude"), str(r.doc, "longitude")
	_, _, ok := coordinates(r.doc)
	switch {
	case ok:
		return
	case lat == "" && lon == "":
	case (lat == "0" || lat == "0.0") && (lon == "0" || lon == "0.0"):
		rep.add("coordinate.zero", r.file, r.line, 0, "latitude")
	default:
		rep.add("coordinate.range", r.file, r.line, 0, "latitude")
	}
	if str(r.doc, "location_type") == "virtual" {
		return
	}
	if p := placeOf(r.doc, src); p.known() {
		rep.add("place.derived", r.file, r.line, 0, "")
	} else {
		rep.add("place.unknown", r.file, r.line, 0, "")
	}
}

// checkHours looks at what only several schedules together can have; what is wrong
// in one was reported with its own line (modernSchedule).
func checkHours(r *record, o Object, rep *Report) {
	if overlap(objects(o, "schedules")) {
		rep.add("hours.overlap", r.file, r.line, 0, "schedules")
	}
}

// overlap says whether two spans of the same day of every week overlap.
func overlap(list []Object) bool {
	const most = 200 // no week has more
	type span struct{ from, to int }
	days := map[string][]span{}
	for _, s := range list[:min(len(list), most)] {
		from, ok1 := minuteOfDay(str(s, "opens_at"))
		to, ok2 := minuteOfDay(str(s, "closes_at"))
		if !ok1 || !ok2 || to <= from || str(s, "freq") != "WEEKLY" || !(str(s, "interval") == "" || str(s, "interval") == "1") {
			continue
		}
		for day := range strings.SplitSeq(str(s, "byday"), ",") {
			key := day + "/" + str(s, "valid_from") + "/" + str(s, "valid_to") + "/" + str(s, "dtstart") + "/" + str(s, "until")
			for _, other := range days[key] {
				if from < other.to && other.from < to {
					return true
				}
			}
			days[key] = append(days[key], span{from, to})
		}
	}
	return false
}

func checkPhones(r *record, o Object, country string, rep *Report) {
	for _, p := range objects(o, "phones") {
		phone := readPhones(p, country, "")[0]
		switch {
		case phone.Number == "":
			rep.add("phone.empty", r.file, r.line, 0, "number")
		case phone.E164 == "":
			rep.add("phone.unreadable", r.file, r.line, 0, "number")
		}
	}
}

// countryOf is the country that a location's addresses name.
func countryOf(location Object) string {
	if c := country(str(location, "country")); c != "" {
		return c
	}
	for _, a := range objects(location, "addresses") {
		if c := country(str(a, "country")); c != "" {
			return c
		}
	}
	return ""
}

// country is the ISO 3166 code that people mean; "" if it is none.
func country(s string) string {
	switch s = strings.ToUpper(strings.TrimSpace(s)); s {
	case "USA", "UNITED STATES", "UNITED STATES OF AMERICA", "U.S.", "U.S.A.":
		return "US"
	case "UK", "GBR", "UNITED KINGDOM":
		return "GB"
	case "CAN", "CANADA":
		return "CA"
	}
	if len(s) == 2 && s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' {
		return s
	}
	return ""
}
