package directory

import (
	"bufio"
	"context"
	"io"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Format is a form of HSDS that an export can have.
type Format string

// The formats.
const (
	JSON        Format = "json"        // one page with everything in it
	NDJSON      Format = "ndjson"      // a service on each line
	DataPackage Format = "datapackage" // CSV tables in a ZIP archive
)

// Formats are all of them.
var Formats = []Format{JSON, NDJSON, DataPackage}

// Export writes the verified services of an agency in the form of HSDS 3.1,
// with their organization and locations. Reading it again gives equal records.
// What the public may not see is not in it. It is written piece by piece.
func (f *Feature) Export(ctx context.Context, agency string, format Format, w io.Writer) (err error) {
	defer errs.Wrap(&err, "directory.Export")
	out := bufio.NewWriterSize(w, 1<<16)
	if format == DataPackage {
		p, err := f.Published(ctx, agency)
		if err != nil {
			return err
		}
		if err := p.tables(out); err != nil {
			return err
		}
		return out.Flush()
	}
	list, err := f.Offer(ctx, Ask{Feed: Services, Full: true, Query: Query{Agency: agency}})
	if err != nil {
		return err
	}
	if err := WriteOffer(out, list, format, PageOf{Number: 1, Size: max(1, list.Total), Total: list.Total}); err != nil {
		return err
	}
	return out.Flush()
}
<<<<<<< HEAD
=======

// ours are fields that have a meaning only inside.
var ours = map[string]bool{
	"original_id": true, "original_organization_id": true, "original_parent_organization_id": true,
	"stand_in": true, "cell": true, "town": true, keptColumns: true,
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
>>>>>>> fabc7e2 (Import tables of any form by a mapping, and stream what is larger than memory)
