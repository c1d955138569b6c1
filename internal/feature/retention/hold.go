package retention

import (
	"context"
	"database/sql"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// maxReason is how long the words beside a deed here can be, in characters.
const maxReason = 500

// reason mends why something is done, which has to be said.
func reason(words string) (string, error) {
	words = text.Line(words)
	switch {
	case words == "":
		return "", errs.In("reason", "retention.error.reason")
	case !text.Fits(words, maxReason):
		return "", &errs.Error{Kind: errs.TooLarge, Word: "retention.error.reason_long", Field: "reason"}
	}
	return words, nil
}

// Hold stops every deletion of a contact from now on.
type Hold struct {
	ID, Contact string
	Staff       string // a colleague's id: who holds it
	Since       time.Time
	Until       time.Time // the end of its last day; zero: until somebody ends it
	Reason      string    // empty where it was not opened
}

// LastDay is within the last day on which it holds: Until is when that is over.
func (h Hold) LastDay() time.Time { return h.Until.Add(-time.Second) }

func (h Hold) place(agency string) seal.Place {
	return seal.Place{Agency: agency, Record: h.Contact, Table: "retention_holds", Row: h.ID, Schema: 1}
}

// day is the first moment of t's day, UTC. Finer times of who did what when
// are in the log, sealed.
func day(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// noon stands for a day, where people in most of the world read the same date.
func noon(t time.Time) time.Time { return day(t).Add(12 * time.Hour) }

// Hold keeps a contact until a day, or with a zero one until somebody ends the
// hold. It is for a colleague who may hold and may open the contact; anybody
// else gets NotFound. The same id holds once, however often it comes.
func (f *Feature) Hold(ctx context.Context, s *staff.Session, h Hold) (err error) {
	defer errs.Wrap(&err, "retention.Hold")
	if h.Reason, err = reason(h.Reason); err != nil {
		return err
	}
	if !ids.Valid(h.ID) {
		return errs.New(errs.Invalid, "error.form", nil)
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, h.Contact)
		if err != nil {
			return err
		}
		if err := f.Freshen(ctx, tx, keys); err != nil {
			return err
		}
		if !h.Until.IsZero() && !h.Until.After(tx.Now) {
			return errs.In("until", "retention.error.until")
		}
		_, err = tx.Exec(ctx, `INSERT INTO retention_holds (id, agency, contact, staff, since, until, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
			ON CONFLICT (id) DO NOTHING`,
			h.ID, f.Agency, h.Contact, s.Person.ID, db.Micros(noon(tx.Now)), micros(h.Until), keys.Seal(h.place(f.Agency), []byte(h.Reason)))
		if err != nil {
			return err
		}
		f.changed(tx, h.Contact)
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.HoldRecords) + " held", Record: h.Contact, Tag: audit.TagOf(keys.Lineage()), Reason: h.Reason})
	})
}

// Lift ends a hold now. What it held is not deleted before it has had its
// notice anew.
func (f *Feature) Lift(ctx context.Context, s *staff.Session, contactID, id, why string) (err error) {
	defer errs.Wrap(&err, "retention.Lift")
	if why, err = reason(why); err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, contactID)
		if err != nil {
			return err
		}
		n, err := tx.Exec(ctx, `UPDATE retention_holds SET until = $4 WHERE agency = $1 AND contact = $2 AND id = $3 AND (until = 0 OR until > $4)`,
			f.Agency, contactID, id, db.Micros(tx.Now))
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.New(errs.Conflict, "retention.error.lifted", nil)
		}
		f.changed(tx, contactID)
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.HoldRecords) + " lifted", Record: contactID, Tag: audit.TagOf(keys.Lineage()), Reason: why})
	})
}

// mostHolds bounds what one page lists, and what one contact can have.
const mostHolds = 500

