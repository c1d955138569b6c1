package casework

import (
	"context"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// maxNote is how long the words beside a step can be, in characters.
const maxNote = 300

// Deed is a step that a colleague records.
type Deed struct {
	Step Step
	Code string // reason of Declined, outcome of Ended
	Note string
	Seen int64 // how many events the page had that it comes from; 0 does not say
}

// Follow records the next step of a referral. A step that cannot follow is a
// Conflict, as is one from a page that has grown old.
func (f *Feature) Follow(ctx context.Context, s *staff.Session, id string, d Deed) (err error) {
	defer errs.Wrap(&err, "casework.Follow")
	d.Note = text.Line(d.Note)
	if !text.Fits(d.Note, maxNote) {
		return &errs.Error{Kind: errs.TooLarge, Word: "casework.error.note", Field: "note"}
	}
	if d.Step != Declined && d.Step != Ended {
		d.Code = ""
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.WriteReferral, id)
		if err != nil {
			return err
		}
		return f.follow(ctx, tx, s, &r, keys, d)
	})
}

func (f *Feature) follow(ctx context.Context, tx *db.Tx, s *staff.Session, r *row, keys *keyring.Keys, d Deed) error {
	rel, err := r.openRelease(keys)
	if err != nil {
		return err
	}
	c, err := r.course(ctx, tx, keys)
	if err != nil {
		return err
	}
	if d.Seen != 0 && d.Seen != r.LastSeq {
		return errs.New(errs.Conflict, "", nil)
	}
	e := Event{Step: d.Step, At: tx.Now, Staff: s.Person.ID, Code: d.Code, Note: d.Note}
	if err := c.check(e, holds(rel, c, tx.Now)); err != nil {
		return err
	}
	if err := f.figures(ctx, tx, r.Agency, rel, c, &e); err != nil {
		return err
	}
	c = append(c, e)
	r.State, r.LastSeq = c.state(), r.LastSeq+1
	r.Due = due(r.State, tx.Now.In(f.Web.Here()))
	if s.Person.Role != staff.Supervisor {
		r.Staff = s.Person.ID // whoever did the last step follows it
	}
	if err := r.witness(ctx, tx); err != nil {
		return err
	}
	if err := f.Freshen(ctx, tx, keys); err != nil {
		return err
	}
	if r.State == Withdrawn || r.State == Undone {
		rel.erase()
		r.sealRelease(keys, rel)
	}
	if err := r.update(ctx, tx); err != nil {
		return err
	}
	if err := r.insertEvent(ctx, tx, keys, e); err != nil {
		return err
	}
	f.changed(tx, r)
	return note(ctx, tx, s, *r, keys, staff.WriteReferral, string(d.Step))
}

// figures tells the figures of an end, once, and takes out what is undone.
func (f *Feature) figures(ctx context.Context, tx *db.Tx, agency string, rel Release, c course, e *Event) error {
	outcome := ""
	switch e.Step {
	case Undone:
		return uncount(ctx, tx, agency, *c.last())
	case Ended:
		outcome = e.Code
	case Withdrawn:
		if c.outcome() == "" {
			outcome = outcomeWithdrawn
		}
	}
	if outcome == "" {
		return nil
	}
	e.Counted = cameOut(tx.Now.In(f.Web.Here()), rel.Need, outcome)
	return count(ctx, tx, agency, *e)
}
