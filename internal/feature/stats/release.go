package stats

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// State says whether a month can be published.
type State string

// The states.
const (
	Running   State = "running"   // the month is not over
	Ready     State = "ready"     // it has not been published
	Published State = "published" // it has, as it is
	Changed   State = "changed"   // enough has changed to publish it again
	Held      State = "held"      // too little has changed: the difference would point at somebody
)

// release is a month as it was published, with the exact figures of that
// moment, against which the next release is held.
type release struct {
	At     time.Time
	Public Report
	exact  Report
}

// stateOf says what can be done with a month. Publishing again is safe when
// each figure stays as it was or changes by threshold or more, and the same
// ones are withheld: then the difference of two releases is itself a table
// without small figures, and no figure withheld in one is shown in the other.
func stateOf(now Report, last *release, threshold int, over bool) State {
	switch {
	case !over:
		return Running
	case last == nil:
		return Ready
	}
	next := now.publishable(threshold)
	same, safe := true, last.Public.Threshold == threshold
	for i, s := range now.Sections {
		was := section0(last.exact, s.ID)
		public := section0(last.Public, s.ID)
		same, safe = compare(s.Total.N, was.Total.N, threshold, same, safe)
		safe = safe && public.Total.Withheld == next.Sections[i].Total.Withheld
		for j, t := range s.Tables {
			a, b := index(was, t.ID), index(s, t.ID)
			for value := range union(a, b) {
				same, safe = compare(a[value].N, b[value].N, threshold, same, safe)
			}
			a, b = index(public, t.ID), index(next.Sections[i], next.Sections[i].Tables[j].ID)
			for value := range union(a, b) {
				_, before := a[value]
				_, after := b[value]
				safe = safe && before == after && a[value].Withheld == b[value].Withheld
			}
		}
	}
	switch {
	case same:
		return Published
	case safe:
		return Changed
	}
	return Held
}

func compare(a, b, threshold int, same, safe bool) (stillSame, stillSafe bool) {
	d := max(a-b, b-a)
	return same && d == 0, safe && (d == 0 || d >= threshold)
}

// section0 finds a section; one that a release from before did not have yet
// is empty.
func section0(r Report, id string) Section {
	for _, s := range r.Sections {
		if s.ID == id {
			return s
		}
	}
	return Section{ID: id}
}

func index(s Section, table string) map[string]Number {
	cells := map[string]Number{}
	for _, t := range s.Tables {
		if t.ID == table {
			for _, c := range t.Cells {
				cells[c.Value] = c.Number
			}
		}
	}
	return cells
}

func union(a, b map[string]Number) map[string]bool {
	keys := map[string]bool{}
	for k := range a {
		keys[k] = true
	}
	for k := range b {
		keys[k] = true
	}
	return keys
}

// last finds a month's latest release, nil if there is none.
func last(ctx context.Context, tx *db.Tx, agency, month string) (*release, error) {
	var at int64
	var public, exact string
	err := tx.QueryRow(ctx, `
		SELECT released, public, exact FROM stats_releases
		WHERE agency = $1 AND month = $2 ORDER BY revision DESC LIMIT 1`,
		agency, month).Scan(&at, &public, &exact)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r := &release{At: db.Time(at)}
	if err := json.Unmarshal([]byte(public), &r.Public); err != nil {
		return nil, err
	}
	return r, json.Unmarshal([]byte(exact), &r.exact)
}

// Release publishes a month as it is now.
func (f *Feature) Release(ctx context.Context, by *staff.Session, month string) (err error) {
	defer errs.Wrap(&err, "stats.Release")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, before, state, err := f.month(ctx, tx, month)
		if err != nil {
			return err
		}
		if state != Ready && state != Changed {
			return errs.New(errs.Conflict, "stats.error."+string(state), nil)
		}
		public := now.publishable(f.Threshold)
		public.Revision = 1
		if before != nil {
			public.Revision += before.Public.Revision
		}
		publicText, err := json.Marshal(public)
		if err != nil {
			return err
		}
		exactText, err := json.Marshal(now)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `
			INSERT INTO stats_releases (agency, month, revision, released, public, exact) VALUES ($1, $2, $3, $4, $5, $6)`,
			f.Agency, month, public.Revision, db.Micros(tx.Now), string(publicText), string(exactText)); err != nil {
			return err
		}
		return by.Log(ctx, tx, audit.Entry{Action: string(staff.PublishStats), Record: month})
	})
}

// month gathers what there is to know about a month.
func (f *Feature) month(ctx context.Context, tx *db.Tx, month string) (now Report, before *release, state State, err error) {
	if now, err = exact(ctx, tx, f.Agency, month); err != nil {
		return now, nil, "", err
	}
	if before, err = last(ctx, tx, f.Agency, month); err != nil {
		return now, nil, "", err
	}
	over := month < facts.MonthOf(tx.Now.In(f.Web.Here()))
	return now, before, stateOf(now, before, f.Threshold, over), nil
}

// released gives a month as it was last published; NotFound if it was not.
func (f *Feature) released(ctx context.Context, month string) (r Report, err error) {
	defer errs.Wrap(&err, "stats.released")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rel, err := last(ctx, tx, f.Agency, month)
		if err != nil {
			return err
		}
		if rel == nil {
			return errs.New(errs.NotFound, "", nil)
		}
		r = rel.Public
		return nil
	})
	return r, err
}

// releasedMonths lists the published months, the latest first.
func (f *Feature) releasedMonths(ctx context.Context) (months []string, err error) {
	defer errs.Wrap(&err, "stats.releasedMonths")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := tx.Query(ctx, `SELECT DISTINCT month FROM stats_releases WHERE agency = $1 ORDER BY month DESC`, f.Agency)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m string
			if err := rows.Scan(&m); err != nil {
				return err
			}
			months = append(months, m)
		}
		return rows.Err()
	})
	return months, err
}
