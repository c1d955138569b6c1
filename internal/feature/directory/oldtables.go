package directory

import (
	"encoding/json"
	"strconv"
	"strings"
)

// modernize writes a row of HSDS 1 or 2 (and what others made of them) in the
// terms of HSDS 3.1. What it cannot read stays as it is.
func modernize(r row, rep *Report) {
	o := r.object
	listTexts(o)
	switch r.entity.name {
	case entSchedule:
		modernSchedule(r, rep)
	case entAddress:
		if str(o, "address_type") == "" {
			o["address_type"] = "physical"
			if strings.HasPrefix(r.table, "postal") || strings.HasPrefix(r.table, "mail") {
				o["address_type"] = "postal"
			}
		}
	case entPhone:
		if lang := str(o, "language"); lang != "" {
			have, _ := o["languages"].([]any)
			o["languages"] = append(have, Object{"name": lang})
			delete(o, "language")
		}
	case entService:
		if fees := str(o, "fees"); fees != "" && str(o, "fees_description") == "" {
			o["fees_description"] = fees
		}
		if terms, ok := o["taxonomy_ids"].(string); ok && o["attributes"] == nil {
			if list := termList(terms); list != nil {
				o["attributes"] = list
				delete(o, "taxonomy_ids")
			}
		}
		if at := str(o, "location_id"); at != "" && o["service_at_locations"] == nil {
			o["service_at_locations"] = []any{Object{"location_id": at}}
			delete(o, "location_id")
		}
	case entLocation:
		if str(o, "location_type") == "" {
			o["location_type"] = "physical"
		}
	case entAttribute:
		if id := str(o, "service_id"); id != "" && str(o, "link_id") == "" {
			o["link_id"], o["link_entity"] = id, entService
			if term := str(o, "taxonomy_id"); term != "" && str(o, "taxonomy_term_id") == "" {
				o["taxonomy_term_id"] = term
			}
		}
	}
}

// termList makes attributes of terms that a service names in one text.
func termList(text string) (list []any) {
	for _, id := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
		if id = strings.TrimSpace(id); id != "" {
			list = append(list, Object{"taxonomy_term_id": id, "link_entity": entService})
		}
	}
	return list
}

// oldTerm makes a term of a row of HSDS 1 and 2, whose table "taxonomy" held
// terms under terms. The taxonomy that they are of has no row there, and gets one.
func (a *assembly) oldTerm(r row) (row, error) {
	o := r.object
	_, under := o["parent_id"]
	if _, named := o["parent_name"]; r.entity.name != entTaxonomy || !under && !named {
		return r, nil
	}
	if own := str(o, "taxonomy_id"); own != "" && str(o, "id") == "" {
		o["id"] = own
	}
	name := first(str(o, "vocabulary"), a.source)
	taxonomy := row{entityByName[entTaxonomy], "taxonomies", Object{"id": name, "name": name}, r.file, r.line}
	if n := a.nodeOf(keyOf(taxonomy.entity, a.ref(entTaxonomy, name))); !a.node[n].known {
		if _, err := a.take(taxonomy, "", -1); err != nil {
			return r, err
		}
	}
	o["taxonomy_id"] = name
	return row{entityByName[entTerm], "taxonomy_terms", o, r.file, r.line}, nil
}

// listedTexts are lists that some sets write as one text, with the field that
// each part becomes.
var listedTexts = map[string]string{
	"languages": "name", "service_areas": "name", "required_documents": "document", "accessibility": "description", "funding": "source",
}

func listTexts(o Object) {
	for key, field := range listedTexts {
		text, ok := o[key].(string)
		if !ok {
			continue
		}
		var list []any
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '|' }) {
			if part = strings.TrimSpace(part); part != "" {
				list = append(list, Object{field: part})
			}
		}
		o[key] = list
		if list == nil {
			delete(o, key)
		}
	}
}

var weekdays = map[string]string{
	"monday": "MO", "tuesday": "TU", "wednesday": "WE", "thursday": "TH", "friday": "FR", "saturday": "SA", "sunday": "SU",
	"mon": "MO", "tue": "TU", "wed": "WE", "thu": "TH", "fri": "FR", "sat": "SA", "sun": "SU",
	"1": "MO", "2": "TU", "3": "WE", "4": "TH", "5": "FR", "6": "SA", "7": "SU", "0": "SU",
}

func modernSchedule(r row, rep *Report) {
	o := r.object
	if day := weekdays[strings.ToLower(str(o, "weekday"))]; day != "" && str(o, "byday") == "" {
		o["freq"], o["byday"] = "WEEKLY", day
		delete(o, "weekday")
		rep.add("service.old_weekly", r.file, r.line, 0, "weekday")
	}
	for from, to := range map[string]string{"start_date": "valid_from", "end_date": "valid_to"} {
		if v := str(o, from); v != "" && str(o, to) == "" {
			o[to] = v
			delete(o, from)
		}
	}
	if strings.HasPrefix(r.table, "holiday") {
		o["holiday"] = true
	}
	for _, field := range []string{"opens_at", "closes_at"} {
		text := str(o, field)
		if text == "" {
			continue
		}
		if m, ok := minuteOfDay(text); ok {
			o[field] = clockText(m, text)
		} else {
			rep.add("time.unreadable", r.file, r.line, 0, field)
		}
	}
	if CompileHours([]Object{o}, nil).Fault() {
		rep.add("hours.rule", r.file, r.line, 0, "freq")
	}
	if zone := str(o, "timezone"); zone != "" && offsetZone(zone) == nil {
		rep.add("zone.unknown", r.file, r.line, 0, "timezone")
	}
}

// clockText writes minutes as HH:MM, and leaves alone what already is a time
// with seconds or zone.
func clockText(m int, text string) string {
	if strings.Count(text, ":") >= 2 || len(text) == 5 {
		return text
	}
	return pad2(m/60) + ":" + pad2(m%60)
}

func pad2(n int) string {
	if n < 10 {
		return "0" + strconv.Itoa(n)
	}
	return strconv.Itoa(n)
}

// canonical is an object as bytes that are the same each time.
func canonical(v any) []byte {
	b, err := json.Marshal(v) // maps come out sorted
	if err != nil {
		return nil
	}
	return b
}
