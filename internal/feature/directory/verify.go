package directory

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Status says whether somebody made sure that a service is as listed.
type Status string

// The three statuses.
const (
	Never    Status = "never"
	Verified Status = "verified"
	Overdue  Status = "overdue" // verified, and due again
)

// Verification is the newest check of a service.
type Verification struct {
	By      string // who at the service, or which colleague, said so
	How     string // by phone, on their web site…
	Checked time.Time
	Due     time.Time
	Hide    time.Time // when the public stops seeing it, if nobody checks
	Chosen  bool      // a person chose when it is due: rules do not move it
	Doubted bool      // its agency is not vetted: the public does not see it
}

// Status at a moment.
func (v *Verification) Status(now time.Time) Status {
	switch {
	case v == nil || v.Checked.IsZero():
		return Never
	case now.Before(v.Due):
		return Verified
	}
	return Overdue
}

// Public says whether the public may see the service at a moment. An overdue
// one stays, flagged, until as long again has passed: a holiday at the desk
// must not empty the directory.
func (v *Verification) Public(now time.Time) bool {
	return v != nil && !v.Doubted && !v.Checked.IsZero() && now.Before(v.Hide)
}

// Check is what a curator records.
type Check struct {
	Agency, Service string
	By, How         string
	Staff           string    // id of the colleague; "" for a command
	When            time.Time // zero: now; a call may be written down the day after
	Due             time.Time // zero: by the risk of the service
}

// longestAgo is how old a check may be that is written down today. What was
// found out earlier is no news of the service any more.
const longestAgo = 60 * 24 * time.Hour

// Limits of what a curator writes.
const (
	maxBy  = 120
	maxHow = 300
)

func (c *Check) clean() error {
	c.By, _ = clean(c.By)
	c.How, _ = clean(c.How)
	switch {
	case c.By == "" || len(c.By) > maxBy:
		return errs.In("by", "directory.verify.by_needed")
	case c.How == "" || len(c.How) > maxHow:
		return errs.In("how", "directory.verify.how_needed")
	}
	return nil
}

// Verify records that somebody made sure of a service.
func (f *Feature) Verify(ctx context.Context, c Check) (err error) {
	defer errs.Wrap(&err, "directory.Verify")
	if err := c.clean(); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.verify(ctx, tx, c); err != nil {
			return err
		}
		if err := f.log(ctx, tx, c.Agency, staff.VerifyDirectory, c.Service); err != nil {
			return err
		}
		return f.touch(ctx, tx, c.Agency)
	})
}

