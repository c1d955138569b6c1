package casework

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Referral is an opened referral. The values of its release are in it only
// while the release holds.
type Referral struct {
	ID, Contact string
	Staff       string // a colleague's id: who follows it
	State       Step
	Due         time.Time
	Release     Release
	Events      []Event
	Seen        int64

	Holds     bool // what the release has may be told and printed
	Ended     bool // it ran out; nothing was taken back
	Outcome   string
	CanUndo   bool
	CanFollow []Step
	Names     map[string]string // of the colleagues in it
}

// holds says whether a release may be used now.
func holds(rel Release, c course, now time.Time) bool {
	s := c.state()
	return s != Given && s != Undone && !c.withdrawn() && now.Before(rel.Until)
}

// Uses of an opened referral, as the audit log names them.
const (
	useRead    = ""
	usePrint   = "print"
	useReadOut = "read-out"
)

// Get opens a referral, and logs that it was opened.
func (f *Feature) Get(ctx context.Context, s *staff.Session, id string) (Referral, error) {
	return f.use(ctx, s, id, useRead)
}

// Share opens a referral to tell the service: one whose release does not hold
// is refused, with nothing of it.
func (f *Feature) Share(ctx context.Context, s *staff.Session, id, use string) (ref Referral, err error) {
	return f.use(ctx, s, id, use)
}

func (f *Feature) use(ctx context.Context, s *staff.Session, id, use string) (ref Referral, err error) {
	defer errs.Wrap(&err, "casework.use")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.ReadReferral, id)
		if err != nil {
			return err
		}
		if ref, err = opened(ctx, tx, r, keys); err != nil {
			return err
		}
		if use != useRead && !ref.Holds {
			return errs.New(errs.Conflict, "casework.error.not_shared", nil)
		}
		if ref.Names, err = staff.Names(ctx, tx, r.Agency); err != nil {
			return err
		}
		return note(ctx, tx, s, r, keys, staff.ReadReferral, use)
	})
	if err != nil {
		return Referral{}, err
	}
	return ref, nil
}

func opened(ctx context.Context, tx *db.Tx, r row, keys *keyring.Keys) (ref Referral, err error) {
	ref = Referral{ID: r.ID, Contact: r.Contact, Staff: r.Staff, State: r.State, Due: r.Due, Seen: r.LastSeq}
	if ref.Release, err = r.openRelease(keys); err != nil {
		return ref, err
	}
	c, err := r.course(ctx, tx, keys)
	if err != nil {
		return ref, err
	}
	ref.Events, ref.Outcome = c, c.outcome()
	ref.Holds = holds(ref.Release, c, tx.Now)
	ref.CanUndo = c.undoable(tx.Now) != nil
	for _, step := range next[r.State] {
		if step != Sent || ref.Holds {
			ref.CanFollow = append(ref.CanFollow, step)
		}
	}
	if !ref.Holds {
		ref.Ended = r.State != Given && r.State != Undone && r.State != Withdrawn
		ref.Release.erase()
	}
	if c.withdrawn() {
		for i := range ref.Events {
			ref.Events[i].Note = "" // people write into notes what was to be shared
		}
	}
	return ref, nil
}

// Line is a referral in a list. Nothing of the person is in it.
type Line struct {
	ID, Contact           string
	Service, Organization string
	State                 Step
	Outcome               string
	At                    time.Time // of the last step
	Due                   time.Time // zero when it is over
	Staff                 string
	Broken                bool // it is there and does not open: somebody meddled with it
}

// Lines gives the referrals of a contact, newest first, for its page.
func (f *Feature) Lines(ctx context.Context, s *staff.Session, contactID string) (lines []Line, err error) {
	defer errs.Wrap(&err, "casework.Lines")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, staff.ReadReferral, contactID, false)
		if err != nil {
			return err
		}
		list, err := rowsOf(ctx, tx, `SELECT `+rowColumns+` FROM referrals WHERE agency = $1 AND contact = $2 ORDER BY id LIMIT 200`,
			s.Person.Agency, contactID)
		if err != nil {
			return err
		}
		for _, r := range list {
			l, err := lineOf(ctx, tx, r, keys)
			if err != nil {
				return err
			}
			lines = append(lines, l)
		}
		sortNewest(lines)
		return nil
	})
	return lines, err
}

func lineOf(ctx context.Context, tx *db.Tx, r row, keys *keyring.Keys) (l Line, err error) {
	ref, err := opened(ctx, tx, r, keys)
	if err != nil {
		return l, err
	}
	l = Line{
		ID: r.ID, Contact: r.Contact, Service: ref.Release.Name, Organization: ref.Release.Organization, State: r.State,
		Outcome: ref.Outcome, At: ref.Events[len(ref.Events)-1].At, Staff: r.Staff,
	}
	if open(r.State) {
		l.Due = r.Due
	}
	return l, nil
}
