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

// What is kept while somebody is at the provider's page, and once they are back.
const (
	forProvider = "identity"
	forProof    = "identity proof"
)

// asked is with what somebody was sent to the provider.
type asked struct {
	Request oidc.Request
	Next    string
	Link    string // the account that asked for a link; empty at the door
}

// proof is what the provider said. At the door it names whose pass phrase comes next;
// for a link, who the provider named and the account that asked.
type proof struct {
	Staff string
	Next  string
	Link  bool
	Marks []string
}

// greeting is the page that asks for the pass phrase after the provider has named
// somebody.
type greeting struct {
	Name, Next, Wrong, Provider string
	Link                        bool
}

var errNoProvider = errs.New(errs.NotFound, "", nil)

// providerName is what people call the provider, empty without one.
func (f *Feature) providerName() string {
	if f.Provider == nil {
		return ""
	}
	return f.Provider.Name
}

// backAddress is where the provider sends browsers back to. It has been told of it, and
// sends them nowhere else.
func backAddress(r *http.Request) string { return web.Origin(r) + "/staff/signin/identity/back" }

// askWho sends somebody at the door to the provider. It is a link and no form, for
// browsers let no form of ours lead to another host.
func (f *Feature) askWho(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	next := onDesk(r.URL.Query().Get("next"))
	err := f.toProvider(w, r, asked{Next: next})
	if errors.Is(err, oidc.ErrUnreachable) {
		return f.showDoor(w, r, http.StatusServiceUnavailable, door{Next: next, Wrong: f.providerWrong(r, err)})
	}
	return err
}

// toProvider keeps what the answer must fit, and leads to the provider's page.
func (f *Feature) toProvider(w http.ResponseWriter, r *http.Request, a asked) error {
	a.Request = oidc.NewRequest()
	address, err := f.Provider.Address(r.Context(), a.Request, backAddress(r))
	if err != nil {
		return err
	}
	var token string
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = staff.KeepChallenge(ctx, tx, f.Agency, forProvider, a)
		return err
	})
	if err != nil {
		return err
	}
	staff.SetAskedCookie(w, r, f.Web.Demo, token)
	return web.Redirect(w, address)
}

// providerWrong says what is wrong, and leaves the reason in the operator's log.
func (f *Feature) providerWrong(r *http.Request, err error) string {
	key := "signin.identity.wrong"
	switch {
	case errors.Is(err, oidc.ErrUnreachable):
		key = "signin.identity.down"
	case errors.Is(err, oidc.ErrDenied):
		key = "signin.identity.denied"
	}
	f.Web.Log.WarnContext(r.Context(), "the provider of identities", "error", err)
	return f.words(r).T(key, "name", f.providerName())
}

// identified is where the provider sends the browser. It shows a page, because cookies
// of the desk do not come along from there: the page's form brings them.
func (f *Feature) identified(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	var a asked
	err := f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return staff.TakeChallenge(ctx, tx, f.Agency, forProvider, staff.AskedToken(r), &a)
	})
	staff.SetAskedCookie(w, r, f.Web.Demo, "")
	if errs.Is(err, errs.Unauthenticated) {
		return f.unidentified(w, r, "/staff/", f.words(r).T("signin.identity.late", "name", f.providerName()))
	}
	if err != nil {
		return err
	}
	subject, err := f.Provider.Subject(r.Context(), a.Request, backAddress(r), r.URL.Query())
	if err != nil {
		return f.unidentified(w, r, a.Next, f.providerWrong(r, err))
	}
	p := proof{Staff: a.Link, Next: a.Next, Link: a.Link != ""}
	marks, err := f.Provider.Marks(subject)
	if err != nil {
		return err
	}
	var token string
	var person staff.Person
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		if p.Link {
			p.Marks = marks
			person, err = staff.Get(ctx, tx, f.Agency, a.Link)
		} else {
			person, err = staff.Identified(ctx, tx, f.Agency, marks)
		}
		if err != nil {
			return err
		}
		p.Staff = person.ID
		token, err = staff.KeepChallenge(ctx, tx, f.Agency, forProof, p)
		return err
	})
	if errs.Is(err, errs.Unauthenticated) {
		return f.unidentified(w, r, a.Next, f.words(r).T("signin.identity.nobody", "name", f.providerName()))
	}
	if err != nil {
		return err
	}
	staff.SetProofCookie(w, r, f.Web.Demo, token)
	return f.pages.Render(w, r, http.StatusOK, "identified", greeting{Name: person.Name, Next: a.Next, Provider: f.providerName(), Link: p.Link})
}

// unidentified shows the door to whom the provider did not name, or named as nobody.
func (f *Feature) unidentified(w http.ResponseWriter, r *http.Request, next, wrong string) error {
	staff.Refused(f.DB, f.Agency)
	return f.showDoor(w, r, http.StatusUnauthorized, door{Next: next, Wrong: wrong})
}

// readProof gives what the provider said of who is at this browser, and whose account
// that is.
func (f *Feature) readProof(r *http.Request) (p proof, person staff.Person, err error) {
	err = f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := staff.ReadChallenge(ctx, tx, f.Agency, forProof, staff.ProofToken(r), &p); err != nil {
			return err
		}
		person, err = staff.Get(ctx, tx, f.Agency, p.Staff)
		return err
	})
	return p, person, err
}

// takeProof uses up what the provider said of somebody, who must still be linked.
func takeProof(ctx context.Context, tx *db.Tx, r *http.Request, person staff.Person) error {
	var p proof
	if err := staff.TakeChallenge(ctx, tx, person.Agency, forProof, staff.ProofToken(r), &p); err != nil {
		return err
	}
	identity, err := staff.ReadIdentity(ctx, tx, person)
	if err == nil && (p.Link || p.Staff != person.ID || !identity.Linked) {
		err = errs.New(errs.Unauthenticated, "", nil)
	}
	return err
}

// signInIdentified takes passphrase, of whom the provider named.
func (f *Feature) signInIdentified(w http.ResponseWriter, r *http.Request) error {
	if f.Provider == nil {
		return errNoProvider
	}
	if err := sameOrigin.Check(r); err != nil {
		return web.Redirect(w, "/staff/signin")
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	late := f.words(r).T("signin.identity.late", "name", f.providerName())
	p, person, err := f.readProof(r)
	if errs.Is(err, errs.Unauthenticated) || err == nil && p.Link {
		return f.unidentified(w, r, onDesk(form.Get("next")), late)
	}
	if err != nil {
		return err
	}
	opened, pair, err := staff.UnlockAtDoor(r.Context(), f.DB, f.Agency, person.Name, form.Get("passphrase"), staff.BrowserToken(r))
	if errs.Is(err, errs.Unauthenticated) {
		return f.pages.Render(w, r, http.StatusUnauthorized, "identified",
			greeting{Name: person.Name, Next: p.Next, Provider: f.providerName(), Wrong: f.words(r).T("signin.unlock.wrong")})
	}
	if err != nil {
		return err
	}
	err = f.enter(w, r, opened, pair, staff.WithIdentity)
	if errs.Is(err, errs.Unauthenticated) { // changed, closed or unlinked while the pass phrase was tried
		return f.unidentified(w, r, p.Next, late)
	}
	if err == nil || errors.Is(err, errHalfway) {
		staff.SetProofCookie(w, r, f.Web.Demo, "")
	}
	return f.entered(w, r, p.Next, err)
}
