package retention

import (
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// atOnce is how many records one step of a walk looks at.
const atOnce = 500

// walk looks at every record that some rule could touch before a moment.
func (f *Feature) walk(ctx context.Context, tx *db.Tx, t Terms, until time.Time, each func(Record, keeping) error) error {
	if t.shortest() == 0 {
		return nil
	}
	kept, err := keepingOf(ctx, tx, f.Agency)
	if err != nil {
		return err
	}
	before := until.Add(-days(t.shortest()))
	for after := ""; ; {
		list, err := f.Closed(ctx, tx, f.Agency, before, after, atOnce)
		if err != nil {
			return err
		}
		for _, r := range list {
			if err := each(r, kept[r.ID]); err != nil {
				return err
			}
		}
		if len(list) < atOnce {
			return nil
		}
		after = list[len(list)-1].ID
	}
}

// Line says of a rule how much of what it will delete when.
type Line struct {
	Rule
	Now  int // at the next run
	Soon int // within the notice
	Year int // within twelve months after that
	Held int // of all these, what a hold keeps
}

// Plan is what the rules will delete, as numbers. With terms of version 0 it is
// what the proposed rules would, if they were accepted now.
type Plan struct {
	Terms Terms
	At    time.Time
	Lines []Line
	Asked int // people who asked, and whose time has come at the next run
}

// Plan looks ahead. It opens nothing and deletes nothing.
func (f *Feature) Plan(ctx context.Context) (p Plan, err error) {
	defer errs.Wrap(&err, "retention.Plan")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		t, err := readTerms(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		if t.Version == 0 {
			t.since(Terms{}, tx.Now)
		}
		p = Plan{Terms: t, At: tx.Now}
		for _, r := range t.Rules {
			p.Lines = append(p.Lines, Line{Rule: r})
		}
		soon := tx.Now.Add(days(t.Notice))
		year := soon.AddDate(1, 0, 0)
		err = f.walk(ctx, tx, t, year, func(r Record, k keeping) error {
			if !r.Busy {
				for _, d := range t.planned(r, k) {
					p.add(d, soon, year)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		ready, err := ready(ctx, tx, f.Agency)
		p.Asked = len(ready)
		return err
	})
	return p, err
}

func (p *Plan) add(d Due, soon, year time.Time) {
	i := slices.IndexFunc(p.Lines, func(l Line) bool { return l.Kind == d.Kind && l.Part == d.Part })
	l := &p.Lines[i]
	switch {
	case !d.At.After(p.At):
		l.Now++
	case !d.At.After(soon):
		l.Soon++
	case !d.At.After(year):
		l.Year++
	default:
		return
	}
	if d.Held {
		l.Held++
	}
}

// mostNotices is how many lines the supervisors' list has.
const mostNotices = 200

// Notices are what will be deleted within the notice, the earliest first, and
// whether there is more than fits one page. What the colleague must not know of is
// left out.
func (f *Feature) Notices(ctx context.Context, s *staff.Session) (list []Due, more bool, err error) {
	defer errs.Wrap(&err, "retention.Notices")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all := []Due(nil)
		t, err := readTerms(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		soon := tx.Now.Add(days(t.Notice))
		err = f.walk(ctx, tx, t, soon, func(r Record, k keeping) error {
			for _, d := range t.dues(r, k) {
				if !d.At.After(soon) {
					all = append(all, d)
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		slices.SortStableFunc(all, func(a, b Due) int { return a.At.Compare(b.At) })
		list, err = f.known(ctx, tx, s, all)
		return err
	})
	if more = len(list) > mostNotices; more {
		list = list[:mostNotices]
	}
	return list, more, err
}

// known gives those of a list that the colleague may know of, as many as show that
// there is more than fits one page.
func (f *Feature) known(ctx context.Context, tx *db.Tx, s *staff.Session, all []Due) (list []Due, err error) {
	for _, d := range all {
		knows, err := f.knows(ctx, tx, s, d.ID)
		if err != nil {
			return nil, err
		}
		if knows {
			list = append(list, d)
		}
		if len(list) > mostNotices {
			break
		}
	}
	return list, nil
}

// knows says whether a colleague may know that a contact is there: they may open it,
// or could if they said why.
func (f *Feature) knows(ctx context.Context, tx *db.Tx, s *staff.Session, id string) (bool, error) {
	_, err := f.Keys(ctx, tx, s, id)
	if _, outside := staff.ReasonFor(err); outside {
		return true, nil
	}
	if errs.Is(err, errs.NotFound) {
		return false, nil
	}
	return err == nil, err
}
