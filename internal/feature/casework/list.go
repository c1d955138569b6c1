package casework

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// pageSize is how many referrals one page of the list shows.
const pageSize = 50

// List is one page of referrals.
type List struct {
	Lines []Line
	Names map[string]string
	Next  string // where the next page begins; empty on the last
}

// Filters of the list beside the states.
const (
	AllOpen Step = "open" // something is still to be done; what is due first
	AllOver Step = "over" // nothing is; the newest month first
)

// Filters are all that a list can be asked for, in the order of their links.
var Filters = []Step{AllOpen, Offered, Sent, Accepted, Declined, AllOver, Ended, Withdrawn, Given}

// Referrals lists the referrals that a colleague follows, for a supervisor
// all. after is the Next of the page before. What the colleague may not open
// is left out, so a page can be short.
func (f *Feature) Referrals(ctx context.Context, s *staff.Session, filter Step, after string) (list List, err error) {
	defer errs.Wrap(&err, "casework.Referrals")
	if !slices.Contains(Filters, filter) {
		return list, errs.In("state", "casework.error.choice")
	}
	query, args := listQuery(s, filter, after)
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := rowsOf(ctx, tx, query, args...)
		if err != nil {
			return err
		}
		if len(rows) > pageSize {
			rows = rows[:pageSize]
			list.Next = cursor(rows[pageSize-1])
		}
		if list.Lines, err = f.openable(ctx, tx, s, rows); err != nil {
			return err
		}
		list.Names, err = staff.Names(ctx, tx, s.Person.Agency)
		return err
	})
	if err != nil {
		return List{}, err
	}
	return list, s.Read(ctx, f.DB, audit.Entry{Action: string(staff.ListReferral)})
}

// openable gives the lines of the rows that the colleague may open. One that
// does not open though it should is shown as such: it must not hide the others.
func (f *Feature) openable(ctx context.Context, tx *db.Tx, s *staff.Session, rows []row) (lines []Line, err error) {
	for _, r := range rows {
		_, keys, err := f.access(ctx, tx, s, staff.ListReferral, r.ID)
		if errs.Is(err, errs.NotFound) {
			continue
		}
		var l Line
		if err == nil {
			l, err = lineOf(ctx, tx, r, keys)
		}
		if errors.Is(err, seal.ErrSealed) {
			l, err = Line{ID: r.ID, Contact: r.Contact, State: r.State, Staff: r.Staff, Broken: true}, nil
		}
		if err != nil {
			return nil, err
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// listsAll says whether somebody's list is of everybody's referrals.
func listsAll(p staff.Person) bool {
	return staff.Can(p, staff.ListReferral, staff.Object{Agency: p.Agency, Held: true, With: "a colleague"}) == staff.Yes
}

// listQuery is the SQL of one page: a run of an index, forwards or backwards.
func listQuery(s *staff.Session, filter Step, after string) (string, []any) {
	where, args := []string{`agency = $1`}, []any{s.Person.Agency}
	and := func(condition string, value any) {
		args = append(args, value)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if !listsAll(s.Person) {
		and(`staff = ?`, s.Person.ID)
	}
	forwards := filter == AllOpen || open(filter)
	and(`open = ?`, forwards)
	if filter != AllOpen && filter != AllOver {
		and(`state = ?`, string(filter))
	}
	order, beyond := ``, `>`
	if !forwards {
		order, beyond = ` DESC`, `<`
	}
	if due, id, ok := parseCursor(after); ok {
		args = append(args, due, id)
		d, i := "$"+strconv.Itoa(len(args)-1), "$"+strconv.Itoa(len(args))
		where = append(where, `(due `+beyond+` `+d+` OR due = `+d+` AND id `+beyond+` `+i+`)`)
	}
	return `SELECT ` + rowColumns + ` FROM referrals WHERE ` + strings.Join(where, ` AND `) +
		` ORDER BY due` + order + `, id` + order + ` LIMIT ` + strconv.Itoa(pageSize+1), args
}

// cursor is where a page ended: a day and an id.
func cursor(r row) string { return strconv.FormatInt(db.Micros(r.Due), 36) + "-" + r.ID }

func parseCursor(s string) (due int64, id string, ok bool) {
	day, id, _ := strings.Cut(s, "-")
	due, err := strconv.ParseInt(day, 36, 64)
	return due, id, err == nil && len(id) == 26 && !strings.ContainsFunc(id, func(r rune) bool { return r > 'z' || r < '2' })
}

func sortNewest(lines []Line) {
	slices.SortStableFunc(lines, func(a, b Line) int { return b.At.Compare(a.At) })
}

// Late says whether a referral should have been looked at before now.
func (l Line) Late(now time.Time) bool { return !l.Due.IsZero() && l.Due.Before(now) }
