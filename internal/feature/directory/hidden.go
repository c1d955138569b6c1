package directory

import (
	"context"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Visibility is how much of a location may be told.
type Visibility string

// The three levels. A location that says nothing is Full.
const (
	Full    Visibility = "full"
	Partial Visibility = "partial" // the town, and no more
	Hidden  Visibility = "hidden"  // the country, and no more
)

// visibilityOf reads a location's level. A value that we do not know hides:
// whoever wrote it meant something by it.
func visibilityOf(location Object) Visibility {
	if strings.EqualFold(str(location, "location_type"), "redacted") {
		return Hidden
	}
	switch v := strings.ToLower(str(location, "address_visibility")); v {
	case "", string(Full):
		return Full
	case string(Partial):
		return Partial
	}
	return Hidden
}

// secretFields are all by which a location could be found. What is not in the
// list of what may stay goes: a field that we do not know may hold an address.
var keptOfHidden = map[string]bool{
	"id": true, "original_id": true, "organization_id": true, "original_organization_id": true,
	"location_type": true, "address_visibility": true, "schedules": true, "languages": true, "stand_in": true,
	"country": true, "cell": true, "town": true,
}

// stricter is the level of the two that shows less.
func stricter(a, b Visibility) Visibility {
	switch {
	case a == Hidden || b == Hidden:
		return Hidden
	case a == Partial || b == Partial:
		return Partial
	}
	return Full
}

// split parts a location into what may be stored in clear and what must be
// sealed. The clear part keeps its country and a cell some 80 km wide; of a
// partial one also the town.
func split(location Object, level Visibility, cell, country string) (open, secret Object) {
	open, secret = Object{}, Object{}
	for k, v := range location {
		if keptOfHidden[k] {
			open[k] = v
		} else {
			secret[k] = v
		}
	}
	open["address_visibility"] = string(level)
	if level == Partial {
		if a := objects(location, "addresses"); len(a) > 0 {
			open["town"] = Object{"city": str(a[0], "city"), "state_province": str(a[0], "state_province"), "country": country}
		}
	}
	if cell != "" {
		open["cell"] = cell
	}
	if country != "" {
		open["country"] = country
	}
	if withoutNotes(open) {
		secret["schedules"], secret["languages"] = location["schedules"], location["languages"]
	}
	return open, secret
}

// withoutNotes takes out of schedules and languages what may hold directions.
func withoutNotes(o Object) (had bool) {
	for _, list := range []string{"schedules", "languages"} {
		var kept []any
		for _, item := range objects(o, list) {
			c := Object{}
			for k, v := range item {
				switch k {
				case "description", "notes", "note", "schedule_link", "attending_type", "attributes", "metadata":
					had = true
				default:
					c[k] = v
				}
			}
			kept = append(kept, c)
		}
		if kept != nil {
			o[list] = kept
		}
	}
	return had
}

// splitAt parts what a service says of itself at a confidential location.
func splitAt(sal Object) (open, secret Object) {
	open, secret = Object{}, Object{}
	for k, v := range sal {
		switch k {
		case "id", "original_id", "service_id", "location_id", "schedules":
			open[k] = v
		default:
			secret[k] = v
		}
	}
	if withoutNotes(open) {
		secret["schedules"] = sal["schedules"]
	}
	return open, secret
}

// hide parts each confidential location before anything is written: its
// address, and what services say of themselves there, leave the records in
// clear and are sealed together. The address goes out of every other text of
// these records, too.
func (in *importing) hide(ctx context.Context, tx *db.Tx, had map[string]*stored) error {
	type found struct {
		r      *record
		secret Object
	}
	hidden := map[string]*found{}
	var order []*found
	var texts secrets
	for _, r := range in.recs {
		if r.kind != entLocation {
			continue
		}
		level := visibilityOf(r.doc)
		if old := had[r.kind+"/"+r.id]; old != nil && old.overlay != "" { // what a curator hid stays hidden
			over, err := parse(old.overlay)
			if err != nil {
				return err
			}
			level = stricter(level, visibilityOf(over))
		}
		if level == Full {
			continue
		}
		texts.add(r.doc)
		open, secret := split(r.doc, level, coarseCell(r.doc, in.src), first(countryOf(r.doc), in.src.Country))
		r.doc = open
		h := &found{r, secret}
		hidden[r.id] = h
		order = append(order, h)
	}
	if len(order) == 0 {
		return nil
	}
	for _, r := range in.recs {
		list := listOf(r.doc, "service_at_locations")
		for i, v := range list {
			sal, ok := v.(Object)
			if h := hidden[str(sal, "location_id")]; ok && h != nil {
				open, secret := splitAt(sal)
				list[i] = open
				if len(secret) > 0 {
					h.secret["at/"+str(sal, "id")] = secret
				}
			}
		}
	}
	for _, h := range order {
		if err := in.seal(ctx, tx, h.r, h.secret); err != nil {
			return err
		}
	}
	for _, r := range in.recs {
		if _, found := texts.redact(r.doc); found {
			in.rep.add("hidden.in_text", r.file, r.line, 0, "")
		}
	}
	return nil
}

func (in *importing) seal(ctx context.Context, tx *db.Tx, r *record, secret Object) error {
	if len(secret) == 0 || in.opt.DryRun {
		return nil
	}
	if in.f.Seal == nil {
		in.rep.add("hidden.not_kept", r.file, r.line, 0, "")
		return nil
	}
	sealed, err := in.f.Seal(ctx, tx, in.opt.Agency, r.id, canonical(secret))
	if err != nil {
		return err
	}
	r.sealed = sealed
	in.rep.add("hidden.sealed", r.file, r.line, 0, "")
	return nil
}

func listOf(o Object, field string) []any {
	list, _ := o[field].([]any)
	return list
}
