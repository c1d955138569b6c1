package signin

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Routes are the pages of this feature. What carries staff.Watch works while
// the screen is locked and counts as no deed.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff", Access: web.Public, Handle: toDesk},
		{Pattern: "GET /staff/{$}", Access: staff.OpenDesk, Handle: f.first, Trace: web.Untraced},
		{Pattern: "/staff/", Access: staff.OpenDesk, Handle: nowhere, Trace: web.Untraced},
		{Pattern: "GET /staff/signin", Access: web.Public, Handle: f.signInPage},
		{Pattern: "POST /staff/signin", Access: web.Public, Handle: f.signIn},
		{Pattern: "GET /staff/signin/code", Access: web.Public, Handle: f.codePage},
		{Pattern: "POST /staff/signin/code", Access: web.Public, Handle: f.code},
		{Pattern: "POST /staff/signin/passkey/ask", Access: web.Public, Handle: f.askToSign},
		{Pattern: "POST /staff/signin/passkey", Access: web.Public, Handle: f.signInWithPasskey},
		{Pattern: "GET /staff/signin/identity", Access: web.Public, Handle: f.askWho},
		{Pattern: "GET /staff/signin/identity/back", Access: web.Public, Handle: f.identified},
		{Pattern: "POST /staff/signin/identity", Access: web.Public, Handle: f.signInIdentified},
		{Pattern: "GET /staff/unlock", Access: staff.Watch, Handle: f.unlockPage, Trace: web.Untraced},
		{Pattern: "POST /staff/unlock", Access: staff.Watch, Handle: f.unlock, Trace: web.Untraced},
		{Pattern: "POST /staff/unlock/passkey", Access: staff.Watch, Handle: f.unlockWithPasskey, Trace: web.Untraced},
		{Pattern: "POST /staff/lock", Access: staff.Watch, Handle: f.lock, Trace: web.Untraced},
		{Pattern: "POST /staff/signout", Access: staff.Watch, Handle: f.signOut, Trace: web.ByDeed},
		{Pattern: "GET /staff/live", Access: staff.Watch, Handle: f.live, Trace: web.Untraced},
		{Pattern: "POST /staff/here", Access: staff.OpenDesk, Handle: here, Trace: web.Untraced},

		{Pattern: "GET /staff/passphrase", Access: staff.ChangePassphrase, Handle: f.passphrasePage, Trace: web.Untraced},
		{Pattern: "POST /staff/passphrase", Access: staff.ChangePassphrase, Handle: f.changePassphrase, Trace: web.ByDeed},
		{Pattern: "GET /staff/second", Access: staff.ChangePassphrase, Handle: f.secondPage, Trace: web.Untraced},
		{Pattern: "POST /staff/second/on", Access: staff.ChangePassphrase, Handle: f.secondOn, Trace: web.ByDeed},
		{Pattern: "POST /staff/second/codes", Access: staff.ChangePassphrase, Handle: f.newCodes, Trace: web.ByDeed},
		{Pattern: "POST /staff/second/off", Access: staff.ChangePassphrase, Handle: f.secondOff, Trace: web.ByDeed},
		{Pattern: "GET /staff/passkeys", Access: staff.OpenDesk, Handle: f.passkeys, Trace: web.Untraced},
		{Pattern: "POST /staff/passkeys/ask", Access: staff.OpenDesk, Handle: f.askToMake, Trace: web.Untraced},
		{Pattern: "POST /staff/passkeys", Access: staff.OpenDesk, Handle: f.makePasskey, Trace: web.ByDeed},
		{Pattern: "POST /staff/passkeys/end", Access: staff.OpenDesk, Handle: f.endPasskey, Trace: web.ByDeed},
		{Pattern: "GET /staff/identity", Access: staff.OpenDesk, Handle: f.identityPage, Trace: web.Untraced},
		{Pattern: "GET /staff/identity/ask", Access: staff.OpenDesk, Handle: f.askToLink, Trace: web.Untraced},
		{Pattern: "POST /staff/identity", Access: staff.OpenDesk, Handle: f.link, Trace: web.ByDeed},
		{Pattern: "POST /staff/identity/end", Access: staff.OpenDesk, Handle: f.unlink, Trace: web.ByDeed},
		{Pattern: "GET /staff/devices", Access: staff.OpenDesk, Handle: f.devices, Trace: web.Untraced},
		{Pattern: "POST /staff/devices/end", Access: staff.OpenDesk, Handle: f.endDevice, Trace: web.ByDeed},
		{Pattern: "GET /staff/settings/signin", Access: staff.EditSettings, Handle: f.rulesPage},
		{Pattern: "POST /staff/settings/signin", Access: staff.EditSettings, Handle: f.setRules, Trace: web.ByDeed},
		{Pattern: "GET /staff/me", Access: staff.OpenDesk, Handle: f.me, Trace: web.Untraced},
		{Pattern: "POST /staff/presence", Access: staff.OpenDesk, Handle: f.setPresence, Trace: web.Untraced},
		{Pattern: "POST /staff/language", Access: staff.OpenDesk, Handle: f.setLanguage, Trace: web.Untraced},
	}
}

// words speak the language in which a request is answered.
func (f *Feature) words(r *http.Request) *i18n.Printer { return f.Web.Words.For(f.Web.Lang(r)) }

// complaint is what a form says of an error: the field and the sentence. An
// error that is none of the person's doing is given back.
func (f *Feature) complaint(r *http.Request, err error) (wrong map[string]string, other error) {
	e := errs.Of(err)
	switch e.Kind {
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		return map[string]string{e.Field: f.words(r).T(e.Word)}, nil
	default:
		return nil, err
	}
}

func toDesk(w http.ResponseWriter, _ *http.Request) error { return web.Redirect(w, "/staff/") }

// nowhere answers for every address of the desk that is none. It asks who is
// there like any other, so that what is not there and what somebody may not
// see are one answer.
func nowhere(http.ResponseWriter, *http.Request) error { return errs.New(errs.NotFound, "", nil) }
