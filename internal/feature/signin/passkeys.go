package signin

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// prfInput is what each passkey's PRF is asked about. It is no secret: what comes
// out is another for each passkey, and only its holder can ask.
var prfInput = sha256.Sum256([]byte("clew/v1 passkey"))

// What a challenge is kept for. Anybody may ask for one to sign; one to make a passkey
// with was asked for with the pass phrase.
const (
	toSign = "passkey"
	toMake = "passkey to be made"
)

// party is this hotline as passkeys know it: by the host at which the browser is.
// A browser gives a passkey to no other, so whoever stands between with a host of
// their own gets none. At an address of numbers there are none: errs.Invalid.
func (f *Feature) party(r *http.Request) (*webauthn.WebAuthn, error) {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	party, err := webauthn.New(&webauthn.Config{RPID: host, RPDisplayName: f.words(r).T("desk.name"), RPOrigins: []string{web.Origin(r)}})
	if err != nil { // anybody can name us what they like
		return nil, errs.New(errs.Invalid, "staff.error.passkey", nil)
	}
	return party, nil
}

// passkeysPage shows somebody's passkeys.
type passkeysPage struct {
	Passkeys []staff.Passkey
	Done     bool
	Chosen   string // which somebody wanted to take away, with a wrong pass phrase
	Wrong    map[string]string
}

func (f *Feature) passkeys(w http.ResponseWriter, r *http.Request) error {
	return f.showPasskeys(w, r, http.StatusOK, passkeysPage{Done: r.URL.Query().Has("made")})
}

func (f *Feature) showPasskeys(w http.ResponseWriter, r *http.Request, status int, page passkeysPage) error {
	s := staff.From(r.Context())
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		k, err := staff.ReadKeyholder(ctx, tx, s.Person)
		page.Passkeys = k.Passkeys
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "passkeys", page)
}

// askToMake takes passphrase, and answers {"publicKey": …} to the page's script.
func (f *Feature) askToMake(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err := f.again(r, form); err != nil {
		return err
	}
	party, err := f.party(r)
	if err != nil {
		return err
	}
	var options *protocol.CredentialCreation
	var token string
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		k, err := staff.ReadKeyholder(ctx, tx, s.Person)
		if err != nil {
			return err
		}
		var asked *webauthn.SessionData
		options, asked, err = party.BeginRegistration(k,
			webauthn.WithAuthenticatorSelection(protocol.AuthenticatorSelection{
				ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(), UserVerification: protocol.VerificationRequired,
			}),
			webauthn.WithExclusions(webauthn.Credentials(k.WebAuthnCredentials()).CredentialDescriptors()))
		if err != nil {
			return err
		}
		token, err = staff.KeepChallenge(ctx, tx, f.Agency, toMake, asked)
		return err
	})
	if err != nil {
		return err
	}
	return f.ask(w, r, token, options)
}

// ask sends a script what a passkey shall do, and a cookie for the answer.
func (f *Feature) ask(w http.ResponseWriter, r *http.Request, token string, options any) error {
	staff.SetChallengeCookie(w, r, f.Web.Demo, token)
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(map[string]any{"options": options, "prf": base64.RawURLEncoding.EncodeToString(prfInput[:])})
}

// makePasskey takes answer, what the browser says as JSON, and prf.
func (f *Feature) makePasskey(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	wrong := errs.In("", "staff.error.passkey")
	prf, err := base64.RawURLEncoding.DecodeString(form.Get("prf"))
	if err != nil {
		return wrong
	}
	answer, err := protocol.ParseCredentialCreationResponseBody(strings.NewReader(form.Get("answer")))
	if err != nil {
		return wrong
	}
	party, err := f.party(r)
	if err != nil {
		return err
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		var asked webauthn.SessionData
		if err := staff.TakeChallenge(ctx, tx, f.Agency, toMake, staff.ChallengeToken(r), &asked); err != nil {
			return wrong
		}
		made, err := party.CreateCredential(staff.Keyholder{Person: s.Person}, asked, answer)
		if err != nil {
			return wrong
		}
		return s.AddPasskey(ctx, tx, made, prf, browserOf(r))
	})
	if err != nil {
		return err
	}
	staff.SetChallengeCookie(w, r, f.Web.Demo, "")
	return web.Redirect(w, "/staff/passkeys?made")
}

