package directory

import (
	"encoding/json"
	"regexp"
	"strings"
)

// readings are the ways in which a mapping's value can be read: each gives the
// fields of one row, or of several; false if the value has another form.
var readings = map[string]func(g target, text string) ([]Object, bool){
	"":        readPlain,
	"list":    readList,
	"point":   readPoint,
	"hours":   readHours,
	"address": readAddress,
}

func numberOf(text string) (json.Number, bool) {
	return json.Number(text), isNumber(text)
}

// readPlain takes the text as it is. Two fields have a form of their own in the
// HSDS transformer, and it is read as it reads it.
func readPlain(g target, text string) ([]Object, bool) {
	switch {
	case g.field == "hours_of_operation":
		list, ok := readHours(g, text)
		return firstOfDays(list), ok
	case g.field == "address_1" && (g.model == "postal_addresses" || g.model == "physical_addresses"):
		if list, ok := readAddress(g, text); ok {
			return list, true
		}
	}
	return []Object{{g.field: text}}, true
}

// readList gives a row for each part of a list.
func readList(g target, text string) (list []Object, ok bool) {
	by := g.split
	if by == "" {
		by = ",;|\n"
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(by, r) }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, Object{g.field: part})
		}
	}
	return list, list != nil
}

var pointForm = regexp.MustCompile(`(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*[,; ]\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)`)

// readPoint finds latitude and longitude in a text.
func readPoint(_ target, text string) ([]Object, bool) {
	m := pointForm.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	return []Object{{"latitude": m[1], "longitude": m[2]}}, true
}

var (
	dayForm  = regexp.MustCompile(`(?i)\b(sunday|monday|tuesday|wednesday|thursday|friday|saturday)\s*:`)
	spanForm = regexp.MustCompile(`([0-9]{1,2}:[0-9]{2})\s*[-–]\s*([0-9]{1,2}:[0-9]{2})`)
)

// readHours reads a week of days with their spans: "Monday: 9:00-12:00 ,
// 13:00-17:00  Tuesday: Closed". Anything else is kept as a description.
func readHours(g target, text string) (list []Object, ok bool) {
	days := dayForm.FindAllStringSubmatchIndex(text, -1)
	for i, d := range days {
		end := len(text)
		if i+1 < len(days) {
			end = days[i+1][0]
		}
		day := text[d[2]:d[3]]
		spans := spanForm.FindAllStringSubmatch(text[d[1]:end], -1)
		if spans == nil {
			list = append(list, Object{"weekday": day})
		}
		for _, s := range spans {
			list = append(list, Object{"weekday": day, "opens_at": s[1], "closes_at": s[2]})
		}
	}
	if list == nil {
		return []Object{{"description": text}}, true
	}
	if g.read == "hours" { // a day that is closed has no hours to say
		open := list[:0]
		for _, o := range list {
			if o["opens_at"] != nil {
				open = append(open, o)
			}
		}
		list = open
	}
	return list, len(list) > 0
}

// firstOfDays is what the HSDS transformer takes: one span a day.
func firstOfDays(list []Object) (out []Object) {
	had := map[string]bool{}
	for _, o := range list {
		if day := str(o, "weekday"); !had[day] {
			had[day] = true
			out = append(out, o)
		}
	}
	return out
}

var addressForm = regexp.MustCompile(`(?s)^(.*\S)\s*,\s*([A-Z]{2})\s+([0-9]{5}(?:-[0-9]{4})?)$`)

// readAddress takes state and ZIP code off the end of an address in one line.
func readAddress(_ target, text string) ([]Object, bool) {
	m := addressForm.FindStringSubmatch(text)
	if m == nil {
		return nil, false
	}
	return []Object{{"address_1": m[1], "state_province": m[2], "postal_code": m[3]}}, true
}
