package retention

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// holdsView is the supervisors' page: what is about to go, and what is kept.
type holdsView struct {
	Notices      []Due
	More         bool
	Holds        []Hold
	Names        map[string]string
	Plan         Plan
	Certificates []Certificate
}

func (f *Feature) showHolds(w http.ResponseWriter, r *http.Request) (err error) {
	ctx, v := r.Context(), holdsView{}
	if v.Notices, v.More, err = f.Notices(ctx, staff.From(ctx)); err != nil {
		return err
	}
	if v.Holds, err = f.Holds(ctx, staff.From(ctx), ""); err != nil {
		return err
	}
	if v.Names, err = f.names(ctx); err != nil {
		return err
	}
	if v.Plan, err = f.Plan(ctx); err != nil {
		return err
	}
	if v.Certificates, err = f.Certificates(ctx); err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "holds", v)
}

func (f *Feature) names(ctx context.Context) (names map[string]string, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		names, err = staff.Names(ctx, tx, f.Agency)
		return err
	})
	return names, err
}

// holdView is one contact: its holds, and a form for another.
type holdView struct {
	ID, Short string
	New       string // id of the hold that the form makes
	Holds     []Hold
	Names     map[string]string
	Form      url.Values
	Wrong     map[string]string
}

func (f *Feature) showHold(w http.ResponseWriter, r *http.Request) error {
	return f.holdPage(w, r, http.StatusOK, holdView{New: ids.New()})
}

func (f *Feature) holdPage(w http.ResponseWriter, r *http.Request, status int, v holdView) (err error) {
	ctx, s := r.Context(), staff.From(r.Context())
	v.ID = r.PathValue("id")
	v.Short = short(v.ID)
	if err := f.look(ctx, s, v.ID, string(staff.HoldRecords)); err != nil {
		return err
	}
	if v.Holds, err = f.Holds(ctx, s, v.ID); err != nil {
		return err
	}
	if v.Names, err = f.names(ctx); err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "hold", v)
}

// look lets pass who may open the contact, and leaves the entry that they look
// at what is here about it.
func (f *Feature) look(ctx context.Context, s *staff.Session, id, action string) error {
	var keys *keyring.Keys
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		keys, err = f.Keys(ctx, tx, s, id)
		return err
	})
	if err != nil {
		return err
	}
	return s.ReadOn(ctx, f.DB, audit.Entry{Action: action, Record: id, Tag: audit.TagOf(keys.Lineage())})
}

// saveHold holds a contact, or with hold=ID ends that hold.
func (f *Feature) saveHold(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	if lift := form.Get("hold"); lift != "" {
		err = f.Lift(ctx, s, id, lift, form.Get("reason"))
	} else {
		h := Hold{ID: form.Get("new"), Contact: id, Reason: form.Get("reason")}
		if h.Until, err = f.lastDay(form.Get("until")); err == nil {
			err = f.Hold(ctx, s, h)
		}
	}
	if err == nil {
		return web.Redirect(w, contactPath(id, "/hold"))
	}
	wrong, err := f.complaint(r, err)
	if err != nil {
		return err
	}
	v := holdView{New: form.Get("new"), Form: form, Wrong: wrong}
	if !ids.Valid(v.New) {
		v.New = ids.New()
	}
	return f.holdPage(w, r, http.StatusUnprocessableEntity, v)
}

// lastDay is the end of a day that somebody typed, zero for none.
func (f *Feature) lastDay(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, f.Web.Here())
	if err != nil {
		return t, errs.In("until", "retention.error.until")
	}
	return t.AddDate(0, 0, 1), nil
}
