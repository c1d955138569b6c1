package signin

import (
	"context"
	"errors"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// sameOrigin guards the sign-in, which is public and sets a cookie: no other
// site may sign somebody in as somebody else.
var sameOrigin = http.NewCrossOriginProtection()

// door is what the sign-in and unlock pages show.
type door struct {
	Name, Next, Wrong string
	Provider          string // on the button that leads to it
}

// showDoor shows the sign-in page.
func (f *Feature) showDoor(w http.ResponseWriter, r *http.Request, status int, d door) error {
	d.Provider = f.providerName()
	return f.pages.Render(w, r, status, "signin", d)
}

func (f *Feature) signInPage(w http.ResponseWriter, r *http.Request) error {
	if s, err := staff.Current(r, f.DB); err == nil && !s.Locked() {
		return web.Redirect(w, onDesk(r.URL.Query().Get("next")))
	}
	return f.showDoor(w, r, http.StatusOK, door{Next: onDesk(r.URL.Query().Get("next"))})
}

// signIn takes name, passphrase and next.
func (f *Feature) signIn(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin.Check(r); err != nil {
		// Another site, or a browser that says nothing of itself because the line
		// is not safe: then the cookie would not come back either.
		return f.showDoor(w, r, http.StatusForbidden, door{Next: "/staff/", Wrong: f.words(r).T("signin.https")})
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	name, next := text.Line(form.Get("name")), onDesk(form.Get("next"))
	person, pair, err := staff.UnlockAtDoor(r.Context(), f.DB, f.Agency, name, form.Get("passphrase"), staff.BrowserToken(r))
	if errs.Is(err, errs.Unauthenticated) {
		return f.refused(w, r, name, next)
	}
	if err != nil {
		return err
	}
	err = f.enter(w, r, person, pair, staff.WithPassphrase)
	if errs.Is(err, errs.Unauthenticated) { // changed or closed while the pass phrase was tried
		return f.refused(w, r, name, next)
	}
	return f.entered(w, r, next, err)
}

// entered answers who gave the right pass phrase.
func (f *Feature) entered(w http.ResponseWriter, r *http.Request, next string, err error) error {
	switch {
	case errors.Is(err, errHalfway):
		return web.Redirect(w, "/staff/signin/code?next="+next)
	case errors.Is(err, errNeedsPasskey):
		return f.showDoor(w, r, http.StatusUnauthorized, door{Next: next, Wrong: f.words(r).T("signin.passkey.must")})
	case err != nil:
		return err
	}
	return web.Redirect(w, next)
}

var (
	// errHalfway says that the second step is still to come.
	errHalfway = errors.New("signin: half way in")
	// errNeedsPasskey says that the role must have two steps, and that the account's only
	// second one is a passkey.
	errNeedsPasskey = errors.New("signin: a passkey is needed")
)

// enter begins a session for somebody whose key is open, and sets its cookies. Where
// the account has a second step it begins the way there instead: errHalfway. way is
// what was given besides the pass phrase.
func (f *Feature) enter(w http.ResponseWriter, r *http.Request, person staff.Person, pair *seal.Pair, way staff.Way) error {
	var token string
	var begun session
	var halfway bool
	err := f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		second, err := staff.ReadSecond(ctx, tx, person)
		if err != nil {
			return err
		}
		if way == staff.WithIdentity {
			if err := takeProof(ctx, tx, r, person); err != nil {
				return err
			}
		}
		if !second.On && second.Must && second.Passkeys {
			return errNeedsPasskey // else a second step could be set up by whoever has only the pass phrase
		}
		if halfway = second.On && !(way == staff.WithIdentity && second.Identity); halfway {
			token, err = staff.Halfway(ctx, tx, person, pair)
			return err
		}
		begun, err = f.begin(ctx, tx, r, person, pair, way)
		return err
	})
	if err != nil {
		return err
	}
	if halfway {
		staff.SetHalfwayCookie(w, r, f.Web.Demo, token)
		return errHalfway
	}
	f.setCookies(w, r, begun)
	return nil
}

