package staff

import (
	"context"
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Watch marks a route's pattern as one that a page calls by itself: it is no
// deed, and it works while the screen is locked, because it says only that
// something has come.
const Watch web.Access = "desk.watch"

// Guard lets requests of the desk pass. Who is not signed in goes to the
// sign-in page; whose screen is locked, to the one that unlocks it; whose
// role does not allow it learns only that there is no such page. present, where
// given, meets each colleague whose key is open and who does something; see
// StillUnlocked.
func Guard(d *db.DB, present func(context.Context, *Session)) func(http.ResponseWriter, *http.Request, web.Access) (*http.Request, error) {
	return func(w http.ResponseWriter, r *http.Request, need web.Access) (*http.Request, error) {
		s, err := Current(r, d)
		if errs.Is(err, errs.Unauthenticated) {
			return nil, away(w, r, "/staff/signin")
		}
		if err != nil {
			return nil, err
		}
		r = web.WithLang(r.WithContext(web.WithViewer(r.Context(), s)), s.Person.Language)
		if need == Watch {
			return r, nil
		}
		if s.Locked() {
			return nil, away(w, r, "/staff/unlock")
		}
		if s.Person.Fresh && need != ChangePassphrase {
			return nil, away(w, r, "/staff/passphrase")
		}
		if s.Bare && need != ChangePassphrase {
			return nil, away(w, r, "/staff/second")
		}
		if !s.May(need) {
			return r, errs.New(errs.NotFound, "", nil)
		}
		if present != nil && !s.Person.Fresh && !s.Bare {
			present(r.Context(), s)
		}
		if background(r) {
			return r, nil
		}
		return r, s.Touch(r.Context(), d)
	}
}

// Current gives the session that a request's cookie names.
func Current(r *http.Request, d *db.DB) (s *Session, err error) {
	err = d.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		s, err = Find(ctx, tx, Token(r))
		return err
	})
	return s, err
}

// background says that a page asked by itself, as its scripts declare.
func background(r *http.Request) bool { return r.Header.Get("X-Background") != "" }

// away sends a page to where it can go on from, and tells a script to go there.
func away(w http.ResponseWriter, r *http.Request, to string) error {
	if r.Method == http.MethodGet && r.Header.Get("HX-Request") == "" {
		to += "?next=" + url.QueryEscape(r.URL.Path)
	}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Redirect", to)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Redirect(w, to)
}
