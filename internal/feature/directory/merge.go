package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Two records that are one are merged: the other stays as its source has it,
// marked and not offered, and speaks of the one that is kept as its source would;
// see voices.go. So reading either source again brings nothing back, and the merge
// can be undone.

// mergedInto marks the record that is gone; mergedFrom tells in the other what
// it has taken in. Both are ours and never published.
const (
	mergedInto = "merged_into"
	mergedFrom = "merged_from"
)

// Merge is one pair that was merged.
type Merge struct {
	ID, Kind   string
	Kept, Gone string // ids
	KeptName   string
	GoneName   string
	At         time.Time
	By         string
	Undone     bool
}

// undoing is what a merge changed.
type undoing struct {
	Kept  laid
	Gone  laid
	Moved []moved // services and locations of an organization that is gone
}

// laid is what was put over a record: by field, before and after; null is
// nothing.
type laid struct{ Before, After Object }

type moved struct{ Kind, ID string }

// Merge puts one organization or service into another.
func (f *Feature) Merge(ctx context.Context, agency, kind, kept, gone, by string) (err error) {
	defer errs.Wrap(&err, "directory.Merge")
	if kind != entOrganization && kind != entService || kept == gone {
		return errs.In("kept", "directory.merge.same")
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.merge(ctx, tx, agency, kind, kept, gone, by); err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.EditDirectory, kept); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

func (f *Feature) merge(ctx context.Context, tx *db.Tx, agency, kind, kept, gone, by string) error {
	var u undoing
	keep, err := oneRecord(ctx, tx, agency, kind, kept)
	if err != nil {
		return err
	}
	away, err := oneRecord(ctx, tx, agency, kind, gone)
	if err != nil {
		return err
	}
	to, err := keep.object()
	if err != nil {
		return err
	}
	from, err := away.object()
	if err != nil {
		return err
	}
	if str(to, mergedInto) != "" || str(from, mergedInto) != "" {
		return errs.In("kept", "directory.merge.done")
	}
	note := Object{"id": away.id, "source": away.source, "original_id": away.original, "name": str(from, "name")}
	if u.Kept, err = layOver(ctx, tx, agency, keep, Object{mergedFrom: append(slices.Clone(listOf(to, mergedFrom)), note)}); err != nil {
		return err
	}
	mark := Object{mergedInto: kept}
	if kind == entService {
		mark["status"] = "defunct"
	}
	if u.Gone, err = layOver(ctx, tx, agency, away, mark); err != nil {
		return err
	}
	if kind == entOrganization {
		if u.Moved, err = move(ctx, tx, agency, gone, kept); err != nil {
			return err
		}
	} else {
		for _, id := range []string{kept, gone} {
			if _, err := f.resetCheck(ctx, tx, agency, id, ""); err != nil {
				return err
			}
			if err := addHistory(ctx, tx, agency, Event{Service: id, Action: "merged", By: by, Staff: staffOf(ctx)}); err != nil {
				return err
			}
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO directory_merge (agency, id, kind, kept, gone, at, by_whom, before, undone) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0)`,
		agency, ids.New(), kind, kept, gone, db.Micros(tx.Now), by, string(canonical(u)))
	if err != nil {
		return err
	}
	if err := noteConflict(ctx, tx, agency, kind, gone, nil); err != nil {
		return err
	}
	return f.weigh(ctx, tx, agency, kind, kept)
}

// joinLists adds what is not there yet: the same number with another note is
// there.
func joinLists(have, add []any) []any {
	said := func(v any) string {
		o, _ := v.(Object)
		if n := str(o, "number"); n != "" {
			return digits(n) + "x" + str(o, "extension")
		}
		return first(str(o, "location_id"), str(o, "code"), str(o, "taxonomy_term_id"), str(o, "name"), str(o, "value"), str(o, "id"))
	}
	out, seen := slices.Clone(have), map[string]bool{}
	for _, v := range have {
		seen[said(v)] = true
	}
	for _, v := range add {
		if key := said(v); !seen[key] {
			seen[key] = true
			out = append(out, v)
		}
	}
	return out
}

// digits are a number's last ten, which are the same with and without a code of
// the country.
func digits(number string) string {
	var d []rune
	for _, r := range number {
		if r >= '0' && r <= '9' {
			d = append(d, r)
		}
	}
	return string(d[max(0, len(d)-10):])
}

// layOver puts fields over a record, and says what they were there before.
func layOver(ctx context.Context, tx *db.Tx, agency string, s *stored, fields Object) (c laid, err error) {
	over, err := s.overlaid()
	if err != nil {
		return c, err
	}
	c = laid{Before: Object{}, After: fields}
	for k, v := range fields {
		c.Before[k] = over[k]
		over[k] = v
	}
	return c, setOverlay(ctx, tx, agency, s.kind, s.id, over)
}

// takeOff undoes that: a field that somebody changed since stays.
func takeOff(ctx context.Context, tx *db.Tx, agency, kind, id string, c laid) error {
	s, err := oneRecord(ctx, tx, agency, kind, id)
	if errs.Is(err, errs.NotFound) {
		return nil // its source took it away meanwhile
	}
	if err != nil || s.overlay == "" {
		return err
	}
	over, err := parse(s.overlay)
	if err != nil {
		return err
	}
	for k, v := range c.After {
		switch {
		case !equal(over[k], v):
		case c.Before[k] == nil:
			delete(over, k)
		default:
			over[k] = c.Before[k]
		}
	}
	return setOverlay(ctx, tx, agency, kind, id, over)
}

// move gives an organization's services and places to another.
func move(ctx context.Context, tx *db.Tx, agency, from, to string) (list []moved, err error) {
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND organization = $2`, agency, from)
	if err != nil {
		return nil, err
	}
	all, err := scanRecords(rows)
	if err != nil {
		return nil, err
	}
	for _, s := range all {
		if s.kind != entService && s.kind != entLocation {
			continue
		}
		if err := moveOne(ctx, tx, agency, s, to); err != nil {
			return nil, err
		}
		list = append(list, moved{s.kind, s.id})
	}
	return list, nil
}

func moveOne(ctx context.Context, tx *db.Tx, agency string, s *stored, to string) error {
	if _, err := layOver(ctx, tx, agency, s, Object{"organization_id": to}); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `UPDATE directory_record SET organization = $4 WHERE agency = $1 AND kind = $2 AND id = $3`, agency, s.kind, s.id, to)
	return err
}

