package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Several sources may say something of one record: a source that gives what
// another gave before, by the same identifier, and those whose record was merged
// into it. Each is a voice. The record stays of the source that had it first;
// weigh lays over it what the others say, and our own edits stand over all.

// voice is what one source says of a record.
type voice struct {
	source string
	record string // where it says so: the record itself, or one that was merged into it
	doc    Object
}

// name tells a voice from the others of a record.
func (v voice) name() string { return v.source + " " + v.record }

// compared is a field in which sources can differ.
type compared struct {
	field string
	joins bool // a list: who names all that another does, and more, knows more
	quiet bool // what is missing is filled in, and differences do not matter
	safe  bool // it cannot tell where a place is, and so is taken also if one is hidden
}

// comparedFields are those of services and of organizations. Descriptions are not
// among them: a text may tell a place that is hidden later, and two texts make no
// better one.
var comparedFields = map[string][]compared{
	entService: {
		{field: "name"},
		{field: "status", safe: true},
		{field: "phones", joins: true, safe: true},
		{field: "email", safe: true},
		{field: "url"},
		{field: "schedules", safe: true},
		{field: "languages", joins: true, safe: true},
		{field: "service_at_locations", joins: true},
		{field: "eligibility_description"},
		{field: "minimum_age", safe: true},
		{field: "maximum_age", safe: true},
		{field: "fees_description"},
		{field: "alternate_name", quiet: true},
		{field: "attributes", joins: true, quiet: true},
		{field: "service_areas", joins: true, quiet: true},
	},
	entOrganization: {
		{field: "name"},
		{field: "phones", joins: true, safe: true},
		{field: "email", safe: true},
		{field: "website"},
		{field: "alternate_name", quiet: true},
		{field: "attributes", joins: true, quiet: true},
		{field: "organization_identifiers", joins: true, quiet: true},
	},
}

// comparedOf is a field of a kind; without a name if it is not compared.
func comparedOf(kind, field string) compared {
	for _, c := range comparedFields[kind] {
		if c.field == field {
			return c
		}
	}
	return compared{}
}

// spoken is what is kept of what a source says of another's record.
func spoken(kind string, doc Object) Object {
	out := Object{}
	for _, c := range comparedFields[kind] {
		if v := doc[c.field]; !empty(v) {
			out[c.field] = v
		}
	}
	return out
}

// safely is what may be taken of a voice over a record with a place that is not
// shown whole: nothing in which words could tell the way.
func safely(kind string, doc Object) Object {
	out := Object{}
	for _, c := range comparedFields[kind] {
		if v := doc[c.field]; c.safe && !empty(v) {
			out[c.field] = v
		}
	}
	withoutNotes(out)
	var phones []any
	for _, p := range objects(out, "phones") {
		bare := Object{}
		for _, field := range []string{"id", "number", "extension", "type"} {
			if !empty(p[field]) {
				bare[field] = p[field]
			}
		}
		phones = append(phones, bare)
	}
	if phones != nil {
		out["phones"] = phones
	}
	return out
}

// keptOf is the record that is shown in the place of one: itself, unless it was
// merged into another.
func keptOf(ctx context.Context, tx *db.Tx, agency, kind, id string) (string, error) {
	for range maxMerged {
		var kept string
		err := tx.QueryRow(ctx, `SELECT kept FROM directory_merge WHERE agency = $1 AND kind = $2 AND gone = $3 AND undone = 0`, agency, kind, id).Scan(&kept)
		if isNoRows(err) {
			return id, nil
		}
		if err != nil {
			return id, err
		}
		id = kept
	}
	return id, nil
}

// maxMerged bounds how many records are one.
const maxMerged = 50

// mergedWith are the records that were merged into one, and into those.
func mergedWith(ctx context.Context, tx *db.Tx, agency, kind, id string) (list []string, err error) {
	for next := []string{id}; len(next) > 0 && len(list) < maxMerged; next = next[1:] {
		gone, err := db.Strings(ctx, tx, `SELECT gone FROM directory_merge WHERE agency = $1 AND kind = $2 AND kept = $3 AND undone = 0 ORDER BY gone`, agency, kind, next[0])
		if err != nil {
			return nil, err
		}
		for _, one := range gone {
			if one != id && !slices.Contains(list, one) {
				list, next = append(list, one), append(next, one)
			}
		}
	}
	return list, nil
}

