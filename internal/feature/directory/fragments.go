package directory

import (
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// serviceFragment is a service without its organization and places, with what
// happened to it here.
type serviceFragment struct {
	fragment
	serviceEvents

	org, program  string
	metadata      []byte // what the source says was changed: the items of a list
	areas         []string
	sals          []*salFragment
	checked, hide time.Time
}

// salFragment is what a service says of itself at a location; at a confidential
// one nothing but that it is there.
type salFragment struct {
	fragment
	location string
}

// placeFragment is a location. Of a confidential one nothing is rendered.
type placeFragment struct {
	fragment
	level Visibility
}

type orgFragment struct {
	fragment
	programs map[string][]byte
}

type termFragment struct {
	fragment
	parent, taxonomy string
	detail           *fragment // its taxonomy, where it stands in the term
}

// The renderer makes fragments of records.

func (r *renderer) service(s *stored, o Object, check *Verification, e serviceEvents) *serviceFragment {
	r.source = s.source
	f := &serviceFragment{serviceEvents: e, org: s.organization, areas: areaKeys(o), checked: check.Checked.UTC(), hide: check.Hide}
	out := r.fragment(&f.fragment, entService, o, "service_at_locations", "assured_date", "last_modified", "metadata")
	f.updated = db.Micros(s.updated)
	f.metadata = items(r.list(entityByName[entMetadata], listOf(o, "metadata")))
	if _, inside := out[entProgram]; !inside {
		f.program = str(out, "program_id")
	}
	for _, sal := range objects(o, "service_at_locations") {
		one := &salFragment{location: r.locationOf(sal)}
		if r.hidden[one.location] {
			one.id = r.id(entityByName[entSAL], str(sal, "id"), sal)
		} else {
			r.fragment(&one.fragment, entSAL, sal)
		}
		f.sals = append(f.sals, one)
	}
	return f
}

// locationOf is where a service is given.
func (r *renderer) locationOf(sal Object) string {
	id := str(sal, "location_id")
	if id == "" {
		return ""
	}
	return r.reference(entityByName[entSAL], "location_id", id)
}

func (r *renderer) organization(s *stored, o Object) *orgFragment {
	r.source = s.source
	f := &orgFragment{programs: map[string][]byte{}}
	out := r.fragment(&f.fragment, entOrganization, o)
	f.updated = db.Micros(s.updated)
	for _, p := range objects(out, "programs") {
		var one fragment
		r.fragment(&one, entProgram, p)
		f.programs[one.id] = one.base
	}
	return f
}

func (r *renderer) location(s *stored, o Object, level Visibility) *placeFragment {
	r.source = s.source
	f := &placeFragment{fragment: fragment{id: s.id}, level: level}
	if level == Full {
		r.fragment(&f.fragment, entLocation, o)
	}
	f.updated = db.Micros(s.updated)
	return f
}

// takeShared takes a record that stands in others.
func (s *shelf) takeShared(r *stored) error {
	o, err := r.object()
	if err != nil {
		return err
	}
	s.render.source = r.source
	if r.kind == entTerm {
		t := s.render.term(o)
		s.render.terms[t.id] = t
		return nil
	}
	f := &fragment{}
	s.render.fragment(f, r.kind, o)
	switch r.kind {
	case entTaxonomy:
		s.render.taxonomies[r.id] = f
	case entUnit:
		s.render.units[r.id] = whole(f.base)
	case entTableNote:
		s.notes = append(s.notes, f)
	}
	return nil
}

func (r *renderer) term(o Object) *termFragment {
	t := &termFragment{}
	out := r.fragment(&t.fragment, entTerm, o)
	t.parent, t.taxonomy = str(out, "parent_id"), str(out, "taxonomy_id")
	if detail, ok := out["taxonomy_detail"].(Object); ok {
		t.detail = &fragment{}
		r.fragment(t.detail, entTaxonomy, detail)
		t.taxonomy = t.detail.id
	} else if tax := r.taxonomies[t.taxonomy]; tax != nil { // they come before their terms
		t.base = appendField(t.base, "taxonomy_detail", whole(tax.base))
	}
	return t
}

func whole(fields []byte) json.RawMessage {
	return append(append([]byte{'{'}, fields...), '}')
}