// Holds are the holds in force, of one contact, or with an empty id of all. Those of
// contacts that the colleague must not know of are left out; reasons are there where
// they may open the contact.
func (f *Feature) Holds(ctx context.Context, s *staff.Session, contactID string) (list []Hold, err error) {
	defer errs.Wrap(&err, "retention.Holds")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list = nil
		var all []Hold
		var sealed [][]byte
		rows, err := tx.Query(ctx, `SELECT id, contact, staff, since, until, sealed FROM retention_holds
			WHERE agency = $1 AND ($2 = '' OR contact = $2) AND (until = 0 OR until > $3) ORDER BY since, id LIMIT $4`,
			f.Agency, contactID, db.Micros(tx.Now), mostHolds)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var h Hold
			var since, until int64
			var b []byte
			if err := rows.Scan(&h.ID, &h.Contact, &h.Staff, &since, &until, &b); err != nil {
				return err
			}
			h.Since, h.Until = db.Time(since), timeOf(until)
			all, sealed = append(all, h), append(sealed, b)
		}
		if err := errs.First(rows.Err(), rows.Close()); err != nil {
			return err
		}
		for i, h := range all {
			keys, err := f.Keys(ctx, tx, s, h.Contact)
			_, outside := staff.ReasonFor(err)
			switch {
			case errs.Is(err, errs.NotFound):
				continue
			case outside:
			case err != nil:
				return err
			default:
				b, err := keys.Open(h.place(f.Agency), sealed[i])
				if err != nil {
					return err
				}
				h.Reason = string(b)
			}
			list = append(list, h)
		}
		return nil
	})
	return list, err
}

// Reseal seals the reasons of a contact's holds under its keys of now, after
// those changed.
func (f *Feature) Reseal(ctx context.Context, tx *db.Tx, keys *keyring.Keys) error {
	type reason struct {
		Hold
		sealed []byte
	}
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (r reason, err error) {
		err = rows.Scan(&r.ID, &r.Contact, &r.sealed)
		return r, err
	}, `SELECT id, contact, sealed FROM retention_holds WHERE agency = $1 AND contact = $2`, keys.Record.Agency, keys.Record.ID)
	if err != nil {
		return err
	}
	for _, r := range list {
		if _, err := tx.Exec(ctx, `UPDATE retention_holds SET sealed = $3 WHERE agency = $1 AND id = $2`,
			keys.Record.Agency, r.ID, keys.Again(r.place(keys.Record.Agency), r.sealed)); err != nil {
			return err
		}
	}
	return nil
}

// Held says whether a contact is held now.
func (f *Feature) Held(ctx context.Context, contactID string) (held bool, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		kept, err := keepingOf(ctx, tx, f.Agency, contactID)
		held = kept[contactID].held
		return err
	})
	return held, err
}

// keepingOf is what holds say of contacts. One that is not in it was never held.
func keepingOf(ctx context.Context, tx *db.Tx, agency string, contacts ...string) (_ map[string]keeping, err error) {
	found := map[string]keeping{}
	query, args := `SELECT contact, until FROM retention_holds WHERE agency = $1`, []any{agency}
	if len(contacts) == 1 {
		query, args = query+` AND contact = $2`, append(args, contacts[0])
	}
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var until int64
		if err := rows.Scan(&id, &until); err != nil {
			return nil, err
		}
		k := found[id]
		if until == 0 || db.Time(until).After(tx.Now) {
			k.held = true
		} else if at := db.Time(until); at.After(k.free) {
			k.free = at
		}
		found[id] = k
	}
	return found, rows.Err()
}

// sweepHolds forgets holds that ended longer ago than any notice lasts.
func sweepHolds(ctx context.Context, tx *db.Tx, agency string) error {
	_, err := tx.Exec(ctx, `DELETE FROM retention_holds WHERE agency = $1 AND until > 0 AND until < $2`,
		agency, db.Micros(tx.Now.Add(-days(MaxNotice))))
	return err
}

// micros keeps a zero time as 0.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return db.Micros(t)
}

func timeOf(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return db.Time(n)
}
