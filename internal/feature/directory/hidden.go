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
	if level == Hidden { // what a place that was partial told; the sealed address has it
		delete(open, "town")
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

// veil is what an import must not write in clear: the secret part of each
// confidential location, and the words by which somebody could find it.
type veil struct {
	in     *importing
	hidden map[string]*behind // by location
	texts  secrets
	fresh  bool // one of them could be found in clear until now
}

// behind is what of one location is told, and what is sealed.
type behind struct {
	r      *record
	secret Object
	sealed []byte
}

// hide finds the confidential locations before anything is written, and seals
// what is not told of them: their addresses, and what services say of themselves
// there.
func (in *importing) hide(ctx context.Context, tx *db.Tx) error {
	in.veil = &veil{in: in, hidden: map[string]*behind{}}
	levels, err := curatedLevels(ctx, tx, in.opt.Agency)
	if err != nil {
		return err
	}
	v := in.veil
	var order []*behind
	err = in.each(func(r *record) error {
		if r.kind != entLocation {
			return nil
		}
		level := visibilityOf(r.doc)
		if over, ok := levels[r.id]; ok { // what a curator hid stays hidden
			level = stricter(level, over)
		}
		if level == Full {
			return nil
		}
		v.texts.add(r.doc)
		open, secret := split(r.doc, level, coarseCell(r.doc, in.src), first(countryOf(r.doc), in.src.Country))
		h := &behind{&record{id: r.id, doc: open, file: r.file, line: r.line}, secret, nil}
		v.hidden[r.id] = h
		order = append(order, h)
		return nil
	})
	if err != nil || len(order) == 0 {
		return err
	}
	err = in.each(func(r *record) error {
		v.splitPlaces(r, func(h *behind, at string, secret Object) { h.secret["at/"+at] = secret })
		return nil
	})
	if err != nil {
		return err
	}
	for _, h := range order {
		if err := in.seal(ctx, tx, h); err != nil {
			return err
		}
	}
	return nil
}

// curatedLevels are the levels that curators gave to locations.
func curatedLevels(ctx context.Context, tx *db.Tx, agency string) (map[string]Visibility, error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND kind = $2 AND overlay <> ''`, agency, entLocation)
	if err != nil {
		return nil, err
	}
	list, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	levels := map[string]Visibility{}
	for _, s := range list {
		over, err := parse(s.overlay)
		if err != nil {
			return nil, err
		}
		levels[s.id] = visibilityOf(over)
	}
	return levels, nil
}

// splitPlaces parts what a service says of itself at confidential locations.
func (v *veil) splitPlaces(r *record, took func(h *behind, at string, secret Object)) {
	list := listOf(r.doc, "service_at_locations")
	for i, item := range list {
		sal, ok := item.(Object)
		h := v.hidden[str(sal, "location_id")]
		if !ok || h == nil {
			continue
		}
		open, secret := splitAt(sal)
		list[i] = open
		if len(secret) > 0 {
			took(h, str(sal, "id"), secret)
		}
	}
}

// over takes out of a record what may not be told, also where a text repeats it.
func (v *veil) over(r *record) {
	if len(v.hidden) == 0 {
		return
	}
	if h := v.hidden[r.id]; h != nil && r.kind == entLocation {
		r.doc, r.sealed = h.r.doc, h.sealed
	}
	v.splitPlaces(r, func(*behind, string, Object) {})
	if _, found := v.texts.redact(r.doc); found {
		v.in.rep.add("hidden.in_text", r.file, r.line, 0, "")
	}
}

func (in *importing) seal(ctx context.Context, tx *db.Tx, h *behind) (err error) {
	if len(h.secret) == 0 || in.opt.DryRun {
		return nil
	}
	if in.f.Seal == nil {
		in.rep.add("hidden.not_kept", h.r.file, h.r.line, 0, "")
		return nil
	}
	if h.sealed, err = in.f.Seal(ctx, tx, in.opt.Agency, h.r.id, canonical(h.secret)); err == nil {
		in.rep.add("hidden.sealed", h.r.file, h.r.line, 0, "")
	}
	return err
}

func listOf(o Object, field string) []any {
	list, _ := o[field].([]any)
	return list
}
