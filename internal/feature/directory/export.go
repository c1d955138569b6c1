package directory

import (
	"bufio"
	"context"
	"encoding/json"
	"io"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// ExportHSDS writes the verified services of an agency in the form of HSDS 3.1:
// one page whose contents are whole services, with their organization and
// locations inside. Reading it again gives equal records. What the public may
// not see is not in it.
func (f *Feature) ExportHSDS(ctx context.Context, agency string, w io.Writer) (err error) {
	defer errs.Wrap(&err, "directory.ExportHSDS")
	ix, err := f.current(ctx, agency)
	if err != nil {
		return err
	}
	now := f.now()
	contents := []any{}
	for _, e := range ix.entries {
		if e.offered && e.check.Public(now) {
			contents = append(contents, ix.published(e))
		}
	}
	n := len(contents)
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	err = enc.Encode(Object{
		"total_items": n, "total_pages": 1, "page_number": 1, "size": n,
		"first_page": true, "last_page": true, "empty": n == 0, "contents": contents,
	})
	if err != nil {
		return err
	}
	return out.Flush()
}

// ours are fields that have a meaning only inside.
var ours = map[string]bool{
	"original_id": true, "original_organization_id": true, "original_parent_organization_id": true,
	"stand_in": true, "cell": true, "town": true,
}

// published is a service as the public may have it, dereferenced.
func (ix *index) published(e *entry) Object {
	o := exported(entService, e.service)
	o["assured_date"] = e.check.Checked.UTC().Format("2006-01-02")
	if e.org != nil {
		o["organization"] = exported(entOrganization, e.org)
	}
	var sals []any
	for _, sal := range objects(e.service, "service_at_locations") {
		sals = append(sals, ix.publishedAt(sal))
	}
	if sals != nil {
		o["service_at_locations"] = sals
	}
	return o
}

// publishedAt is a service at a location. Of a confidential one there is only
// the fact that there is one: HSDS has no address in part.
func (ix *index) publishedAt(sal Object) Object {
	id := str(sal, "location_id")
	loc := ix.places[id]
	if loc == nil {
		return exported(entSAL, sal)
	}
	if visibilityOf(loc) != Full {
		return Object{"id": str(sal, "id")}
	}
	o := exported(entSAL, sal)
	o["location"] = exported(entLocation, loc)
	return o
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

// exported copies an object for others: our own fields out, required ones in.
func exported(kind string, o Object) Object {
	out := Object{}
	for k, v := range o {
		if ours[k] {
			continue
		}
		switch v := v.(type) {
		case []any:
			out[k] = exportedList(k, v)
		case Object:
			if e := entityByName[k]; e != nil {
				out[k] = exported(e.name, v)
			} else if k == "taxonomy_detail" {
				out[k] = exported(entTaxonomy, v)
			} else {
				out[k] = v
			}
		case string:
			if numeric[k] && !isNumber(v) {
				out[k+"_text"] = v // HSDS wants a number here, and this is none
			} else {
				out[k] = v
			}
		default:
			if !numeric[k] {
				if n, ok := v.(json.Number); ok {
					out[k] = n.String()
					continue
				}
			}
			out[k] = v
		}
	}
	for _, f := range required[kind] {
		if out[f] == nil {
			out[f] = ""
		}
	}
	return out
}

func exportedList(key string, list []any) []any {
	e := entityByList[key]
	out := []any{}
	for _, v := range list {
		c, ok := v.(Object)
		if !ok || e == nil {
			out = append(out, v)
			continue
		}
		if e.name == entCapacity && (c["unit"] == nil || c["available"] == nil || c["updated"] == nil) {
			continue
		}
		out = append(out, exported(e.name, c))
	}
	return out
}