// VerifyAll records the same check for every active service of a source ("" is
// all sources) and gives their number. The demonstration uses it under its
// banner, and somebody who has checked a whole set.
func (f *Feature) VerifyAll(ctx context.Context, agency, source, by, how string) (n int, err error) {
	defer errs.Wrap(&err, "directory.VerifyAll")
	c := Check{Agency: agency, By: by, How: how}
	if err := c.clean(); err != nil {
		return 0, err
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n = 0
		agencies := []string{}
		before, err := checks(ctx, tx, agency)
		if err != nil {
			return err
		}
		rules, err := readRules(ctx, tx, agency)
		if err != nil {
			return err
		}
		records, err := allRecords(ctx, tx, agency)
		if err != nil {
			return err
		}
		for _, s := range records {
			if s.kind != entService || source != "" && s.source != source {
				continue
			}
			o, err := s.object()
			if err != nil {
				return err
			}
			if !offered(o) {
				continue
			}
			c.Service = s.id
			if err := f.verifyObject(ctx, tx, rules, c, o, before[s.id]); err != nil {
				return err
			}
			n++
			agencies = append(agencies, agencyOf(s.organization, s.id))
		}
		if _, err := vetSource(ctx, tx, agency, agencies, c); err != nil { // who vouches for all that they offer vouches for them
			return err
		}
		if err := f.log(ctx, tx, agency, staff.VerifyDirectory, ""); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
	return n, err
}

func (f *Feature) verify(ctx context.Context, tx *db.Tx, c Check) error {
	s, err := oneRecord(ctx, tx, c.Agency, entService, c.Service)
	if err != nil {
		return err
	}
	o, err := s.object()
	if err != nil {
		return err
	}
	before, err := checkOfService(ctx, tx, c.Agency, c.Service)
	if err != nil {
		return err
	}
	rules, err := readRules(ctx, tx, c.Agency)
	if err != nil {
		return err
	}
	return f.verifyObject(ctx, tx, rules, c, o, before)
}

// verifyObject records a check of a service that has the check before until
// now; nil is none.
func (f *Feature) verifyObject(ctx context.Context, tx *db.Tx, rules Rules, c Check, service Object, before *Verification) error {
	stated, derived := needsOf(service)
	when, due, chosen := c.When, c.Due, !c.Due.IsZero()
	if when.IsZero() {
		when = tx.Now
	}
	if when.After(tx.Now) || when.Before(tx.Now.Add(-longestAgo)) {
		return errs.In("when", "directory.verify.when_range")
	}
	if !chosen {
		due, _ = rules.next(stated|derived, when)
	}
	if !due.After(tx.Now) || due.After(tx.Now.AddDate(2, 0, 0)) {
		return errs.In("due", "directory.verify.due_range")
	}
	v := &Verification{By: c.By, How: c.How, Checked: when, Due: due, Hide: due.Add(due.Sub(when)), Chosen: chosen}
	if err := putCheck(ctx, tx, c.Agency, c.Service, v); err != nil {
		return err
	}
	return addHistory(ctx, tx, c.Agency, Event{Service: c.Service, Action: verified, By: c.By, How: c.How, Staff: c.Staff, Due: due, Detail: checkDetail(before)})
}

func putCheck(ctx context.Context, tx *db.Tx, agency, service string, v *Verification) error {
	_, err := tx.Exec(ctx, `INSERT INTO directory_check (agency, service, by_whom, how, checked, due, hide, chosen)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (agency, service) DO UPDATE SET by_whom = excluded.by_whom, how = excluded.how,
			checked = excluded.checked, due = excluded.due, hide = excluded.hide, chosen = excluded.chosen`,
		agency, service, v.By, v.How, db.Micros(v.Checked), db.Micros(v.Due), db.Micros(v.Hide), v.Chosen)
	if err != nil {
		return err
	}
	return noteChange(ctx, tx, agency, changedCheck, service)
}

// resetCheck takes a verification back because what was verified has changed.
func (f *Feature) resetCheck(ctx context.Context, tx *db.Tx, agency, service, why string) (bool, error) {
	n, err := tx.Exec(ctx, `DELETE FROM directory_check WHERE agency = $1 AND service = $2`, agency, service)
	if err != nil || n == 0 {
		return false, err
	}
	if err := noteChange(ctx, tx, agency, changedCheck, service); err != nil {
		return false, err
	}
	return true, addHistory(ctx, tx, agency, Event{Service: service, Action: "reset", How: why})
}

// Missed records that nobody was reached at a service. Its check stays as it
// was, and for some hours the queue leads to others.
func (f *Feature) Missed(ctx context.Context, agency, service string) (err error) {
	defer errs.Wrap(&err, "directory.Missed")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := oneRecord(ctx, tx, agency, entService, service); err != nil {
			return err
		}
		if err := f.log(ctx, tx, agency, staff.VerifyDirectory, service); err != nil {
			return err
		}
		return addHistory(ctx, tx, agency, Event{Service: service, Action: missed}.of(ctx))
	})
}

// The actions that other code asks for.
const (
	verified = "verified"
	missed   = "missed"
)

// Event is one line of a service's history.
type Event struct {
	ID, Service string
	At          time.Time
	Action      string // verified, missed, edited, reset …; words under "directory.event.<action>"
	By, How     string
	Staff       string
	Due         time.Time
	Detail      string // as JSON. For an edit: field, before, after; for a check: the one before
}

