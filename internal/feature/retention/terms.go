package retention

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// readTerms gives the rules, or with version 0 those that are proposed.
func readTerms(ctx context.Context, tx *db.Tx, agency string) (t Terms, err error) {
	defer errs.Wrap(&err, "retention.readTerms")
	var body string
	var changed int64
	err = tx.QueryRow(ctx, `SELECT version, changed, staff, body FROM retention_terms WHERE agency = $1`, agency).
		Scan(&t.Version, &changed, &t.Staff, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return Proposed(), nil
	}
	if err != nil {
		return t, err
	}
	t.Changed = db.Time(changed)
	return t, json.Unmarshal([]byte(body), &t)
}

// Terms gives the rules as they are, or those that are proposed.
func (f *Feature) Terms(ctx context.Context) (t Terms, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err = readTerms(ctx, tx, f.Agency)
		return err
	})
	return t, err
}

// SetTerms puts rules in force, for a colleague who may edit settings. t.Version
// is that of the rules which they saw: it is a Conflict when somebody changed
// them since. A rule that was changed deletes nothing before its notice is over.
func (f *Feature) SetTerms(ctx context.Context, s *staff.Session, t Terms) (err error) {
	defer errs.Wrap(&err, "retention.SetTerms")
	if err := t.check(); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		before, err := readTerms(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		if before.Version != t.Version {
			return errs.New(errs.Conflict, "retention.error.changed", nil)
		}
		next := t
		next.Rules = nil
		for _, k := range Kinds {
			for _, p := range Parts {
				next.Rules = append(next.Rules, t.Rule(k, p))
			}
		}
		next.since(before, tx.Now)
		if before.Version > 0 && next.Notice < before.Notice {
			for i := range next.Rules { // who counted on the longer notice has it once more
				next.Rules[i].Since = tx.Now
			}
		}
		body, err := json.Marshal(next)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO retention_terms (agency, version, changed, staff, body) VALUES ($1, $2, $3, $4, $5)
			ON CONFLICT (agency) DO UPDATE SET version = excluded.version, changed = excluded.changed, staff = excluded.staff, body = excluded.body`,
			f.Agency, before.Version+1, db.Micros(tx.Now), s.Person.ID, string(body))
		if err != nil {
			return err
		}
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.EditRetention), Reason: next.line()})
	})
}

// line is the rules in one line, for the log.
func (t Terms) line() string {
	said := []string{"notice " + strconv.Itoa(t.Notice)}
	for _, r := range t.Rules {
		said = append(said, string(r.Kind)+" "+string(r.Part)+" "+strconv.Itoa(r.Days))
	}
	return strings.Join(said, ", ")
}
