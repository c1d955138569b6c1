package directory

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Source is where records are from, in the order of who goes before whom.
type Source struct {
	Number int // in the order, from 1
	Name   string
	Read   time.Time
	Placed bool // a curator has given it its place; else who had a record first goes before
}

// Sources are all that anything is from, first those that go before others.
func (f *Feature) Sources(ctx context.Context, agency string) (list []Source, err error) {
	defer errs.Wrap(&err, "directory.Sources")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err = orderedSources(ctx, tx, agency)
		return err
	})
	return list, err
}

func orderedSources(ctx context.Context, tx *db.Tx, agency string) ([]Source, error) {
	read, err := lastRead(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (s source, err error) {
		err = rows.Scan(&s.Name, &s.Place)
		return s, err
	}, `SELECT source, place FROM directory_source s WHERE agency = $1 AND (
			EXISTS (SELECT 1 FROM directory_record r WHERE r.agency = s.agency AND r.source = s.source)
			OR EXISTS (SELECT 1 FROM directory_said d WHERE d.agency = s.agency AND d.source = s.source)) ORDER BY source`, agency)
	slices.SortStableFunc(list, func(a, b source) int { return cmp.Compare(a.order(), b.order()) })
	out := make([]Source, len(list))
	for i, s := range list {
		out[i] = Source{Number: i + 1, Name: s.Name, Read: read[s.Name], Placed: s.Place > 0}
	}
	return out, err
}

// MoveSource lets a source go before the one that stands before it, or behind the
// next. All sources have a place from then on.
func (f *Feature) MoveSource(ctx context.Context, agency, name string, up bool) (err error) {
	defer errs.Wrap(&err, "directory.MoveSource")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := orderedSources(ctx, tx, agency)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(list, func(s Source) bool { return s.Name == name })
		if at < 0 {
			return errs.New(errs.NotFound, "", nil)
		}
		to := min(at+1, len(list)-1)
		if up {
			to = max(at-1, 0)
		}
		list[at], list[to] = list[to], list[at]
		for i, s := range list {
			if _, err := tx.Exec(ctx, `UPDATE directory_source SET place = $3 WHERE agency = $1 AND source = $2`, agency, s.Name, i+1); err != nil {
				return err
			}
		}
		return f.log(ctx, tx, agency, staff.EditDirectory, "")
	})
	if err != nil {
		return err
	}
	return f.weighAgain(context.WithoutCancel(ctx), agency) // who asked may not wait for all of it
}

// weighAgain is weighAll in many transactions, so that nobody waits long.
func (f *Feature) weighAgain(ctx context.Context, agency string) error {
	var last, next stored
	for more := true; more; {
		err := f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			list, err := several(ctx, tx, agency, last.kind, last.id, together)
			if more = len(list) > 0; err != nil || !more {
				return err
			}
			for _, s := range list {
				if err := f.weigh(ctx, tx, agency, s.kind, s.id); err != nil {
					return err
				}
			}
			next = list[len(list)-1]
			return f.touch(ctx, tx, agency)
		})
		if err != nil {
			return err
		}
		last = next
	}
	return nil
}