// voicesOf are all that say something of a record, the first in order first. Of
// the record itself only what its source says counts.
func voicesOf(ctx context.Context, tx *db.Tx, agency string, s *stored) ([]voice, error) {
	base, err := parse(s.text)
	if err != nil {
		return nil, err
	}
	list := []voice{{s.source, s.id, base}}
	merged, err := mergedWith(ctx, tx, agency, s.kind, s.id)
	if err != nil {
		return nil, err
	}
	for _, id := range merged {
		gone, err := oneRecord(ctx, tx, agency, s.kind, id)
		if errs.Is(err, errs.NotFound) { // its source took it away
			continue
		}
		if err != nil {
			return nil, err
		}
		doc, err := gone.saidHere()
		if err != nil {
			return nil, err
		}
		list = append(list, voice{gone.source, id, spoken(s.kind, doc)})
	}
	for _, id := range append([]string{s.id}, merged...) {
		more, err := db.Collect(ctx, tx, func(rows *sql.Rows) (v voice, err error) {
			var text string
			if err = rows.Scan(&v.source, &text); err == nil {
				v.doc, err = parse(text)
			}
			v.record = id
			return v, err
		}, `SELECT source, doc FROM directory_said WHERE agency = $1 AND kind = $2 AND id = $3 ORDER BY source`, agency, s.kind, id)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	if len(list) == 1 {
		return list, nil
	}
	srcs, err := sources(ctx, tx, agency)
	slices.SortStableFunc(list, func(a, b voice) int { return cmp.Compare(srcs[a.source].order(), srcs[b.source].order()) })
	return list, err
}

// order sorts sources: who has no place yet stands behind those that have.
func (s source) order() int64 {
	if s.Place == 0 {
		return 1 << 60
	}
	return s.Place
}

// saidHere is what a record that was merged into another says there: its source
// with our edits, but for what the merge itself and other sources laid over it.
func (s *stored) saidHere() (Object, error) {
	o, err := parse(s.text)
	if err != nil {
		return nil, err
	}
	over, err := s.overlaid()
	for field, v := range over {
		if field != "status" && marked(over, field) == "" {
			o[field] = v
		}
	}
	return o, err
}

// takenFrom tells in what is laid over a record which of its fields are another
// source's and not ours, and whose. It is never published.
const takenFrom = "taken_from"

// marked is the source of a field that was laid over a record; "" if it is ours.
func marked(over Object, field string) string {
	marks, _ := over[takenFrom].(Object)
	return str(marks, field)
}

// own makes a field that is laid over a record ours.
func own(over Object, field string) {
	marks, _ := over[takenFrom].(Object)
	if delete(marks, field); len(marks) == 0 {
		delete(over, takenFrom)
	}
}

// named are the things that a value names, so that two ways to write one are the
// same. Places are by their addresses.
func named(field string, value any, places map[string]Object) (list []string) {
	items, _ := value.([]any)
	doc := Object{field: items}
	switch field {
	case "phones":
		for _, p := range objects(doc, field) {
			if n := digits(str(p, "number")); n != "" {
				list = append(list, n+"x"+str(p, "extension"))
			}
		}
	case "languages":
		for _, l := range objects(doc, field) {
			name := first(str(l, "code"), str(l, "name"))
			list = append(list, first(languageCode(name), fold.Key(name)))
		}
	case "schedules":
		for _, l := range linesOf(objects(doc, field)) {
			list = append(list, fmt.Sprint(l.Days, l.Opens, l.Closes, l.Closed, l.Text))
		}
	case "service_at_locations":
		for _, sal := range objects(doc, field) {
			if at := places[str(sal, "location_id")]; at != nil {
				list = append(list, fold.Key(first(addressText(at), str(at, "name"), str(at, "id"))))
			}
		}
	case "name":
		if !empty(value) {
			list = newMarks(plain(value), "").all // "the" and "Inc." make no other name
		}
	case "url", "website":
		m := &marks{}
		m.site(plain(value))
		list = m.all
	default:
		if items == nil && !empty(value) {
			list = []string{fold.Key(plain(value))}
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// plain is a value that is no list, as it is written.
func plain(v any) string { return strings.TrimSpace(str(Object{"v": v}, "v")) }

// within says whether all that a value names is in another, too.
func (c compared) within(a, b []string) bool {
	if !c.joins {
		return slices.Equal(a, b)
	}
	return !slices.ContainsFunc(a, func(one string) bool { return !slices.Contains(b, one) })
}

// mark is what was said of a field when somebody decided: while it is the same
// there is nothing to decide again.
func mark(field string, voices []voice, places map[string]Object) string {
	var lines []string
	for _, v := range voices {
		list := named(field, v.doc[field], places)
		if field == "service_at_locations" { // an address may have to be forgotten, also as a hash
			list = nil
			for _, sal := range objects(v.doc, field) {
				list = append(list, str(sal, "location_id"))
			}
		}
		if len(list) > 0 {
			lines = append(lines, v.name()+"\n"+strings.Join(list, "\n"))
		}
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n\n")))
	return hex.EncodeToString(sum[:12])
}
