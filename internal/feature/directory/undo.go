package directory

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Undo takes an edit of a service back. It gives errs.Conflict if what the edit
// wrote has been changed since: then that has to be taken back first.
func (f *Feature) Undo(ctx context.Context, agency, service, event string) (err error) {
	defer errs.Wrap(&err, "directory.Undo")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := oneEvent(ctx, tx, agency, service, event)
		if err != nil {
			return err
		}
		detail, err := parse(e.Detail)
		if err != nil {
			return err
		}
		before, _ := detail["before"].(Object)
		after, _ := detail["after"].(Object)
		s, err := oneRecord(ctx, tx, agency, entService, service)
		if err != nil {
			return err
		}
		o, err := s.object()
		if err != nil {
			return err
		}
		over := Object{}
		if s.overlay != "" {
			if over, err = parse(s.overlay); err != nil {
				return err
			}
		}
		for k, v := range after {
			if !equal(o[k], v) {
				return errs.New(errs.Conflict, "directory.undo.changed", errors.New("what the edit wrote has changed since"))
			}
			over[k] = before[k]
			if before[k] == nil {
				over[k] = []any{}
			}
		}
		if err := f.log(ctx, tx, agency, staff.EditDirectory, service); err != nil {
			return err
		}
		if err := setOverlay(ctx, tx, agency, entService, service, over); err != nil {
			return err
		}
		if _, err := f.resetCheck(ctx, tx, agency, service, ""); err != nil {
			return err
		}
		back := Event{Service: service, Action: "undone", Detail: string(canonical(Object{"before": after, "after": before}))}
		if who := staff.From(ctx); who != nil {
			back.By, back.Staff = who.Person.Name, who.Person.ID
		}
		if err := addHistory(ctx, tx, agency, back); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

// undoable are the events that say what was before.
func (e Event) undoable() bool {
	return e.Detail != "" && (e.Action == "edited" || e.Action == "capacity" || e.Action == "undone")
}

func oneEvent(ctx context.Context, tx *db.Tx, agency, service, event string) (Event, error) {
	events, err := history(ctx, tx, agency, service)
	if err != nil {
		return Event{}, err
	}
	for _, e := range events {
		if e.ID == event && e.undoable() {
			return e, nil
		}
	}
	return Event{}, errs.New(errs.NotFound, "", nil)
}

func (f *Feature) postUndo(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = f.Undo(r.Context(), staff.From(r.Context()).Person.Agency, id, form.Get("event"))
	if e := errs.Of(err); err != nil && e.Kind == errs.Conflict {
		return f.service(w, r, form, errs.In("history", e.Word))
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(id)+"#history")
}