// Unmerge takes a merge back. What somebody changed since stays.
func (f *Feature) Unmerge(ctx context.Context, agency, id, by string) (err error) {
	defer errs.Wrap(&err, "directory.Unmerge")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.takeApart(ctx, tx, agency, id, by); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

func (f *Feature) takeApart(ctx context.Context, tx *db.Tx, agency, id, by string) error {
	var m Merge
	var before string
	err := tx.QueryRow(ctx, `SELECT kind, kept, gone, before FROM directory_merge WHERE agency = $1 AND id = $2 AND undone = 0`, agency, id).
		Scan(&m.Kind, &m.Kept, &m.Gone, &before)
	if isNoRows(err) {
		return errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return err
	}
	if err := f.unmerge(ctx, tx, agency, m, before, by); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE directory_merge SET undone = $3, before = '' WHERE agency = $1 AND id = $2`, agency, id, db.Micros(tx.Now)); err != nil {
		return err
	}
	for _, one := range []string{m.Gone, m.Kept} {
		s, err := oneRecord(ctx, tx, agency, m.Kind, one)
		if errs.Is(err, errs.NotFound) { // its source took it away
			continue
		}
		if err == nil {
			err = f.weigh(ctx, tx, agency, s.kind, s.id)
		}
		if err != nil {
			return err
		}
	}
	return f.log(ctx, tx, agency, staff.EditDirectory, m.Kept)
}

func (f *Feature) unmerge(ctx context.Context, tx *db.Tx, agency string, m Merge, before, by string) error {
	var u undoing
	if err := json.Unmarshal([]byte(before), &u); err != nil { //nolint:musttag // both ends are ours
		return err
	}
	if err := takeOff(ctx, tx, agency, m.Kind, m.Kept, u.Kept); err != nil {
		return err
	}
	if err := takeOff(ctx, tx, agency, m.Kind, m.Gone, u.Gone); err != nil {
		return err
	}
	for _, one := range u.Moved {
		if err := takeOff(ctx, tx, agency, one.Kind, one.ID, laid{Object{}, Object{"organization_id": m.Kept}}); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE directory_record SET organization = $4, updated = $6 WHERE agency = $1 AND kind = $2 AND id = $3 AND organization = $5`,
			agency, one.Kind, one.ID, m.Gone, m.Kept, db.Micros(tx.Now)); err != nil {
			return err
		}
		if err := noteChange(ctx, tx, agency, one.Kind, one.ID); err != nil {
			return err
		}
	}
	if m.Kind != entService {
		return nil
	}
	for _, id := range []string{m.Kept, m.Gone} {
		if _, err := f.resetCheck(ctx, tx, agency, id, ""); err != nil {
			return err
		}
		if err := addHistory(ctx, tx, agency, Event{Service: id, Action: "unmerged", By: by, Staff: staffOf(ctx)}); err != nil {
			return err
		}
	}
	return nil
}

// goneTo are the organizations that were merged into others: what an import
// brings for them goes there.
func goneTo(ctx context.Context, tx *db.Tx, agency string) (map[string]string, error) {
	type pair struct{ gone, kept string }
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (p pair, err error) {
		err = rows.Scan(&p.gone, &p.kept)
		return p, err
	}, `SELECT gone, kept FROM directory_merge WHERE agency = $1 AND kind = $2 AND undone = 0`, agency, entOrganization)
	to := map[string]string{}
	for _, p := range list {
		to[p.gone] = p.kept
	}
	return to, err
}

// maxMerges bounds the list of merges that a page shows.
const maxMerges = 100

// Merges are the newest, newest first.
func (f *Feature) Merges(ctx context.Context, agency string) (list []Merge, err error) {
	defer errs.Wrap(&err, "directory.Merges")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = db.Collect(ctx, tx, func(rows *sql.Rows) (m Merge, err error) {
			var at, undone int64
			err = rows.Scan(&m.ID, &m.Kind, &m.Kept, &m.Gone, &at, &m.By, &undone)
			m.At, m.Undone = db.Time(at), undone != 0
			return m, err
		}, `SELECT id, kind, kept, gone, at, by_whom, undone FROM directory_merge WHERE agency = $1 ORDER BY at DESC, id LIMIT $2`, agency, maxMerges)
		for i := 0; err == nil && i < len(list); i++ {
			m := &list[i]
			if m.KeptName, err = nameIn(ctx, tx, agency, m.Kind, m.Kept); err == nil {
				m.GoneName, err = nameIn(ctx, tx, agency, m.Kind, m.Gone)
			}
		}
		return err
	})
	return list, err
}

// nameIn is the name of a record, as its source has it; "" if it is gone.
func nameIn(ctx context.Context, tx *db.Tx, agency, kind, id string) (string, error) {
	s, err := oneRecord(ctx, tx, agency, kind, id)
	if errs.Is(err, errs.NotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	o, err := parse(s.text)
	return str(o, "name"), err
}
