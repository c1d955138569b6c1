package signin

import (
	"context"
	"encoding/base32"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/qr"
	"github.com/clew-hotline/clew/internal/lib/totp"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// secondPage is where somebody sets their second step up and turns it off.
type secondPage struct {
	staff.Second
	Bare   bool          // they can do nothing else before
	Key    string        // what an authenticator is told, while it is being set up
	QR     template.HTML // the same as a picture
	Codes  []string      // recovery codes, shown once
	Wrong  map[string]string
	Notice string
}

func (f *Feature) secondPage(w http.ResponseWriter, r *http.Request) error {
	return f.showSecond(w, r, http.StatusOK, secondPage{})
}

// showSecond fills a page with how things are now, and with a secret to set up
// where there is none yet. The secret is kept nowhere until a code has shown that
// the authenticator has it: the form carries it.
func (f *Feature) showSecond(w http.ResponseWriter, r *http.Request, status int, page secondPage) error {
	s := staff.From(r.Context())
	if s.Person.Fresh {
		return web.Redirect(w, "/staff/passphrase")
	}
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		page.Second, err = staff.ReadSecond(ctx, tx, s.Person)
		return err
	})
	if err != nil {
		return err
	}
	page.Bare = s.Bare && !page.On
	if !page.On {
		secret, err := secretFrom(page.Key)
		if err != nil {
			secret = totp.NewSecret()
		}
		page.Key = totp.Text(secret)
		words := f.words(r)
		page.QR, err = qr.SVG(totp.URL(secret, words.T("desk.name"), s.Name()), words.T("signin.second.picture"))
		if err != nil {
			return err
		}
	}
	return f.pages.Render(w, r, status, "second", page)
}

// Spoken is the key in groups of four, as somebody types it off the screen.
func (p secondPage) Spoken() string {
	var groups []string
	for group := range slices.Chunk([]rune(p.Key), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

func secretFrom(key string) ([]byte, error) {
	b, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil || len(b) != len(totp.NewSecret()) {
		return nil, errs.In("code", "staff.error.code")
	}
	return b, nil
}

// secondOn takes key, code and passphrase: who came to an open screen must not bind an
// authenticator of their own to it.
func (f *Feature) secondOn(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if s.Person.Fresh {
		return web.Redirect(w, "/staff/passphrase")
	}
	page := secondPage{Key: form.Get("key")}
	secret, err := secretFrom(page.Key)
	if err == nil {
		err = f.again(r, form)
	}
	if err == nil {
		err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
			page.Codes, err = s.EnrolSecond(ctx, tx, secret, form.Get("code"))
			return err
		})
	}
	return f.answerSecond(w, r, page, err)
}

// secondOff takes passphrase.
func (f *Feature) secondOff(w http.ResponseWriter, r *http.Request) error {
	return f.withPassphrase(w, r, func(ctx context.Context, tx *db.Tx, s *staff.Session, page *secondPage) error {
		page.Notice = f.words(r).T("signin.second.ended")
		return s.EndSecond(ctx, tx)
	})
}

// newCodes takes passphrase.
func (f *Feature) newCodes(w http.ResponseWriter, r *http.Request) error {
	return f.withPassphrase(w, r, func(ctx context.Context, tx *db.Tx, s *staff.Session, page *secondPage) (err error) {
		page.Codes, err = s.RenewRecoveryCodes(ctx, tx)
		return err
	})
}

// withPassphrase does what only the colleague may, and not whoever came to their
// open screen.
func (f *Feature) withPassphrase(w http.ResponseWriter, r *http.Request, do func(context.Context, *db.Tx, *staff.Session, *secondPage) error) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	var page secondPage
	if err = f.again(r, form); err == nil {
		err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error { return do(ctx, tx, s, &page) })
	}
	return f.answerSecond(w, r, page, err)
}

// again asks for the pass phrase of who is signed in.
func (f *Feature) again(r *http.Request, form url.Values) error {
	_, err := staff.From(r.Context()).Unlock(r.Context(), f.DB, form.Get("passphrase"))
	if errs.Is(err, errs.Unauthenticated) {
		return errs.In("passphrase", "signin.unlock.wrong")
	}
	return err
}

func (f *Feature) answerSecond(w http.ResponseWriter, r *http.Request, page secondPage, err error) error {
	if err == nil {
		return f.showSecond(w, r, http.StatusOK, page)
	}
	page.Notice = ""
	if page.Wrong, err = f.complaint(r, err); err != nil {
		return err
	}
	return f.showSecond(w, r, http.StatusUnprocessableEntity, page)
}
