package directory

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Others follow what is published by directory_public: a line for each service
// that was ever published, with the revision at which it last changed. It is
// written by the transaction that changes something, so that it is in the order
// of commits, the same for all nodes, and still there when directory_change has
// forgotten. Nothing is written before somebody asks for the first time.

// keptGone is how long it is told that a service is gone.
const keptGone = 400 * 24 * time.Hour

// feedOf is the name of the feed, and since when it is there; "" if nobody has
// asked for it yet.
func feedOf(ctx context.Context, tx *db.Tx, agency string) (name string, began int64, err error) {
	err = tx.QueryRow(ctx, `SELECT name, began FROM directory_feed WHERE agency = $1`, agency).Scan(&name, &began)
	if isNoRows(err) {
		return "", 0, nil
	}
	return name, began, err
}

// feedLine is a service in the feed.
type feedLine struct {
	id    string
	due   int64
	parts []string
}

// beginFeed puts everything that is published now into the feed.
func (f *Feature) beginFeed(ctx context.Context, tx *db.Tx, agency string) error {
	// whoever changes something at this moment is waited for, and waits for us
	_, err := tx.Exec(ctx, `INSERT INTO directory_revision (agency, revision) VALUES ($1, 0)
		ON CONFLICT (agency) DO UPDATE SET revision = directory_revision.revision`, agency)
	if err != nil {
		return err
	}
	now, err := revision(ctx, tx, agency)
	if err != nil {
		return err
	}
	n, err := tx.Exec(ctx, `INSERT INTO directory_feed (agency, name, began) VALUES ($1, $2, $3) ON CONFLICT (agency) DO NOTHING`, agency, ids.New(), now)
	if err != nil || n == 0 { // somebody was faster
		return err
	}
	rules, err := readRules(ctx, tx, agency)
	if err != nil {
		return err
	}
	list, err := f.publicLines(ctx, tx, `SELECT r.id, r.organization, r.doc, r.overlay, c.hide FROM directory_record r
		JOIN directory_check c ON c.agency = r.agency AND c.service = r.id WHERE r.agency = $1 AND r.kind = 'service'
		AND `+counts("r.agency", ofService, "$2"), agency, rules.Vetters)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(list) {
		if err := putLine(ctx, tx, agency, now, list[id]); err != nil {
			return err
		}
	}
	return nil
}

// publicLines reads services of vetted agencies with their checks, and keeps those that the public
// may see.
func (f *Feature) publicLines(ctx context.Context, tx *db.Tx, query string, args ...any) (map[string]*feedLine, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out, now := map[string]*feedLine{}, db.Micros(f.now())
	for rows.Next() {
		s, l := stored{}, &feedLine{}
		if err := rows.Scan(&l.id, &s.organization, &s.text, &s.overlay, &l.due); err != nil {
			return nil, err
		}
		if l.due <= now {
			continue
		}
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		if offered(o) {
			places := map[string]bool{}
			namedPlaces(o, places)
			l.parts = append(sortedKeys(places), s.organization)
			out[l.id] = l
		}
	}
	return out, rows.Err()
}

// namedPlaces gathers the locations that something in a record is about.
func namedPlaces(v any, found map[string]bool) {
	switch v := v.(type) {
	case Object:
		if id := str(v, "location_id"); id != "" {
			found[id] = true
		}
		for _, inner := range v {
			namedPlaces(inner, found)
		}
	case []any:
		for _, inner := range v {
			namedPlaces(inner, found)
		}
	}
}