// of is the event as a deed of the colleague whose session this is; without one
// it was a command.
func (e Event) of(ctx context.Context) Event {
	if s := staff.From(ctx); s != nil {
		e.By, e.Staff = s.Person.Name, s.Person.ID
	}
	return e
}

// addHistory adds a line. It is later than the one before, by a microsecond if both
// are of one transaction: what happened last is what can be taken back first.
func addHistory(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	due, at := int64(0), db.Micros(tx.Now)
	if !e.Due.IsZero() {
		due = db.Micros(e.Due)
	}
	var last int64
	if err := tx.QueryRow(ctx, `SELECT COALESCE(MAX(at), 0) FROM directory_history WHERE agency = $1 AND service = $2`, agency, e.Service).Scan(&last); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO directory_history (agency, id, service, at, action, by_whom, how, staff, due, detail)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		agency, ids.New(), e.Service, max(at, last+1), e.Action, e.By, e.How, e.Staff, due, e.Detail)
	return err
}

// maxEvents bounds the history that a page shows; older ones stay stored.
const maxEvents = 200

// history is a service's newest events, newest first.
func history(ctx context.Context, tx *db.Tx, agency, service string) ([]Event, error) {
	rows, err := tx.Query(ctx, `SELECT id, service, at, action, by_whom, how, staff, due, detail
		FROM directory_history WHERE agency = $1 AND service = $2 ORDER BY at DESC, id LIMIT 200`, agency, service)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Event
	for rows.Next() && len(out) < maxEvents {
		var e Event
		var at, due int64
		if err := rows.Scan(&e.ID, &e.Service, &at, &e.Action, &e.By, &e.How, &e.Staff, &due, &e.Detail); err != nil {
			return nil, err
		}
		e.At = db.Time(at)
		if due > 0 {
			e.Due = db.Time(due)
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// checksQuery reads checks, and says of each whether the agency is doubted. Its
// arguments begin with the agency and how many people must vouch.
var checksQuery = `SELECT c.service, c.by_whom, c.how, c.checked, c.due, c.hide, c.chosen,
	CASE WHEN ` + counts("c.agency", ofService, "$2") + ` THEN 0 ELSE 1 END
	FROM directory_check c JOIN directory_record r ON r.agency = c.agency AND r.kind = 'service' AND r.id = c.service WHERE c.agency = $1`

func checks(ctx context.Context, tx *db.Tx, agency string) (map[string]*Verification, error) {
	return readChecks(ctx, tx, agency, checksQuery)
}

// checkOfService is the newest check of one service; nil if there is none.
func checkOfService(ctx context.Context, tx *db.Tx, agency, service string) (*Verification, error) {
	found, err := readChecks(ctx, tx, agency, checksQuery+` AND c.service = $3`, service)
	return found[service], err
}

func readChecks(ctx context.Context, tx *db.Tx, agency, query string, more ...any) (map[string]*Verification, error) {
	rules, err := readRules(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(ctx, query, append([]any{agency, rules.Vetters}, more...)...)
	if err != nil {
		return nil, err
	}
	return scanChecks(rows)
}

func scanChecks(rows *sql.Rows) (map[string]*Verification, error) {
	defer rows.Close()
	out := map[string]*Verification{}
	for rows.Next() {
		var id string
		var checked, due, hide, chosen, doubted int64
		v := &Verification{}
		if err := rows.Scan(&id, &v.By, &v.How, &checked, &due, &hide, &chosen, &doubted); err != nil {
			return nil, err
		}
		v.Checked, v.Due, v.Hide = db.Time(checked), db.Time(due), db.Time(hide)
		v.Chosen, v.Doubted = chosen != 0, doubted != 0
		out[id] = v
	}
	return out, rows.Err()
}

// offered says whether a service is there to be used.
func offered(service Object) bool {
	status := strings.ToLower(str(service, "status"))
	return status == "" || status == "active"
}
