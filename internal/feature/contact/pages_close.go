package contact

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// prefilled is what wrapping up can be shown from what is already known. The
// advocate sees and confirms each before it counts.
func (f *Feature) prefilled(c Contact) Record {
	r := c.Record
	if r.Substantive == "" {
		r.Substantive = "yes"
	}
	if r.Proximity == "" {
		r.Proximity = map[string]string{"self": "own_experience", "professional": "works_with_person"}[r.Contactor]
	}
	if r.Region != "" {
		return r
	}
	return f.settle(Record{}, r)
}

// postClose finishes the contact and gives its advocate time: nobody goes
// from one contact into the next without saying that they are ready.
func (f *Feature) postClose(w http.ResponseWriter, r *http.Request) error {
	ctx, s, id := r.Context(), staff.From(r.Context()), r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, err := f.look(ctx, s, id)
	if err != nil {
		return f.kept(w, r, err, form.Get("summary"))
	}
	rec, wrong := f.changed(form, c.Record)
	for _, field := range rec.Missing() {
		if wrong[field] == "" {
			wrong[field] = "contact.error.missing"
		}
	}
	if len(wrong) == 0 {
		err = f.Close(ctx, s, id, rec)
		if err != nil && !about(err) && !errs.Is(err, errs.Conflict) {
			return f.kept(w, r, err, form.Get("summary"))
		}
		if err != nil {
			fieldError(err, wrong)
		}
	}
	if len(wrong) > 0 {
		v := recordView{frame: f.frame(r), ID: id, R: rec, Errors: wrong, Active: c.State == Active}
		if fromScript(r) {
			return f.pages.Part(w, r, "contact", "wrap", v)
		}
		change := pageChange{show: "wrap", record: &v, wrong: wrong[""]}
		if !v.Active {
			change.show = "record" // which keeps in view what was typed
		}
		return f.contactPage(w, r, http.StatusUnprocessableEntity, change)
	}
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return s.SetPresence(ctx, tx, staff.WrapUp)
	})
	if err != nil {
		return err
	}
	to := "/staff/queue?after=usual"
	if hard(c, rec) {
		to = "/staff/queue?after=hard"
	}
	if fromScript(r) {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Redirect(w, to)
}

// hard says that a contact may stay with whoever answered it.
func hard(c Contact, rec Record) bool {
	return c.Severity == SeverityCrisis || rec.Danger == Yes || rec.AgeGroup == "child" ||
		rec.RequestType == Crisis || rec.RequestType == HighRisk
}
