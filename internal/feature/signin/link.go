package signin

import (
	"context"
	"errors"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/oidc"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// linkPage is where somebody links their account at the provider to the one here.
type linkPage struct {
	staff.Identity
	Provider, Wrong string
	Again           string // what is wrong with the pass phrase
}

func (f *Feature) identityPage(w http.ResponseWriter, r *http.Request) error {
	return f.showLink(w, r, http.StatusOK, linkPage{})
}

func (f *Feature) showLink(w http.ResponseWriter, r *http.Request, status int, page linkPage) error {
	if f.Provider == nil {
		return errNoProvider
	}
	page.Provider = f.providerName()
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		page.Identity, err = staff.ReadIdentity(ctx, tx, staff.From(r.Context()).Person)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "identity", page)
}

// askToLink sends who is signed in to the provider.
func (f *Feature) askToLink(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	err := f.toProvider(w, r, asked{Next: "/staff/identity", Link: staff.From(r.Context()).Person.ID})
	if errors.Is(err, oidc.ErrUnreachable) {
		return f.showLink(w, r, http.StatusServiceUnavailable, linkPage{Wrong: f.providerWrong(r, err)})
	}
	return err
}

// link takes passphrase: the link stands in for a code where the administrator lets it,
// so whoever came to an open screen must not make one.
func (f *Feature) link(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	p, _, err := f.readProof(r)
	if errs.Is(err, errs.Unauthenticated) || err == nil && (!p.Link || p.Staff != s.Person.ID) {
		return f.showLink(w, r, http.StatusUnprocessableEntity, linkPage{Wrong: f.words(r).T("signin.identity.late", "name", f.providerName())})
	}
	if err != nil {
		return err
	}
	_, err = s.Unlock(r.Context(), f.DB, form.Get("passphrase"))
	if errs.Is(err, errs.Unauthenticated) {
		return f.pages.Render(w, r, http.StatusUnprocessableEntity, "identified",
			greeting{Name: s.Name(), Next: p.Next, Provider: f.providerName(), Link: true, Wrong: f.words(r).T("signin.unlock.wrong")})
	}
	if err != nil {
		return err
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := staff.TakeChallenge(ctx, tx, f.Agency, forProof, staff.ProofToken(r), &p); err != nil {
			return err
		}
		return s.LinkIdentity(ctx, tx, p.Marks)
	})
	staff.SetProofCookie(w, r, f.Web.Demo, "")
	if err != nil {
		wrong, err := f.complaint(r, err)
		if err != nil {
			return err
		}
		return f.showLink(w, r, http.StatusUnprocessableEntity, linkPage{Wrong: wrong[""]})
	}
	return web.Redirect(w, "/staff/identity")
}

// unlink takes passphrase, as link does.
func (f *Feature) unlink(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err = f.again(r, form); err == nil {
		err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
			return staff.From(r.Context()).EndIdentity(ctx, tx)
		})
	}
	if err != nil {
		wrong, err := f.complaint(r, err)
		if err != nil {
			return err
		}
		return f.showLink(w, r, http.StatusUnprocessableEntity, linkPage{Wrong: wrong[""], Again: wrong["passphrase"]})
	}
	return web.Redirect(w, "/staff/identity")
}
