package signin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// passphrasePage is where somebody changes their own pass phrase, and where
// who was given one has to begin.
type passphrasePage struct {
	Fresh, Done bool
	Wrong       map[string]string // in words
}

func (f *Feature) passphrasePage(w http.ResponseWriter, r *http.Request) error {
	return f.pages.Render(w, r, http.StatusOK, "passphrase", passphrasePage{Fresh: staff.From(r.Context()).Person.Fresh})
}

// changePassphrase takes old, passphrase and again.
func (f *Feature) changePassphrase(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	err = f.change(r.Context(), s, staff.Token(r), form.Get("old"), form.Get("passphrase"), form.Get("again"))
	if errs.Is(err, errs.Unauthenticated) {
		err = errs.In("old", "signin.unlock.wrong")
	}
	if err == nil {
		return f.pages.Render(w, r, http.StatusOK, "passphrase", passphrasePage{Done: true})
	}
	wrong, err := f.complaint(r, err)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusUnprocessableEntity, "passphrase", passphrasePage{Fresh: s.Person.Fresh, Wrong: wrong})
}

func (f *Feature) change(ctx context.Context, s *staff.Session, token, old, passphrase, again string) error {
	if passphrase != again {
		return errs.In("again", "signin.change.differs")
	}
	var known []string
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		known, err = f.Known(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	change, err := s.PrepareChange(ctx, f.DB, old, passphrase, known...)
	if err != nil {
		return err
	}
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		f.Hub.Publish(tx, peopleTopic(f.Agency))
		return change.Save(ctx, tx, s, token)
	})
}
