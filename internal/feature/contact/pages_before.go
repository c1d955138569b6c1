package contact

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// beforeView is the pane with other contacts that name the same.
type beforeView struct {
	Before
	ID            string // of the contact that is open
	List          []earlierView
	Reason, Error string // as typed, and a word key
}

// earlierView is another contact as the page shows it.
type earlierView struct {
	Earlier
	Taker string // a colleague's name
}

// Short names the contact where people speak of it.
func (e earlierView) Short() string { return short(e.ID) }

// beforeView fills the pane if it is shown; else it says only whether there is
// anything to show.
func (f *Feature) beforeView(ctx context.Context, s *staff.Session, c Contact, shown bool, failed *beforeView) (v beforeView, err error) {
	if failed != nil {
		v = *failed
	}
	v.ID = c.ID
	if v.Before, err = f.Before(ctx, s, c.ID); err != nil || !shown {
		return v, err
	}
	if err := f.showing(ctx, s, v.Before, v.Before.List); err != nil {
		return v, err
	}
	var names map[string]string
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		names, err = staff.Names(ctx, tx, s.Person.Agency)
		return err
	})
	for _, e := range v.Before.List {
		v.List = append(v.List, earlierView{e, names[e.TakenBy]})
	}
	return v, err
}

// postApart tells a contact apart from another (other=…) or from all that name
// the same, with a reason.
func (f *Feature) postApart(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.Apart(r.Context(), staff.From(r.Context()), id, form.Get("other"), form.Get("reason"))
	if about(err) || errs.Is(err, errs.Unavailable) {
		e := errs.Of(err)
		return f.contactPage(w, r, e.Kind.Status(), pageChange{show: "before", before: &beforeView{Reason: form.Get("reason"), Error: e.Word}})
	}
	if err != nil {
		return f.kept(w, r, err, form.Get("reason"))
	}
	return web.Redirect(w, "/staff/contacts/"+id+"?show=before")
}
