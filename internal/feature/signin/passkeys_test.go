package signin

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// authenticator gives the browser one that has a PRF or has none, and whose holder
// is there and known.
func (s *screen) authenticator(prf bool) {
	s.t.Helper()
	if _, err := chromedp.Call(s.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		s.t.Fatal(err)
	}
	_, err := chromedp.Call(s.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{
		Options: &webauthn.VirtualAuthenticatorOptions{
			Protocol: webauthn.AuthenticatorProtocolCtap2, Ctap2version: webauthn.Ctap2versionCtap21, Transport: webauthn.AuthenticatorTransportInternal,
			HasResidentKey: true, HasUserVerification: true, HasPrf: prf, AutomaticPresenceSimulation: true, IsUserVerified: true,
		},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// onName is the test's server by a name: passkeys are for none that is a number.
func onName(s *screen) { s.url = strings.Replace(s.url, "127.0.0.1", "localhost", 1) }

func (s *screen) makePasskey() {
	s.t.Helper()
	s.do(chromedp.Navigate(s.url+"/staff/passkeys"), chromedp.SendKeys("#passphrase", passphrase), chromedp.Click("[data-make] button"))
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
	s.until(`location.search === "?made" && document.querySelector(".banner-success") && document.readyState === "complete"`)
	s.photograph("passkeys")
	s.do(chromedp.Evaluate[chromedp.Void](`document.querySelector("form[action='/staff/signout'] button").click()`))
	s.until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	s.photograph("signin-passkey")
	s.do(chromedp.Click(`[data-passkey] button`))
	s.until(`location.pathname !== "/staff/signin" && document.readyState === "complete"`)
	s.do(chromedp.Navigate(s.url + "/staff/me"))
	s.until(`location.pathname === "/staff/me" && document.body.textContent.includes("supervisor")`)

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
	s.do(chromedp.Navigate(s.url + "/staff/me"))
	h.update(func(ctx context.Context, tx *db.Tx) error { return lost.Replace(ctx, tx, "") })
	s.do(chromedp.Navigate(s.url + "/staff/signin"))
	s.until(`location.pathname === "/staff/signin" && document.readyState === "complete"`)
	s.do(chromedp.Click(`[data-passkey] button`))
	s.until(`document.body.textContent.includes("This passkey opens nothing here.")`)
}

// Where the PRF is missing the page says so, and nothing is kept.
func TestAPasskeyWithoutPRFIsRefusedInWords(t *testing.T) {
	h := open(t)
	s := at(t, h)
	onName(s)
	s.authenticator(false)
	s.signIn("supervisor")
	s.makePasskey()
	s.until(`document.querySelector("[data-passkey-says]:not([hidden])")?.textContent.includes("cannot keep a key")`)
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
	want(t, b.post("/staff/passkeys/end", "passkey", "nobody's"), http.StatusSeeOther)
}
