package directory

import (
	"context"
	"encoding/json"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Rules are what an agency decided about its directory.
type Rules struct {
	// For how many days a check holds, by what harm a wrong entry does.
	Hotline int `json:"hotline"`
	Shelter int `json:"shelter"`
	Other   int `json:"other"`
	// How many people vouch for a new agency before the public sees it.
	Vetters int `json:"vetters"`

	Version int       `json:"-"` // 0: nobody decided, and these are proposed
	Changed time.Time `json:"-"`
	By      string    `json:"-"` // the name of who decided
}

// Limits of how long a check holds, in days: no desk calls a place more often
// than once a week, and what nobody asked about for a year nobody knows.
const (
	MinDays = 7
	MaxDays = 365

	MaxVetters = 3
)

// ProposedRules are those of an agency that decided nothing.
func ProposedRules() Rules { return Rules{Hotline: 30, Shelter: 90, Other: 180, Vetters: 2} }

// days that a check of a service holds.
func (r Rules) days(needs uint32) int {
	switch {
	case needs&needBit["hotline"] != 0:
		return r.Hotline
	case needs&needBit["shelter"] != 0:
		return r.Shelter
	}
	return r.Other
}

// next is when a service is due again after a check, and when the public stops
// seeing it if nobody checks.
func (r Rules) next(needs uint32, checked time.Time) (due, hide time.Time) {
	every := time.Duration(r.days(needs)) * 24 * time.Hour
	return checked.Add(every), checked.Add(2 * every)
}

func (r Rules) check() error {
	for field, days := range map[string]int{"hotline": r.Hotline, "shelter": r.Shelter, "other": r.Other} {
		if days < MinDays || days > MaxDays {
			return errs.In(field, "directory.rules.days_bad")
		}
	}
	if r.Vetters < 1 || r.Vetters > MaxVetters {
		return errs.In("vetters", "directory.rules.vetters_bad")
	}
	return nil
}

func readRules(ctx context.Context, tx *db.Tx, agency string) (r Rules, err error) {
	var body string
	var changed int64
	r = ProposedRules()
	err = tx.QueryRow(ctx, `SELECT version, changed, by_whom, body FROM directory_rules WHERE agency = $1 ORDER BY version DESC LIMIT 1`, agency).
		Scan(&r.Version, &changed, &r.By, &body)
	if isNoRows(err) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	r.Changed = db.Time(changed)
	return r, json.Unmarshal([]byte(body), &r)
}

// Rules gives those that are in force.
func (f *Feature) Rules(ctx context.Context, agency string) (r Rules, err error) {
	defer errs.Wrap(&err, "directory.Rules")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err = readRules(ctx, tx, agency)
		return err
	})
	return r, err
}

// SetRules puts rules in force at once, also for the checks that were made
// before. r.Version is that of the rules which somebody saw: it is a Conflict
// when others were decided since.
func (f *Feature) SetRules(ctx context.Context, agency string, r Rules) (err error) {
	defer errs.Wrap(&err, "directory.SetRules")
	if err := r.check(); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		before, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		if before.Version != r.Version {
			return errs.New(errs.Conflict, "directory.rules.changed", nil)
		}
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		e := Event{}.of(ctx)
		if _, err := tx.Exec(ctx, `INSERT INTO directory_rules (agency, version, changed, staff, by_whom, body) VALUES ($1, $2, $3, $4, $5, $6)`,
			agency, before.Version+1, db.Micros(tx.Now), e.Staff, e.By, string(body)); err != nil {
			return err
		}
		if err := redate(ctx, tx, agency, r); err != nil {
			return err
		}
		if r.Vetters != before.Vetters {
			if err := noteVetting(ctx, tx, agency, ""); err != nil {
				return err
			}
		}
		if err := f.log(ctx, tx, agency, staff.EditSettings+" directory", ""); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

// redate counts anew when services are due. What would be hidden by that stays
// as long as curators are warned of it, but no longer than it would have anyway.
func redate(ctx context.Context, tx *db.Tx, agency string, r Rules) error {
	done, err := checks(ctx, tx, agency)
	if err != nil {
		return err
	}
	rows, err := tx.Query(ctx, `SELECT `+recordColumns+` FROM directory_record WHERE agency = $1 AND kind = $2`, agency, entService)
	if err != nil {
		return err
	}
	services, err := scanRecords(rows)
	if err != nil {
		return err
	}
	warned := tx.Now.Add(warnBefore)
	for _, s := range services {
		v := done[s.id]
		if v == nil || v.Chosen {
			continue
		}
		o, err := s.object()
		if err != nil {
			return err
		}
		stated, derived := needsOf(o)
		due, hide := r.next(stated|derived, v.Checked)
		if hide.Before(warned) {
			hide = earlier(v.Hide, warned, hide)
		}
		if due.Equal(v.Due) && hide.Equal(v.Hide) {
			continue
		}
		v.Due, v.Hide = due, hide
		if err := putCheck(ctx, tx, agency, s.id, v); err != nil {
			return err
		}
	}
	return nil
}

// earlier of two times, but not before a third.
func earlier(a, b, least time.Time) time.Time {
	if b.Before(a) {
		a = b
	}
	if a.Before(least) {
		return least
	}
	return a
}

// Standing counts services by what the public sees of them.
type Standing struct {
	Checked int // and not due
	Overdue int // shown, flagged
	Hidden  int // checked too long ago
}

// standing counts them now.
func (f *Feature) standing(ctx context.Context, agency string) (s Standing, err error) {
	now := db.Micros(f.now())
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COALESCE(SUM(CASE WHEN c.due > $2 THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN c.due <= $2 AND c.hide > $2 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN c.hide <= $2 THEN 1 ELSE 0 END), 0)
			FROM directory_check c JOIN directory_record r ON r.agency = c.agency AND r.kind = 'service' AND r.id = c.service
			WHERE c.agency = $1`, agency, now).Scan(&s.Checked, &s.Overdue, &s.Hidden)
	})
	return s, err
}

// redateOne counts anew when one service is due after a check of it.
func redateOne(ctx context.Context, tx *db.Tx, agency, service string, v *Verification) error {
	s, err := oneRecord(ctx, tx, agency, entService, service)
	if err != nil {
		return err
	}
	o, err := s.object()
	if err != nil {
		return err
	}
	r, err := readRules(ctx, tx, agency)
	if err != nil {
		return err
	}
	stated, derived := needsOf(o)
	v.Due, v.Hide = r.next(stated|derived, v.Checked)
	return nil
}
