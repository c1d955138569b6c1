package signin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	made "github.com/go-webauthn/webauthn/webauthn"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// authenticator gives the browser one that has a PRF or has none, and whose holder
// is there and known.
func (s *screen) authenticator(prf bool) {
	s.T.Helper()
	if _, err := chromedp.Call(s.Context, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		s.T.Fatal(err)
	}
	_, err := chromedp.Call(s.Context, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, HasPrf: prf, AutomaticPresenceSimulation: true, IsUserVerified: true,
		},
	})
	if err != nil {
		s.T.Fatal(err)
	}
}

// onName is the test's server by a name: passkeys are for none that is a number.
func onName(s *screen) { s.URL = strings.Replace(s.URL, "127.0.0.1", "localhost", 1) }

func (s *screen) makePasskey() {
	s.T.Helper()
	s.Do(chromedp.Navigate(s.URL+"/staff/passkeys"), chromedp.SendKeys("#passphrase", passphrase), chromedp.Click("[data-make] button"))
}

// Made while unlocked, a passkey signs in by itself and opens the colleague's key;
// taken away, or with a lost pass phrase, it opens nothing.
func TestPasskey(t *testing.T) {
	h := open(t)
	s := at(t, h)
	onName(s)
	s.authenticator(true)
	s.signIn("supervisor")
	s.makePasskey()
	s.Until(`location.search === "?made" && document.querySelector(".banner-success") && document.readyState === "complete"`)
	s.Photograph("passkeys")
	s.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
	s.Until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	s.Photograph("signin-passkey")
	s.Do(chromedp.Click(`[data-passkey] button`))
	s.Until(`location.pathname !== "/staff/signin" && document.readyState === "complete"`)
	s.Do(chromedp.Navigate(s.URL + "/staff/me"))
	s.Until(`location.pathname === "/staff/me" && document.body.textContent.includes("supervisor")`)

	var deeds []string
	for _, e := range h.log.All() {
		deeds = append(deeds, e.Action)
	}
	if all := strings.Join(deeds, "; "); !strings.Contains(all, "passphrase.change passkey-on") || strings.Count(all, "sign-in") < 2 {
		t.Errorf("the log has %s", all)
	}

	id := h.people[staff.Supervisor]
	lost, err := staff.PrepareLost(t.Context(), id, "another long pass phrase")
	if err != nil {
		t.Fatal(err)
	}
	s.Do(chromedp.Navigate(s.URL + "/staff/me"))
	h.update(func(ctx context.Context, tx *db.Tx) error { return lost.Replace(ctx, tx, "") })
	s.Do(chromedp.Navigate(s.URL + "/staff/signin"))
	s.Until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	s.Do(chromedp.Click(`[data-passkey] button`))
	s.Until(`document.body.textContent.includes("This passkey opens nothing here.")`)
}

