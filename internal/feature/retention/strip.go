package retention

import (
	"context"
	"errors"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A part cannot go alone while nobody is here: what remains of the contact
// needs a new key, or the old one, in a backup, would open the part. So it
// waits for a colleague who opens contacts, and is done beside their work.

// again is how long nobody is asked twice whether there is something to do.
const again = time.Hour

// lending is the key of a colleague who is at work, on its way to Strip.
type lending struct {
	waits chan *staff.Session
	next  time.Time // when to ask again
}

// Lend takes the key of a colleague who is at work. It returns at once.
func (f *Feature) Lend(_ context.Context, s *staff.Session) {
	now := f.DB.Now()
	f.mu.Lock()
	defer f.mu.Unlock()
	if now.Before(f.lent.next) || !s.May(staff.WriteContact) {
		return
	}
	select {
	case f.lent.waits <- s:
		f.lent.next = now.Add(again)
	default: // one is at it
	}
}

// Work deletes parts with the keys that it is lent, until ctx ends. failed is
// told what keeps it from that.
func (f *Feature) Work(ctx context.Context, failed func(error)) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-f.lent.waits:
			if err := f.StripDue(ctx, s); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// errLocked ends the work for a colleague who locked their screen or left.
var errLocked = errors.New("retention: the screen is locked")

// StripDue deletes the parts that are due, each record in a transaction of its
// own, with a colleague's key and until their screen is locked. What they cannot
// open stays for somebody who can. The nightly run gives the certificate.
func (f *Feature) StripDue(ctx context.Context, s *staff.Session) (err error) {
	defer errs.Wrap(&err, "retention.StripDue")
	due, err := f.parts(ctx)
	if err != nil {
		return err
	}
	for _, id := range due {
		err := f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return f.strip(ctx, tx, s, id) })
		switch {
		case errors.Is(err, errLocked):
			return nil
		case errs.Is(err, errs.NotFound), errs.Is(err, errs.Conflict), errors.Is(err, keyring.ErrTurned):
		case err != nil:
			return err
		}
	}
	return nil
}

// parts gives the contacts of which a part is due and not the whole.
func (f *Feature) parts(ctx context.Context) (list []string, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list = nil
		t, err := readTerms(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		return f.walk(ctx, tx, t, tx.Now, func(r Record, k keeping) error {
			if d := t.now(r, k, tx.Now); d != nil && d.Part != Whole {
				list = append(list, r.ID)
			}
			return nil
		})
	})
	return list, err
}

// strip deletes the part of a contact that is due: everything is looked at
// again, in the transaction that does it.
func (f *Feature) strip(ctx context.Context, tx *db.Tx, s *staff.Session, id string) error {
	if unlocked, err := s.StillUnlocked(ctx, tx); err != nil || !unlocked {
		return errs.First(err, errLocked)
	}
	kept, err := keepingOf(ctx, tx, f.Agency, id)
	if err != nil {
		return err
	}
	r, err := f.Record(ctx, tx, f.Agency, id)
	if err != nil {
		return err
	}
	t, err := readTerms(ctx, tx, f.Agency)
	if err != nil {
		return err
	}
	d := t.now(r, kept[id], tx.Now)
	if d == nil || d.Part == Whole {
		return nil
	}
	keys, err := f.Strip(ctx, tx, s, id, d.Part)
	if err != nil {
		return err
	}
	if err := f.count(ctx, tx, *d); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: string(staff.EditRetention) + " stripped", Record: id, Tag: audit.TagOf(keys.Lineage())})
}
