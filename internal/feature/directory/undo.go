package directory

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Undo takes an edit or a check of a service back, or a choice among what sources
// say of a service or an organization. It gives errs.Conflict if what was written has
// been changed since: then that has to be taken back first.
func (f *Feature) Undo(ctx context.Context, agency, service, event string) (err error) {
	defer errs.Wrap(&err, "directory.Undo")
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		e, err := oneEvent(ctx, tx, agency, service, event)
		if err != nil {
			return err
		}
		if e.Action == verified {
			return f.undoCheck(ctx, tx, agency, e)
		}
		if err := f.undoEdit(ctx, tx, agency, e); err != nil {
			return err
		}
		return f.touch(ctx, tx, agency)
	})
}

func (f *Feature) undoEdit(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	detail, err := parse(e.Detail)
	if err != nil {
		return err
	}
	kind := first(str(detail, "kind"), entService)
	before, _ := detail["before"].(Object)
	after, _ := detail["after"].(Object)
	o, over, err := curated(ctx, tx, agency, kind, e.Service)
	if err != nil {
		return err
	}
	same := true
	for k, v := range after {
		if !equal(o[k], v) {
			return errs.New(errs.Conflict, "directory.undo.changed", errors.New("what the edit wrote has changed since"))
		}
		same = same && equal(before[k], v)
		own(over, k)
		over[k] = before[k]
		switch laid, known := detail["over"].(Object); {
		case known && laid[k] == nil: // a source said it: it stands again, as that source has it now
			delete(over, k)
		case before[k] == nil:
			over[k] = []any{}
		}
	}
	if err := f.log(ctx, tx, agency, staff.EditDirectory, e.Service); err != nil {
		return err
	}
	if err := setOverlay(ctx, tx, agency, kind, e.Service, over); err != nil {
		return err
	}
	if !same {
		if _, err := f.resetCheck(ctx, tx, agency, e.Service, ""); err != nil {
			return err
		}
	}
	followed, _ := detail["followed"].(Object)
	if err := unfollow(ctx, tx, agency, e.Service, followed); err != nil {
		return err
	}
	back := Event{Service: e.Service, Action: "undone", Detail: changeDetail(after, before)}
	if e.Action == chosen {
		back.Detail = "" // to choose again is plainer than to take this back, too
	}
	if err := addHistory(ctx, tx, agency, back.of(ctx)); err != nil {
		return err
	}
	return f.weigh(ctx, tx, agency, kind, e.Service)
}

// checkDetail keeps with a check the one that it replaces.
func checkDetail(before *Verification) string {
	if before == nil {
		return ""
	}
	return string(canonical(Object{"check": Object{
		"by": before.By, "how": before.How, "checked": before.Checked.UTC().Format(time.RFC3339Nano),
		"due": before.Due.UTC().Format(time.RFC3339Nano), "hide": before.Hide.UTC().Format(time.RFC3339Nano), "chosen": before.Chosen,
	}}))
}

// undoCheck brings back the check before this one, or that there was none.
func (f *Feature) undoCheck(ctx context.Context, tx *db.Tx, agency string, e Event) error {
	events, err := history(ctx, tx, agency, e.Service)
	if err != nil {
		return err
	}
	if lastCheck(events) != e.ID {
		return errs.New(errs.Conflict, "directory.undo.changed", errors.New("the service was checked or changed since"))
	}
	if err := f.log(ctx, tx, agency, staff.VerifyDirectory, e.Service); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM directory_check WHERE agency = $1 AND service = $2`, agency, e.Service); err != nil {
		return err
	}
	v, err := checkBefore(e.Detail)
	if err != nil {
		return err
	}
	if v != nil && !v.Chosen {
		err = redateOne(ctx, tx, agency, e.Service, v)
	}
	if err != nil {
		return err
	}
	if v != nil {
		err = putCheck(ctx, tx, agency, e.Service, v)
	} else {
		err = noteChange(ctx, tx, agency, changedCheck, e.Service)
	}
	if err != nil {
		return err
	}
	if err := addHistory(ctx, tx, agency, Event{Service: e.Service, Action: "undone"}.of(ctx)); err != nil {
		return err
	}
	return f.touch(ctx, tx, agency)
}

// checkBefore reads what checkDetail wrote; nil if there was no check.
func checkBefore(detail string) (*Verification, error) {
	if detail == "" {
		return nil, nil //nolint:nilnil // no check is no error
	}
	o, err := parse(detail)
	if err != nil {
		return nil, err
	}
	was, _ := o["check"].(Object)
	v := &Verification{By: str(was, "by"), How: str(was, "how"), Chosen: was["chosen"] == true}
	for field, to := range map[string]*time.Time{"checked": &v.Checked, "due": &v.Due, "hide": &v.Hide} {
		if *to, err = time.Parse(time.RFC3339Nano, str(was, field)); err != nil {
			return nil, err
		}
	}
	return v, nil
}

// lastCheck is the check that may be taken back: the newest event, but for
// calls that reached nobody. "" if something else has happened since.
func lastCheck(events []Event) string {
	for _, e := range events {
		switch e.Action {
		case verified:
			return e.ID
		case missed, "invited":
		default:
			return ""
		}
	}
	return ""
}

// undoable are the events that say what was before.
func (e Event) undoable() bool {
	return e.Detail != "" && (e.Action == "edited" || e.Action == "capacity" || e.Action == "undone" || e.Action == chosen)
}

func oneEvent(ctx context.Context, tx *db.Tx, agency, service, event string) (Event, error) {
	events, err := history(ctx, tx, agency, service)
	if err != nil {
		return Event{}, err
	}
	for _, e := range events {
		if e.ID == event && (e.Action == verified || e.undoable()) {
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
