package retention

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Wait is how long what somebody asked to delete stays, in case it was not
// them: who they fear may hold the code.
const Wait = 7 * 24 * time.Hour

// State is where a request stands.
type State string

// The states. Deleting, and taking back, leave none.
const (
	Asked     State = "asked"
	Confirmed State = "confirmed" // a colleague is sure that the person wants it
	Declined  State = "declined"  // they are not, or the person does not
)

// Request is somebody's wish that we delete what they told us.
type Request struct {
	Contact string
	Asked   time.Time // the end of the day
	State   State
	Staff   string // who confirmed or declined it
}

// Earliest is when it can be deleted.
func (r Request) Earliest() time.Time { return r.Asked.Add(Wait) }

func (r Request) ready(now time.Time) bool {
	return r.State == Confirmed && !now.Before(r.Earliest())
}

// Ask notes that who holds a contact's code wants it deleted. Asking again
// changes nothing, except after it was declined: then it begins anew. The
// caller has opened the code.
func (f *Feature) Ask(ctx context.Context, contactID string) (err error) {
	defer errs.Wrap(&err, "retention.Ask")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO retention_requests (contact, agency, asked, state, staff) VALUES ($1, $2, $3, $4, '')
			ON CONFLICT (contact) DO UPDATE SET asked = excluded.asked, state = excluded.state, staff = '' WHERE retention_requests.state = $5`,
			contactID, f.Agency, db.Micros(f.endOfDay(tx.Now)), string(Asked), string(Declined))
		if err != nil || n == 0 {
			return err
		}
		f.changed(tx, contactID)
		return audit.Write(ctx, tx, f.Agency, audit.Entry{Action: string(staff.ConfirmDeletion) + " asked", Record: contactID})
	})
}

// endOfDay is when the day ends at the hotline: the day that the person's page
// and ours tell, and the finest that the table keeps.
func (f *Feature) endOfDay(t time.Time) time.Time {
	here := time.UTC
	if f.Web != nil {
		here = f.Web.Here()
	}
	y, m, d := t.In(here).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, here)
}

// TakeBack undoes a wish, for who holds the code. Where there is none it does
// nothing.
func (f *Feature) TakeBack(ctx context.Context, contactID string) (err error) {
	defer errs.Wrap(&err, "retention.TakeBack")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `DELETE FROM retention_requests WHERE agency = $1 AND contact = $2 AND state <> $3`, f.Agency, contactID, string(Declined))
		if err != nil || n == 0 {
			return err
		}
		f.changed(tx, contactID)
		return audit.Write(ctx, tx, f.Agency, audit.Entry{Action: string(staff.ConfirmDeletion) + " taken-back", Record: contactID})
	})
}

// Asked gives the wish about a contact; nil if there is none.
func (f *Feature) Asked(ctx context.Context, contactID string) (r *Request, err error) {
	defer errs.Wrap(&err, "retention.Asked")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		req, err := getRequest(ctx, tx, f.Agency, contactID)
		if errs.Is(err, errs.NotFound) {
			r = nil
			return nil
		}
		r = &req
		return err
	})
	return r, err
}

func getRequest(ctx context.Context, tx *db.Tx, agency, contactID string) (r Request, err error) {
	var at int64
	err = tx.QueryRow(ctx, `SELECT contact, asked, state, staff FROM retention_requests WHERE agency = $1 AND contact = $2`, agency, contactID).
		Scan(&r.Contact, &at, &r.State, &r.Staff)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errs.New(errs.NotFound, "", nil)
	}
	r.Asked = db.Time(at)
	return r, err
}

// ready gives contacts whose deletion was confirmed and waited for.
func ready(ctx context.Context, tx *db.Tx, agency string) (list []string, err error) {
	rows, err := tx.Query(ctx, `SELECT contact FROM retention_requests WHERE agency = $1 AND state = $2 AND asked <= $3 ORDER BY asked, contact`,
		agency, string(Confirmed), db.Micros(tx.Now.Add(-Wait)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		list = append(list, id)
	}
	return list, rows.Err()
}
