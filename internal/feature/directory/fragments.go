package directory

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// fragments are all records of an agency as HSDS writes them, each rendered
// once for each of its versions. What is verified, and what of a place may be
// told, is decided when an answer is put together; see published.go.
type fragments struct {
	stamp      stamp
	shared     stamp // of the records that stand in others
	services   map[string]*serviceFragment
	orgs       map[string]*orgFragment
	places     map[string]*placeFragment
	terms      map[string]*termFragment
	taxonomies map[string]*fragment
	units      map[string]*fragment
	notes      map[string]*fragment // meta_table_description
}

// serviceFragment is a service without its organization and places.
type serviceFragment struct {
	fragment
	source, org, program string
	offered              bool
	metadata             []byte // what the source says was changed: the items of a list
	areas                []string
	sals                 []*salFragment
}

// salFragment is what a service says of itself at a location.
type salFragment struct {
	fragment
	location string
}

// placeFragment is a location. Of a confidential one nothing is rendered.
type placeFragment struct {
	fragment
	org   string
	level Visibility
}

type orgFragment struct {
	fragment
	programs map[string][]byte
}

type termFragment struct {
	fragment
	parent, taxonomy string
	inline           bool // it stood in a record, and not in a table
}

// stamp changes whenever a record does, and costs the database one look.
type stamp struct{ count, newest, sum int64 }

func stampOf(ctx context.Context, tx *db.Tx, agency string) (s stamp, err error) {
	err = tx.QueryRow(ctx, `SELECT COUNT(*), COALESCE(MAX(updated), 0), CAST(COALESCE(SUM(updated % 1000003), 0) AS BIGINT)
		FROM directory_record WHERE agency = $1`, agency).Scan(&s.count, &s.newest, &s.sum)
	return s, err
}

// insideOthers are the kinds whose records are put into others.
var insideOthers = []string{entTaxonomy, entTerm, entUnit, entTableNote}

// renderAll renders what old does not have. When nothing changed it gives old back.
func renderAll(ctx context.Context, tx *db.Tx, agency string, old *fragments) (*fragments, error) {
	now, err := stampOf(ctx, tx, agency)
	if err != nil || old != nil && old.stamp == now {
		return old, err
	}
	fr := newFragments(now)
	if old == nil {
		return fr, fr.fill(ctx, tx, agency)
	}
	changed, ok, err := fr.takeOver(ctx, tx, agency, old)
	if err != nil {
		return nil, err
	}
	const few = 200 // up to here one record at a time costs less than all of them
	if !ok || len(changed) > few {
		fr = newFragments(now)
		return fr, fr.fill(ctx, tx, agency)
	}
	slices.SortFunc(changed, func(a, b recordKey) int { return strings.Compare(a.kind, b.kind) }) // places first, as in fill
	words := fr.words()
	for _, k := range changed {
		s, err := oneRecord(ctx, tx, agency, k.kind, k.id)
		if err != nil {
			return nil, err
		}
		if err := fr.add(s, words); err != nil {
			return nil, err
		}
		if was := old.places[k.id]; k.kind == entLocation && (was == nil || was.level != fr.places[k.id].level) {
			fr = newFragments(now) // what may be told of a place decides what others may say
			return fr, fr.fill(ctx, tx, agency)
		}
	}
	return fr, nil
}

func newFragments(now stamp) *fragments {
	return &fragments{
		stamp: now, services: map[string]*serviceFragment{}, orgs: map[string]*orgFragment{}, places: map[string]*placeFragment{},
		terms: map[string]*termFragment{}, taxonomies: map[string]*fragment{}, units: map[string]*fragment{}, notes: map[string]*fragment{},
	}
}

type recordKey struct{ kind, id string }

// takeOver keeps what is still there as it was and gives what is not. It is
// not ok if something changed that stands in other records.
func (fr *fragments) takeOver(ctx context.Context, tx *db.Tx, agency string, old *fragments) (changed []recordKey, ok bool, err error) {
	fr.terms, fr.taxonomies, fr.units, fr.notes, fr.shared = maps.Clone(old.terms), maps.Clone(old.taxonomies), old.units, old.notes, old.shared
	rows, err := tx.Query(ctx, `SELECT kind, id, updated FROM directory_record WHERE agency = $1`, agency)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	var shared stamp
	for rows.Next() {
		var k recordKey
		var at int64
		if err := rows.Scan(&k.kind, &k.id, &at); err != nil {
			return nil, false, err
		}
		same := true
		switch k.kind {
		case entService:
			same = keep(fr.services, old.services, k.id, at)
		case entOrganization:
			same = keep(fr.orgs, old.orgs, k.id, at)
		case entLocation:
			same = keep(fr.places, old.places, k.id, at)
		default:
			shared.note(k.kind, at)
		}
		if !same {
			changed = append(changed, k)
		}
	}
	return changed, shared == old.shared, rows.Err()
}

// note counts a version of a record that stands in others.
func (s *stamp) note(kind string, at int64) {
	if slices.Contains(insideOthers, kind) {
		s.count++
		s.newest = max(s.newest, at)
		s.sum += at % 1000003
	}
}

func keep[F interface{ version() int64 }](to, from map[string]F, id string, at int64) bool {
	f, ok := from[id]
	if ok = ok && f.version() == at; ok {
		to[id] = f
	}
	return ok
}