// session is what a browser is given that has begun one.
type session struct{ token, browser string }

// begin makes the session. One that this browser had before ends: two people at one
// screen do not hold two keys.
func (f *Feature) begin(ctx context.Context, tx *db.Tx, r *http.Request, person staff.Person, pair *seal.Pair, way staff.Way) (s session, err error) {
	if old, err := staff.Find(ctx, tx, staff.Token(r)); err == nil {
		if err := old.SignOut(ctx, tx); err != nil {
			return s, err
		}
	}
	f.Hub.Publish(tx, peopleTopic(f.Agency))
	if s.token, err = staff.SignInWith(ctx, tx, person, pair, browserOf(r), way); err != nil {
		return s, err
	}
	s.browser, err = person.RememberBrowser(ctx, tx, staff.BrowserToken(r))
	return s, err
}

func (f *Feature) setCookies(w http.ResponseWriter, r *http.Request, s session) {
	staff.SetCookie(w, r, f.Web.Demo, s.token)
	staff.SetBrowserCookie(w, r, f.Web.Demo, s.browser)
}

// refused shows the door again. It says the same whatever was wrong.
func (f *Feature) refused(w http.ResponseWriter, r *http.Request, name, next string) error {
	return f.showDoor(w, r, http.StatusUnauthorized, door{Name: text.Cut(name, 100), Next: next, Wrong: f.words(r).T("staff.error.signin")})
}

func (f *Feature) unlockPage(w http.ResponseWriter, r *http.Request) error {
	s, next := staff.From(r.Context()), onDesk(r.URL.Query().Get("next"))
	if !s.Locked() {
		return web.Redirect(w, next)
	}
	return f.pages.Render(w, r, http.StatusOK, "unlock", door{Name: s.Name(), Next: next})
}

// unlock takes passphrase and next. It opens only the account whose session
// it is.
func (f *Feature) unlock(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	next := onDesk(form.Get("next"))
	pair, err := s.Unlock(r.Context(), f.DB, form.Get("passphrase"))
	if errs.Is(err, errs.Unauthenticated) {
		return f.pages.Render(w, r, http.StatusUnauthorized, "unlock", door{Name: s.Name(), Next: next, Wrong: f.words(r).T("signin.unlock.wrong")})
	}
	if err != nil {
		return err
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := f.back(ctx, tx, s); err != nil {
			return err
		}
		return s.Resume(ctx, tx, staff.Token(r), pair)
	})
	if errs.Is(err, errs.Unauthenticated) { // changed or closed while the pass phrase was tried
		return web.Redirect(w, "/staff/signin")
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, next)
}

// back says that somebody is at their screen again.
func (f *Feature) back(ctx context.Context, tx *db.Tx, s *staff.Session) error {
	f.Hub.Publish(tx, peopleTopic(f.Agency))
	if s.Presence == staff.Away { // which is what the idle lock made of it
		return s.SetPresence(ctx, tx, staff.Ready)
	}
	return nil
}

// lock drops the key. A page whose person went away calls it by itself.
func (f *Feature) lock(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil && !errs.Is(err, errs.Unsupported) && !errs.Is(err, errs.Invalid) {
		return err
	}
	var token string
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = s.Lock(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	staff.SetCookie(w, r, f.Web.Demo, token)
	if r.Header.Get("X-Background") != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Redirect(w, "/staff/unlock?next="+onDesk(form.Get("back")))
}

func (f *Feature) signOut(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	err := f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.Hub.Publish(tx, peopleTopic(f.Agency))
		return s.SignOut(ctx, tx)
	})
	if err != nil {
		return err
	}
	staff.SetCookie(w, r, f.Web.Demo, "")
	w.Header().Set("Clear-Site-Data", `"cache"`)
	return web.Redirect(w, "/staff/signin")
}

// here is a page's word that somebody types or reads: the guard has noted
// the deed.
func here(w http.ResponseWriter, _ *http.Request) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// browserOf is the family of a colleague's browser, for their own list of devices.
func browserOf(r *http.Request) string { return staff.BrowserOf(r.UserAgent()) }