// Where the PRF is missing the page says so, and nothing is kept.
func TestAPasskeyWithoutPRFIsRefusedInWords(t *testing.T) {
	h := open(t)
	s := at(t, h)
	onName(s)
	s.authenticator(false)
	s.signIn("supervisor")
	s.makePasskey()
	s.Until(`document.querySelector("[data-passkey-says]:not([hidden])")?.textContent.includes("cannot keep a key")`)
	var n int
	h.update(func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM staff_passkeys`).Scan(&n)
	})
	if n != 0 {
		t.Error("a passkey was kept that opens nothing")
	}
}

// What is no answer of a passkey opens nothing and breaks nothing, and making one
// needs the pass phrase.
func TestPasskeyForms(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	want(t, b.post("/staff/passkeys/ask", "passphrase", "wrong horse battery"), http.StatusUnprocessableEntity)
	w := b.post("/staff/passkeys/ask", "passphrase", passphrase)
	want(t, w, http.StatusOK, `"challenge"`, `"userVerification":"required"`, `"residentKey":"required"`)
	for _, answer := range []string{"", "{}", "[]", `{"id":"x"}`, strings.Repeat("[", 10_000)} {
		want(t, b.post("/staff/passkeys", "answer", answer, "prf", "AAAA"), http.StatusUnprocessableEntity)
		stranger := h.browser()
		want(t, stranger.post("/staff/signin/passkey/ask"), http.StatusOK, `"challenge"`)
		want(t, stranger.post("/staff/signin/passkey", "answer", answer, "prf", "AAAA"), http.StatusUnauthorized, "opens nothing here")
	}
	elsewhere := h.browser()
	elsewhere.site = "cross-site"
	want(t, elsewhere.post("/staff/signin/passkey/ask"), http.StatusNotFound)
	for _, host := range []string{"192.0.2.7", "[::1]:9", "%", "xn--", ".."} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/staff/signin/passkey/ask", nil)
		r.Host = host
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		want(t, w, http.StatusUnprocessableEntity, "cannot be used here")
	}
}

// Taking a passkey away needs the pass phrase, as making one does.
func TestAPasskeyIsTakenAwayWithThePassphrase(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	h.update(func(ctx context.Context, tx *db.Tx) error {
		s, err := staff.Find(ctx, tx, b.cookie)
		if err != nil {
			return err
		}
		return s.AddPasskey(ctx, tx, &made.Credential{ID: []byte("a passkey"), Flags: made.CredentialFlags{UserVerified: true}}, make([]byte, 32), "Firefox")
	})
	id := regexp.MustCompile(`name="passkey" value="([^"]+)"`).FindStringSubmatch(b.get("/staff/passkeys").Body.String())
	if id == nil {
		t.Fatal("the page shows none")
	}
	for _, wrong := range [][]string{{"passkey", id[1]}, {"passkey", id[1], "passphrase", "wrong horse battery"}} {
		want(t, b.post("/staff/passkeys/end", wrong...), http.StatusUnprocessableEntity, "not right", `value="`+id[1]+`" required checked`)
	}
	want(t, b.post("/staff/passkeys/end", "passkey", id[1], "passphrase", passphrase), http.StatusSeeOther, "/staff/passkeys")
	if strings.Contains(b.get("/staff/passkeys").Body.String(), id[1]) {
		t.Error("it is still there")
	}
}

// A passkey unlocks its owner's screen and nobody else's, outlasts a change of the
// pass phrase, and is two steps where the role must have two: then the pass phrase
// alone does not get in, to set up a code of whoever has it.
func TestAPasskeyUnlocksAndIsTwoSteps(t *testing.T) {
	const changed = "another battery horse correct"
	h := open(t)
	s := at(t, h)
	onName(s)
	s.authenticator(true)
	s.signIn("supervisor")
	s.makePasskey()
	s.Until(`location.search === "?made" && document.readyState === "complete"`)
	lock := func() {
		t.Helper()
		s.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/lock'] button").click()`))
		s.Until(`location.pathname === "/staff/unlock" && document.readyState === "complete"`)
	}
	signOut := func() {
		t.Helper()
		s.Do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
		s.Until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	}
	me := func() {
		t.Helper()
		s.Until(`location.pathname.startsWith("/staff/") && !["/staff/signin", "/staff/unlock"].includes(location.pathname) && document.readyState === "complete"`)
		s.Do(chromedp.Navigate(s.URL + "/staff/me"))
		s.Until(`location.pathname === "/staff/me" && document.body.textContent.includes("supervisor")`)
	}

	lock()
	s.Photograph("unlock-passkey")
	s.Do(chromedp.Click(`[data-passkey] button`))
	me()

	s.Do(chromedp.Navigate(s.URL+"/staff/passphrase"), chromedp.SendKeys("#old", passphrase), chromedp.SendKeys("#passphrase", changed),
		chromedp.SendKeys("#again", changed), chromedp.Submit("#again"))
	s.Until(`document.body.textContent.includes("The pass phrase is changed.") && document.readyState === "complete"`)
	lock()
	s.Do(chromedp.Click(`[data-passkey] button`))
	me()

	before := h.browser()
	want(t, before.post("/staff/signin", "name", "supervisor", "passphrase", changed), http.StatusSeeOther, "/staff/")
	want(t, h.signedIn(staff.Administrator).post("/staff/settings/signin", "roles", "supervisor"), http.StatusSeeOther)
	want(t, before.get("/staff/me"), http.StatusSeeOther, "/staff/second")
	want(t, h.browser().post("/staff/signin", "name", "supervisor", "passphrase", changed), http.StatusUnauthorized, "Sign in with your passkey.")
	me() // unlocked with the passkey
	signOut()
	s.Do(chromedp.Click(`[data-passkey] button`))
	me()

	signOut()
	s.signIn("advocate")
	lock()
	s.Do(chromedp.Click(`[data-passkey] button`))
	s.Until(`location.pathname === "/staff/unlock/passkey" && document.body.textContent.includes("This passkey does not unlock this screen.")`)
}
