package signin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// codePage asks who gave the right pass phrase for their second step.
func (f *Feature) codePage(w http.ResponseWriter, r *http.Request) error {
	next := onDesk(r.URL.Query().Get("next"))
	if staff.HalfwayToken(r) == "" {
		return web.Redirect(w, "/staff/signin?next="+next)
	}
	return f.pages.Render(w, r, http.StatusOK, "code", door{Next: next})
}

// code takes code and next: six digits, or a recovery code.
func (f *Feature) code(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin.Check(r); err != nil {
		return web.Redirect(w, "/staff/signin")
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	next := onDesk(form.Get("next"))
	var person staff.Person
	var pair *seal.Pair
	var right bool
	var token string
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		person, pair, right, err = staff.SecondStep(ctx, tx, staff.HalfwayToken(r), form.Get("code"))
		if err != nil || !right {
			return err // a wrong try is kept, to be counted
		}
		token, err = f.begin(ctx, tx, r, person, pair)
		return err
	})
	if errs.Is(err, errs.Unauthenticated) {
		staff.SetHalfwayCookie(w, r, f.Web.Demo, "")
		return f.pages.Render(w, r, http.StatusUnauthorized, "signin", door{Next: next, Wrong: f.words(r).T("signin.code.over")})
	}
	if err != nil {
		return err
	}
	if !right {
		return f.pages.Render(w, r, http.StatusUnauthorized, "code", door{Next: next, Wrong: f.words(r).T("signin.code.wrong")})
	}
	staff.SetHalfwayCookie(w, r, f.Web.Demo, "")
	staff.SetCookie(w, r, f.Web.Demo, token)
	return web.Redirect(w, next)
}
