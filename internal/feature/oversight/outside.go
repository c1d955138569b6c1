package oversight

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// outsideView is what was opened outside own work.
type outsideView struct {
	Waits bool
	Lines []line
	Next  string
}

// outsideShown is how many the floor shows.
const outsideShown = 3

// showOutside is who opened which contact outside their own work, and why, the
// newest first: GET /staff/outside?before=N.
func (f *Feature) showOutside(w http.ResponseWriter, r *http.Request) error {
	v, err := f.outside(r, beginning(r.URL.Query()))
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "outside", v)
}

// showOutsideNow is the latest of them, for the floor.
func (f *Feature) showOutsideNow(w http.ResponseWriter, r *http.Request) error {
	v, err := f.outside(r, audit.Newest)
	if err != nil {
		return err
	}
	v.Lines, v.Next = v.Lines[:min(len(v.Lines), outsideShown)], ""
	return f.pages.Part(w, r, "outside", "outsidenow", v)
}

func (f *Feature) outside(r *http.Request, before int64) (v outsideView, err error) {
	s, p := staff.From(r.Context()), f.words(r)
	if err := audit.Sequence(r.Context(), f.DB, f.Agency); err != nil && !errors.Is(err, audit.ErrDamaged) {
		return v, err
	}
	err = f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		c, err := readCast(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		reader, err := audit.Open(ctx, tx, f.Agency, s.Person.ID, s.Pair)
		if errs.Is(err, errs.NotFound) {
			v.Waits = true
			return nil
		}
		if err != nil {
			return err
		}
		list, next, err := scan(ctx, tx, reader, before, opensOutside)
		if err != nil {
			return err
		}
		v.Lines = nil
		for _, e := range list {
			told, err := f.told(ctx, tx, s.Person, e.Record)
			if err != nil {
				return err
			}
			if told {
				v.Lines = append(v.Lines, c.line(p, e))
			}
		}
		if next > 0 {
			v.Next = "/staff/outside?before=" + strconv.FormatInt(next, 10)
		}
		return nil
	})
	return v, err
}

// told says whether somebody is told that a contact was opened. Who reads the whole
// log is told of all; a supervisor not of what a group has that they are not in, nor
// of what was deleted: nobody knows any more whose that was.
func (f *Feature) told(ctx context.Context, tx *db.Tx, p staff.Person, id string) (bool, error) {
	if p.Role.May(staff.ReadAudit) {
		return true, nil
	}
	return f.Sees(ctx, tx, p, id)
}
