package directory

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// ours are fields that have a meaning only inside.
var ours = map[string]bool{
	"original_id": true, "original_organization_id": true, "original_parent_organization_id": true,
	"stand_in": true, "cell": true, "town": true, keptColumns: true,
	mergedInto: true, mergedFrom: true, takenFrom: true,
}

// required are fields that HSDS demands. An empty text stands where the source
// has none; things that would be a lie without (a capacity without a figure)
// are left out.
var required = map[string][]string{
	entOrganization: {"name", "description"}, entService: {"name", "status"}, entLocation: {"location_type"},
	entAddress: {"address_1", "city", "state_province", "postal_code", "country", "address_type"},
	entPhone:   {"number"}, entProgram: {"name", "description"}, entTerm: {"name", "description"},
	entTaxonomy: {"name", "description"}, entUnit: {"name"}, "organization_identifier": {"identifier_type", "identifier"},
	"url":       {"url"},
	entMetadata: {"last_action_date", "last_action_type", "field_name", "previous_value", "replacement_value", "updated_by"},
}

// objectFields are the fields that hold one object, with what it is.
var objectFields = map[string]string{
	"organization": entOrganization, "location": entLocation, "program": entProgram, "unit": entUnit,
	entTerm: entTerm, "taxonomy_detail": entTaxonomy, "service": entService,
}

// renderer writes records in the form of HSDS 3.1. Newer versions differ in how
// they write hours: see hours.
type renderer struct {
	source     string
	terms      map[string]*termFragment // of the tables, by id
	taxonomies map[string]*fragment     // of the tables
	units      map[string]json.RawMessage
	hidden     map[string]bool   // confidential locations, and what is at them
	used       map[string]bool   // ids of terms that were named
	inline     map[string]Object // terms that stood in the record, not in a table
}

func newRenderer() *renderer {
	return &renderer{terms: map[string]*termFragment{}, taxonomies: map[string]*fragment{}, units: map[string]json.RawMessage{}, hidden: map[string]bool{}}
}

// suffix is put to the name of a field that HSDS has and whose value is none
// that HSDS takes there: the value stands under that name, and comes back by
// it when the record is read again.
const suffix = "_text"

// object is o for others: our own fields out, required ones in, and each known
// field of the type that the schema has for it.
func (r *renderer) object(e *entity, o Object) Object {
	out := make(Object, len(o)+1)
	for k, v := range o {
		if !ours[k] {
			r.field(out, e, k, v)
		}
	}
	if id := str(out, "id"); id == "" || !uuidForm.MatchString(id) {
		out["id"] = r.id(e, str(o, "id"), o)
	}
	r.resolve(e, out)
	for _, f := range required[e.name] {
		if out[f] == nil {
			out[f] = firstOf(e.name, f)
		}
	}
	return out
}

// firstOf is what stands in a required field that the source does not have.
func firstOf(kind, field string) string {
	if options := enums[kind+"."+field]; options != nil {
		return options[0]
	}
	return ""
}

func (r *renderer) field(out Object, e *entity, k string, v any) {
	if kind := objectFields[k]; kind != "" {
		if c, ok := v.(Object); ok {
			out[k] = r.object(entityByName[kind], c)
			return
		}
	}
	if list := entityByList[k]; list != nil && list.list != "" || k == "additional_urls" || k == "additional_websites" {
		if values, ok := v.([]any); ok {
			if k == "schedules" {
				r.hours(out, values)
			} else {
				out[k] = r.list(list, values)
			}
			return
		}
		if v != nil {
			out[k+suffix] = v
		}
		return
	}
	if !slices.Contains(e.columns, k) {
		if v != nil {
			out[k] = v // an extension, which HSDS allows
		}
		return
	}
	fits, ok := fit(e.name, k, v)
	if id, text := fits.(string); text && namesRecord(e, k) {
		fits = r.reference(e, k, id)
	}
	if fits != nil {
		out[k] = fits
	}
	if !ok && v != nil {
		out[k+suffix] = v
	}
}

func (r *renderer) list(e *entity, values []any) []any {
	out := make([]any, 0, len(values))
	for _, v := range values {
		c, ok := v.(Object)
		if !ok || r.hidden[str(c, "location_id")] || r.hidden[str(c, "service_at_location_id")] {
			continue // the telephone of a confidential place may stand at its service, too
		}
		o := r.object(e, c)
		if e.name == entCapacity && (o["unit"] == nil || o["available"] == nil || o["updated"] == nil) {
			continue
		}
		out = append(out, o)
	}
	return out
}

// hours writes opening hours. Inside they are what the sources give and what
// a week of ours makes of them (see CompileHours); this is the only place that
// knows how a version of HSDS writes them. 3.3 moves those of a service to
// operating_hours and events; its schemas are not published yet.
func (r *renderer) hours(out Object, schedules []any) {
	out["schedules"] = r.list(entityByName[entSchedule], schedules)
}

