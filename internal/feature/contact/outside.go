package contact

import (
	"context"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// OutsideFor is how long a reason holds, for this session and this contact: as
// long as a call and its notes take, and not as long as a shift.
const OutsideFor = time.Hour

// maxWhy is how long one's own words for a reason can be, in characters.
const maxWhy = 300

// outsideTopic is what is published when somebody opened a contact outside their
// own work. Only who may know of the contact hears it.
func outsideTopic(agency, id string) string { return "outside:" + agency + ":" + id }

// OpenOutside lets a colleague open a contact that is not in their own work.
// They say why first; that goes sealed into the log, and supervisors are told.
// It works only for who holds the contact's key: for anybody else there is no
// such contact. Where no reason is needed nothing happens.
func (f *Feature) OpenOutside(ctx context.Context, s *staff.Session, id string, why staff.Why, words string) (err error) {
	defer errs.Wrap(&err, "contact.OpenOutside")
	words = text.Line(words)
	wrong := whyWrong(why, words)
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		err := f.may(ctx, tx, s, staff.ReadContact, id, false)
		if _, asked := staff.ReasonFor(err); !asked {
			return err
		}
		if wrong != nil {
			return wrong
		}
		r, err := get(ctx, tx, s.Person.Agency, id)
		if err != nil {
			return err
		}
		keys, err := f.open(ctx, tx, r, s)
		if err != nil {
			return err
		}
		if err := holdMark(ctx, tx, r.Agency, outsideMark(s, id)); err != nil {
			return err
		}
		first, err := openIntake(r, keys)
		if err != nil {
			return err
		}
		if first.Decoy {
			return f.alarm(ctx, tx, s, id, audit.TagOf(keys.Lineage()), staff.Said(why, words))
		}
		f.hint(tx, outsideTopic(r.Agency, id))
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.OpenOutside), Record: id, Reason: staff.Said(why, words), Tag: audit.TagOf(keys.Lineage())})
	})
}

// whyWrong says what is missing of a reason.
func whyWrong(why staff.Why, words string) error {
	switch {
	case !why.Known():
		return errs.In("outside_why", "contact.error.outside_why")
	case why == staff.Elsewise && words == "":
		return errs.In("outside_words", "contact.error.outside_words")
	case !text.Fits(words, maxWhy):
		return errs.In("outside_words", "contact.error.outside_long")
	}
	return nil
}

// saidWhy says whether the session has given a reason for a contact that still
// holds; else it is the error that asks for one.
func (f *Feature) saidWhy(ctx context.Context, tx *db.Tx, s *staff.Session, id string) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_outside WHERE mark = $1 AND agency = $2 AND until > $3`,
		outsideMark(s, id), s.Person.Agency, db.Micros(tx.Now)).Scan(&n)
	if err == nil && n == 0 {
		err = staff.AskReason(id)
	}
	return err
}

// holdMark lets what a mark stands for hold for a while.
func holdMark(ctx context.Context, tx *db.Tx, agency, mark string) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact_outside (mark, agency, until) VALUES ($1, $2, $3)
		ON CONFLICT (mark) DO UPDATE SET until = excluded.until`, mark, agency, db.Micros(tx.Now.Add(OutsideFor)))
	return err
}

func outsideMark(s *staff.Session, id string) string { return s.Mark("contact outside own work", id) }

func sweepOutside(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, `DELETE FROM contact_outside WHERE until < $1`, db.Micros(tx.Now))
	return err
}
