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
	var right bool
	var begun session
	done, err := staff.WaitForSecondStep(r.Context(), f.DB, staff.HalfwayToken(r), staff.BrowserToken(r))
	if errs.Is(err, errs.Unauthenticated) {
		return f.codeOver(w, r, next)
	}
	if err != nil {
		return err
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		var person staff.Person
		var pair *seal.Pair
		person, pair, right, err = staff.SecondStep(ctx, tx, staff.HalfwayToken(r), form.Get("code"))
		if err != nil || !right {
			return err // a wrong try is kept, to be counted
		}
		begun, err = f.begin(ctx, tx, r, person, pair, staff.WithCode)
		return err
	})
	if errs.Is(err, errs.Unauthenticated) {
		return f.codeOver(w, r, next)
	}
	if err != nil {
		return err
	}
	if done(right); !right {
		return f.pages.Render(w, r, http.StatusUnauthorized, "code", door{Next: next, Wrong: f.words(r).T("signin.code.wrong")})
	}
	staff.SetHalfwayCookie(w, r, f.Web.Demo, "")
	f.setCookies(w, r, begun)
	return web.Redirect(w, next)
}

// codeOver shows the first step again to who took too long or too many tries.
func (f *Feature) codeOver(w http.ResponseWriter, r *http.Request, next string) error {
	staff.SetHalfwayCookie(w, r, f.Web.Demo, "")
	return f.showDoor(w, r, http.StatusUnauthorized, door{Next: next, Wrong: f.words(r).T("signin.code.over")})
}