// endPasskey takes passkey and passphrase: whoever came to an open screen must not leave
// its owner with less to sign in with, or a role with one step where it must have two.
func (f *Feature) endPasskey(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	if err = f.again(r, form); err == nil {
		err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
			return staff.From(r.Context()).EndPasskey(ctx, tx, form.Get("passkey"))
		})
	}
	if err != nil {
		page := passkeysPage{Chosen: form.Get("passkey")}
		if page.Wrong, err = f.complaint(r, err); err != nil {
			return err
		}
		return f.showPasskeys(w, r, http.StatusUnprocessableEntity, page)
	}
	return web.Redirect(w, "/staff/passkeys")
}

// askToSign answers {"publicKey": …} to the script of the sign-in page.
func (f *Feature) askToSign(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin.Check(r); err != nil {
		return errs.New(errs.NotFound, "", nil)
	}
	party, err := f.party(r)
	if err != nil {
		return err
	}
	options, asked, err := party.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return err
	}
	var token string
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		token, err = staff.KeepChallenge(ctx, tx, f.Agency, toSign, asked)
		return err
	})
	if err != nil {
		return err
	}
	return f.ask(w, r, token, options)
}

// signInWithPasskey takes answer, prf and next. A passkey that asked who holds it
// (a finger, a face, a number) is two steps in one, so no code is asked for.
func (f *Feature) signInWithPasskey(w http.ResponseWriter, r *http.Request) error {
	if err := sameOrigin.Check(r); err != nil {
		return errs.New(errs.NotFound, "", nil)
	}
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	next := onDesk(form.Get("next"))
	var begun session
	err = f.openWithPasskey(r, form.Get("answer"), form.Get("prf"), func(ctx context.Context, tx *db.Tx, p staff.Person, pair *seal.Pair) (err error) {
		begun, err = f.begin(ctx, tx, r, p, pair, staff.WithPasskey)
		return err
	})
	staff.SetChallengeCookie(w, r, f.Web.Demo, "")
	if errs.Is(err, errs.Unauthenticated) {
		staff.Refused(f.DB, f.Agency)
		return f.showDoor(w, r, http.StatusUnauthorized, door{Next: next, Wrong: f.words(r).T("signin.passkey.wrong")})
	}
	if err != nil {
		return err
	}
	f.setCookies(w, r, begun)
	return web.Redirect(w, next)
}

// unlockWithPasskey takes answer, prf and next. Like the pass phrase, a passkey opens
// only the account whose session it is.
func (f *Feature) unlockWithPasskey(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	next := onDesk(form.Get("next"))
	err = f.openWithPasskey(r, form.Get("answer"), form.Get("prf"), func(ctx context.Context, tx *db.Tx, p staff.Person, pair *seal.Pair) error {
		if p.ID != s.Person.ID {
			return errs.New(errs.Unauthenticated, "", nil)
		}
		if err := f.back(ctx, tx, s); err != nil {
			return err
		}
		return s.ResumeWithPasskey(ctx, tx, staff.Token(r), pair)
	})
	staff.SetChallengeCookie(w, r, f.Web.Demo, "")
	if errs.Is(err, errs.Unauthenticated) {
		return f.pages.Render(w, r, http.StatusUnauthorized, "unlock", door{Name: s.Name(), Next: next, Wrong: f.words(r).T("signin.unlock.passkey.wrong")})
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, next)
}

// openWithPasskey opens the key of whose passkey has signed, and goes on with then in the
// same transaction. Whatever is wrong is errs.Unauthenticated.
func (f *Feature) openWithPasskey(r *http.Request, said, prf string, then func(context.Context, *db.Tx, staff.Person, *seal.Pair) error) error {
	refused := errs.New(errs.Unauthenticated, "", nil)
	secret, err := base64.RawURLEncoding.DecodeString(prf)
	if err != nil {
		return refused
	}
	answer, err := protocol.ParseCredentialRequestResponseBody(strings.NewReader(said))
	if err != nil {
		return refused
	}
	party, err := f.party(r)
	if err != nil {
		return err
	}
	var asked webauthn.SessionData
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return staff.TakeChallenge(ctx, tx, f.Agency, toSign, staff.ChallengeToken(r), &asked)
	})
	if err != nil {
		return err
	}
	return f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		find := func(_, id []byte) (webauthn.User, error) {
			p, err := staff.Get(ctx, tx, f.Agency, string(id))
			if err != nil {
				return nil, err
			}
			return staff.ReadKeyholder(ctx, tx, p)
		}
		user, signed, err := party.ValidatePasskeyLogin(find, asked, answer)
		if err != nil {
			return refused
		}
		holder, ok := user.(staff.Keyholder)
		if !ok {
			return refused
		}
		var pair *seal.Pair
		if pair, err = staff.UnlockWithPasskey(ctx, tx, holder.Person, signed, secret); err != nil {
			return err
		}
		return then(ctx, tx, holder.Person, pair)
	})
}