// id makes the id of an object that was read without one, or with one that is
// no UUID, in the way that a table's row gets its own.
func (r *renderer) id(e *entity, id string, o Object) string {
	if low := strings.ToLower(id); uuidForm.MatchString(low) {
		return low
	}
	if id != "" {
		return ids.DeriveUUID(r.source, e.files[0]+"/"+id)
	}
	return ids.DeriveUUID(r.source, e.files[0]+"//"+string(canonical(o)))
}

// reference is the UUID by which another record is named.
func (r *renderer) reference(e *entity, field, id string) string {
	if low := strings.ToLower(id); uuidForm.MatchString(low) {
		return low
	}
	target := first(e.parents[field], e.refs[field], entService)
	return ids.DeriveUUID(r.source, entityByName[target].files[0]+"/"+id)
}

func namesRecord(e *entity, field string) bool {
	return e.parents[field] != "" || e.refs[field] != "" || field == "link_id" || field == "resource_id"
}

// resolve puts into an object what it names by id and HSDS wants inside.
func (r *renderer) resolve(e *entity, out Object) {
	switch e.name {
	case entTerm:
		if detail, ok := out["taxonomy_detail"].(Object); ok {
			out["taxonomy_id"] = detail["id"] // one of the two, where a source names two
		}
	case entAttribute:
		id, inline := str(out, "taxonomy_term_id"), false
		if t, ok := out[entTerm].(Object); ok {
			id, inline = str(t, "id"), true
			if r.terms[id] == nil {
				r.inline[id] = t
			}
		}
		if t := r.terms[id]; t != nil { // the table says more of it
			out[entTerm], out["taxonomy_term_id"] = whole(t.base), id
		} else if inline {
			out["taxonomy_term_id"] = id
		}
		if id != "" {
			r.used[id] = true
		}
	case entCapacity:
		if u, ok := out[entUnit].(Object); ok {
			out["unit_id"] = u["id"]
		}
		if u := r.units[str(out, "unit_id")]; u != nil && out[entUnit] == nil {
			out[entUnit] = u
		}
	}
}

// fragment is a record as JSON in two parts, each the fields of an object
// without its braces: one-to-one fields, which lists of records show, and
// lists, which only the whole record has. It is made once for each version of
// the record, and answers are put together of fragments.
type fragment struct {
	id      string
	updated int64 // in microseconds
	base    []byte
	lists   []byte
	terms   []string        // of taxonomies, used in it
	inline  []*termFragment // those of them that stand in no table
	words   atomic.Pointer[string]
}

// fragment renders a record into f. Fields that apart names are left to the caller.
func (r *renderer) fragment(f *fragment, kind string, o Object, apart ...string) Object {
	r.used, r.inline = map[string]bool{}, map[string]Object{}
	e := entityByName[kind]
	copied := make(Object, len(o))
	for k, v := range o {
		if !slices.Contains(apart, k) {
			copied[k] = v
		}
	}
	out := r.object(e, copied)
	f.id, f.terms = str(out, "id"), sortedKeys(r.used)
	var base, lists bytes.Buffer
	for _, k := range fieldOrder(e, out) {
		to := &base
		if _, many := out[k].([]any); many {
			to = &lists
		}
		writeField(to, k, out[k])
	}
	f.base, f.lists = bytes.Clone(base.Bytes()), bytes.Clone(lists.Bytes())
	inline := r.inline
	for _, id := range sortedKeys(inline) {
		f.inline = append(f.inline, r.term(inline[id]))
	}
	return out
}

// fieldOrder gives the fields of an object, those of the HSDS table first.
func fieldOrder(e *entity, o Object) []string {
	order := make([]string, 0, len(o))
	for _, c := range e.columns {
		if _, ok := o[c]; ok {
			order = append(order, c)
		}
	}
	for _, k := range sortedKeys(o) {
		if !slices.Contains(e.columns, k) {
			order = append(order, k)
		}
	}
	return order
}

func writeField(to *bytes.Buffer, name string, v any) {
	if to.Len() > 0 {
		to.WriteByte(',')
	}
	writeJSON(to, name)
	to.WriteByte(':')
	writeJSON(to, v)
}

// writeJSON writes a value on one line, and text as it is.
func writeJSON(to *bytes.Buffer, v any) {
	enc := json.NewEncoder(to)
	enc.SetEscapeHTML(false)
	if enc.Encode(v) == nil && to.Len() > 0 { //nolint:errchkjson // what came from JSON goes into it
		to.Truncate(to.Len() - 1) // the end of line
	}
}