func (f *fragment) version() int64 { return f.updated }

// fill renders everything: first what stands in other records.
func (fr *fragments) fill(ctx context.Context, tx *db.Tx, agency string) error {
	if err := eachRecord(ctx, tx, agency, `kind IN ('taxonomy', 'taxonomy_term', 'unit', 'meta_table_description')`, func(s *stored) error {
		fr.shared.note(s.kind, db.Micros(s.updated))
		return fr.add(s, &renderer{})
	}); err != nil {
		return err
	}
	words := fr.words()
	return eachRecord(ctx, tx, agency, `kind IN ('location', 'organization', 'service')`, func(s *stored) error { return fr.add(s, words) })
}

// eachRecord reads records one after the other, so that never all are held.
func eachRecord(ctx context.Context, tx *db.Tx, agency, which string, each func(*stored) error) error {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND `+which+` ORDER BY kind, id`, agency)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		s, at := &stored{}, int64(0)
		if err := rows.Scan(&s.kind, &s.id, &s.organization, &s.source, &s.original, &s.text, &s.overlay, &at); err != nil {
			return err
		}
		s.updated = db.Time(at)
		if err := each(s); err != nil {
			return err
		}
	}
	return rows.Err()
}

// words is a renderer that knows the terms and units of the tables.
func (fr *fragments) words() *renderer {
	r := &renderer{terms: map[string]json.RawMessage{}, units: map[string]json.RawMessage{}, hidden: map[string]bool{}}
	for id, p := range fr.places {
		if p.level != Full {
			r.hidden[id] = true
		}
	}
	for id, t := range fr.terms {
		if !t.inline {
			r.terms[id] = whole(t.base)
		}
	}
	for id, u := range fr.units {
		r.units[id] = whole(u.base)
	}
	return r
}

func whole(fields []byte) json.RawMessage {
	return append(append([]byte{'{'}, fields...), '}')
}

// add renders one record.
func (fr *fragments) add(s *stored, r *renderer) error {
	o, err := s.object()
	if err != nil {
		return err
	}
	r.source, r.inline = s.source, map[string]Object{}
	at := db.Micros(s.updated)
	switch s.kind {
	case entService:
		fr.addService(s, o, r)
	case entOrganization:
		f, out := r.fragment(entOrganization, o)
		f.updated = at
		org := &orgFragment{fragment: *f, programs: map[string][]byte{}}
		for _, p := range objects(out, "programs") {
			pf, _ := r.fragment(entProgram, p)
			org.programs[pf.id] = pf.base
		}
		fr.orgs[s.id] = org
	case entLocation:
		place := &placeFragment{fragment: fragment{id: s.id}, org: s.organization, level: visibilityOf(o)}
		if place.level == Full {
			f, _ := r.fragment(entLocation, o)
			place.fragment = *f
		} else {
			r.hidden[s.id] = true
		}
		place.updated = at
		fr.places[s.id] = place
	case entTerm:
		fr.addTerm(o, r, false)
	default:
		f, _ := r.fragment(s.kind, o)
		if to := map[string]map[string]*fragment{entTaxonomy: fr.taxonomies, entUnit: fr.units, entTableNote: fr.notes}[s.kind]; to != nil {
			to[s.id] = f
		}
	}
	for _, id := range sortedKeys(r.inline) {
		if fr.terms[id] == nil {
			fr.addTerm(r.inline[id], r, true)
		}
	}
	return nil
}

func (fr *fragments) addService(s *stored, o Object, r *renderer) {
	for _, sal := range objects(o, "service_at_locations") {
		if id := str(sal, "id"); r.hidden[str(sal, "location_id")] && id != "" {
			r.hidden[id] = true
		}
	}
	f, out := r.fragment(entService, o, "service_at_locations", "assured_date", "last_modified", "metadata")
	f.updated = db.Micros(s.updated)
	service := &serviceFragment{
		fragment: *f, source: s.source, org: s.organization, program: str(out, "program_id"), offered: offered(o),
		metadata: items(r.list(entityByName[entMetadata], listOf(o, "metadata"))),
	}
	if _, inside := out[entProgram]; inside {
		service.program = ""
	}
	service.areas = areaKeys(o)
	for _, sal := range objects(o, "service_at_locations") {
		f, out := r.fragment(entSAL, sal)
		service.sals = append(service.sals, &salFragment{*f, str(out, "location_id")})
	}
	fr.services[s.id] = service
}

func (fr *fragments) addTerm(o Object, r *renderer, inline bool) {
	f, out := r.fragment(entTerm, o)
	t := &termFragment{fragment: *f, parent: str(out, "parent_id"), taxonomy: str(out, "taxonomy_id"), inline: inline}
	if detail, ok := out["taxonomy_detail"].(Object); ok {
		tax, _ := r.fragment(entTaxonomy, detail)
		t.taxonomy = tax.id
		if fr.taxonomies[tax.id] == nil {
			fr.taxonomies[tax.id] = tax
		}
	} else if tax := fr.taxonomies[t.taxonomy]; tax != nil {
		t.base = appendField(t.base, "taxonomy_detail", whole(tax.base))
	}
	fr.terms[f.id] = t
}