func putLine(ctx context.Context, tx *db.Tx, agency string, rev int64, l *feedLine) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_public (agency, service, revision, at, gone, due, parts) VALUES ($1, $2, $3, $4, 0, $5, $6)
		ON CONFLICT (agency, service) DO UPDATE SET revision = excluded.revision, at = excluded.at, gone = 0, due = excluded.due, parts = excluded.parts`,
		agency, l.id, rev, db.Micros(tx.Now), l.due, strings.Join(l.parts, " "))
	return err
}

// tellFollowers brings the feed up to a revision that was just given to what
// changed in this transaction.
func (f *Feature) tellFollowers(ctx context.Context, tx *db.Tx, agency string, rev int64) error {
	if name, _, err := feedOf(ctx, tx, agency); err != nil || name == "" {
		return err
	}
	before, err := toldParts(ctx, tx, `service IN (SELECT id FROM directory_change WHERE agency = $1 AND revision = $2 AND kind IN ('service', 'check'))`, agency, rev)
	if err != nil {
		return err
	}
	rules, err := readRules(ctx, tx, agency)
	if err != nil {
		return err
	}
	after, err := f.publicLines(ctx, tx, `SELECT r.id, r.organization, r.doc, r.overlay, c.hide FROM directory_record r
		JOIN directory_check c ON c.agency = r.agency AND c.service = r.id
		WHERE r.agency = $1 AND r.kind = 'service' AND r.id IN
		(SELECT id FROM directory_change WHERE agency = $1 AND revision = $2 AND kind IN ('service', 'check')) AND `+counts("r.agency", ofService, "$3"), agency, rev, rules.Vetters)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(before) {
		if after[id] == nil {
			_, err := tx.Exec(ctx, `UPDATE directory_public SET revision = $3, at = $4, gone = 1, due = $5, parts = '' WHERE agency = $1 AND service = $2`,
				agency, id, rev, db.Micros(tx.Now), db.Micros(tx.Now.Add(keptGone)))
			if err != nil {
				return err
			}
		}
	}
	for _, id := range sortedKeys(after) {
		if err := putLine(ctx, tx, agency, rev, after[id]); err != nil {
			return err
		}
	}
	changed, err := partsChanged(ctx, tx, agency, rev, before, after)
	if err != nil {
		return err
	}
	return touchLines(ctx, tx, agency, rev, changed)
}

// toldParts are the parts of lines of what is published.
func toldParts(ctx context.Context, tx *db.Tx, which string, args ...any) (map[string][]string, error) {
	type told struct{ id, parts string }
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (t told, err error) {
		err = rows.Scan(&t.id, &t.parts)
		return t, err
	}, `SELECT service, parts FROM directory_public WHERE agency = $1 AND gone = 0 AND `+which, args...)
	out := map[string][]string{}
	for _, t := range list {
		out[t.id] = strings.Fields(t.parts)
	}
	return out, err
}

// everyPart stands for what has a part in every service.
const everyPart = "*"

// partsChanged are the organizations and locations of which something else may
// be told at a revision: those that changed, those whose locations did, and,
// since a location is told only where something published is given, those with
// a location at which a service came or went.
func partsChanged(ctx context.Context, tx *db.Tx, agency string, rev int64, before map[string][]string, after map[string]*feedLine) (map[string]bool, error) {
	changes, err := db.Collect(ctx, tx, func(rows *sql.Rows) (c change, err error) {
		err = rows.Scan(&c.kind, &c.id)
		return c, err
	}, `SELECT kind, id FROM directory_change WHERE agency = $1 AND revision = $2 AND kind NOT IN ('service', 'check', 'source')`, agency, rev)
	if err != nil {
		return nil, err
	}
	out, at := map[string]bool{}, map[string]bool{}
	for _, c := range changes {
		switch c.kind {
		case entLocation:
			at[c.id] = true
			out[c.id] = true
		case entOrganization:
			out[c.id] = true
		default:
			out[everyPart] = true
		}
	}
	if err := organizationsNaming(ctx, tx, agency, at, out); err != nil {
		return nil, err
	}
	for id, parts := range before {
		if after[id] == nil || !slices.Equal(after[id].parts, parts) {
			addAll(at, parts)
		}
	}
	for id, l := range after {
		if was, told := before[id]; !told || !slices.Equal(was, l.parts) {
			addAll(at, l.parts)
		}
	}
	for _, id := range sortedKeys(at) {
		orgs, err := db.Strings(ctx, tx, `SELECT organization FROM directory_record WHERE agency = $1 AND kind = 'location' AND id = $2`, agency, id)
		if err != nil {
			return nil, err
		}
		addAll(out, orgs)
	}
	for id, is := range out {
		if !is || id == "" {
			delete(out, id)
		}
	}
	return out, nil
}

// organizationsNaming adds those of which something is said about a location: a
// telephone there is not told when the place is hidden.
func organizationsNaming(ctx context.Context, tx *db.Tx, agency string, places, found map[string]bool) error {
	if len(places) == 0 {
		return nil
	}
	return eachRecord(ctx, tx, agency, func(s *stored) error {
		if !s.has("location_id") {
			return nil
		}
		o, err := s.object()
		if err != nil {
			return err
		}
		named := map[string]bool{}
		namedPlaces(o, named)
		for id := range named {
			found[s.id] = found[s.id] || places[id]
		}
		return nil
	}, entOrganization)
}

func addAll(set map[string]bool, list []string) {
	for _, one := range list {
		set[one] = true
	}
}

// touchLines says that services changed in which something has a part.
func touchLines(ctx context.Context, tx *db.Tx, agency string, rev int64, changed map[string]bool) error {
	if len(changed) == 0 {
		return nil
	}
	told, err := toldParts(ctx, tx, `revision < $2`, agency, rev)
	if err != nil {
		return err
	}
	for _, id := range sortedKeys(told) {
		if !changed[everyPart] && !slices.ContainsFunc(told[id], func(part string) bool { return changed[part] }) {
			continue
		}
		_, err := tx.Exec(ctx, `UPDATE directory_public SET revision = $3, at = $4 WHERE agency = $1 AND service = $2`, agency, id, rev, db.Micros(tx.Now))
		if err != nil {
			return err
		}
	}
	return nil
}

// sweepFeed writes down what time has done: services that are hidden because
// nobody checked them are gone from this revision on, and what has been gone for
// long is forgotten.
func (f *Feature) sweepFeed(ctx context.Context, tx *db.Tx, agency string) error {
	now := db.Micros(f.now())
	hidden, err := db.Strings(ctx, tx, `SELECT service FROM directory_public WHERE agency = $1 AND due <= $2 AND gone = 0`, agency, now)
	if err != nil {
		return err
	}
	for _, id := range hidden {
		if err := noteChange(ctx, tx, agency, changedCheck, id); err != nil {
			return err
		}
	}
	if err := f.touch(ctx, tx, agency); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE directory_feed SET began = (SELECT MAX(revision) FROM directory_public WHERE agency = $1 AND due <= $2 AND gone = 1)
		WHERE agency = $1 AND EXISTS (SELECT 1 FROM directory_public WHERE agency = $1 AND due <= $2 AND gone = 1 AND revision > directory_feed.began)`, agency, now)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM directory_public WHERE agency = $1 AND due <= $2 AND gone = 1`, agency, now)
	return err
}
