package retention

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Runs come once a day, and an hour after one that failed.
const (
	daily = 24 * time.Hour
	retry = time.Hour
)

// aloneNode is of db.Alone: one machine of several deletes.
const aloneNode = 2

// Daily runs if a run is due. The app asks every minute.
func (f *Feature) Daily(ctx context.Context) error {
	now := f.DB.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Before(f.next) {
		return nil
	}
	_, err := f.DB.Alone(ctx, aloneNode, f.Run)
	f.next = now.Add(daily)
	if err != nil {
		f.next = now.Add(retry)
	}
	return err
}

// Run deletes whole records that are due, each in a transaction of its own,
// and ends with a certificate if anything was deleted. Killed at any moment it
// is done again from the start: what is gone is gone and counted, and what is
// left is looked at anew.
func (f *Feature) Run(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "retention.Run")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := f.Date(ctx, tx, f.Agency); err != nil {
			return err
		}
		return sweepHolds(ctx, tx, f.Agency)
	})
	if err != nil {
		return err
	}
	due, err := f.whole(ctx)
	if err != nil {
		return err
	}
	for _, id := range due {
		// One that cannot be deleted keeps none of the others.
		err = errs.First(err, f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return f.shred(ctx, tx, id) }))
		if ctx.Err() != nil {
			return err
		}
	}
	return errs.First(err, f.certify(ctx))
}

// whole gives the contacts that could be deleted now: by a rule, or because
// somebody asked.
func (f *Feature) whole(ctx context.Context) (list []string, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if list, err = ready(ctx, tx, f.Agency); err != nil {
			return err
		}
		t, err := readTerms(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		return f.walk(ctx, tx, t, tx.Now, func(r Record, k keeping) error {
			if d := t.now(r, k, tx.Now); d != nil && d.Part == Whole {
				list = append(list, r.ID)
			}
			return nil
		})
	})
	return list, err
}

// now is what is to be deleted of a record now: the whole if that is due, else
// the largest part. It is nil for nothing, and for what is held.
func (t Terms) now(r Record, k keeping, now time.Time) (found *Due) {
	for _, d := range t.dues(r, k) {
		if !d.At.After(now) && !d.Held {
			found = &d
		}
	}
	return found
}

// shred deletes a contact if it may be deleted: everything is looked at again,
// in the transaction that does it.
func (f *Feature) shred(ctx context.Context, tx *db.Tx, id string) error {
	kept, err := keepingOf(ctx, tx, f.Agency, id)
	if err != nil || kept[id].held {
		return err
	}
	d, err := f.mayShred(ctx, tx, id, kept[id])
	if err != nil || d == nil {
		return err
	}
	there := true
	for _, del := range f.Shred {
		err := del(ctx, tx, f.Agency, id)
		if errs.Is(err, errs.NotFound) { // of a backup in which it was not
			there = false
		} else if err != nil {
			return err
		}
	}
	for _, q := range []string{
		`DELETE FROM retention_holds WHERE agency = $1 AND contact = $2`,
		`DELETE FROM retention_requests WHERE agency = $1 AND contact = $2`,
	} {
		if _, err := tx.Exec(ctx, q, f.Agency, id); err != nil {
			return err
		}
	}
	if !there {
		return nil
	}
	if err := f.count(ctx, tx, *d); err != nil {
		return err
	}
	why := " shredded"
	if d.Days == asked {
		why = " asked"
	}
	return audit.Write(ctx, tx, f.Agency, audit.Entry{Action: string(staff.EditRetention) + why, Record: id, Is: audit.Gone})
}

// asked stands in place of a rule's days where the person wanted it.
const asked = -1

// mayShred says by what a contact is deleted now, nil for by nothing.
func (f *Feature) mayShred(ctx context.Context, tx *db.Tx, id string, k keeping) (*Due, error) {
	r, err := f.Record(ctx, tx, f.Agency, id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	closed := err == nil
	req, err := getRequest(ctx, tx, f.Agency, id)
	if err != nil && !errs.Is(err, errs.NotFound) {
		return nil, err
	}
	if err == nil && req.ready(tx.Now) {
		return &Due{ID: id, Kind: r.Kind(), Part: Whole, Days: asked}, nil
	}
	if !closed {
		return nil, nil
	}
	t, err := readTerms(ctx, tx, f.Agency)
	if err != nil {
		return nil, err
	}
	if d := t.now(r, k, tx.Now); d != nil && d.Part == Whole {
		return d, nil
	}
	return nil, nil
}

// count adds one to what the run that goes on has deleted, and begins one
// where none does.
func (f *Feature) count(ctx context.Context, tx *db.Tx, d Due) error {
	run, err := openRun(ctx, tx, f.Agency)
	if errs.Is(err, errs.NotFound) {
		run = ids.New()
		_, err = tx.Exec(ctx, `INSERT INTO retention_runs (id, agency, began, ended, note) VALUES ($1, $2, $3, 0, '')`,
			run, f.Agency, db.Micros(day(tx.Now)))
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO retention_counts (run, kind, part, days, agency, n) VALUES ($1, $2, $3, $4, $5, 1)
		ON CONFLICT (run, kind, part, days) DO UPDATE SET n = retention_counts.n + 1`,
		run, string(d.Kind), string(d.Part), d.Days, f.Agency)
	return err
}

// openRun gives the run that has no certificate yet.
func openRun(ctx context.Context, tx *db.Tx, agency string) (id string, err error) {
	err = tx.QueryRow(ctx, `SELECT id FROM retention_runs WHERE agency = $1 AND ended = 0`, agency).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return "", errs.New(errs.NotFound, "", nil)
	}
	return id, err
}
