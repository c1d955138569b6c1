package staff

import (
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/platform/web"
)

// CookieName is the session's cookie. The prefix makes browsers refuse it
// from any other host and over any line that can be listened to.
const CookieName = "__Host-desk"

// halfwayCookie is that of who has not given the second step yet.
const halfwayCookie = "__Host-desk-step"

// browserCookie is that of a browser in which somebody has signed in. It opens
// nothing.
const browserCookie = "__Host-desk-known"

// Token is what the session's cookie holds, empty without one.
func Token(r *http.Request) string { return cookie(r, CookieName) }

// HalfwayToken is what the cookie of who is half way in holds.
func HalfwayToken(r *http.Request) string { return cookie(r, halfwayCookie) }

// BrowserToken is what the cookie of a browser holds in which somebody signed in.
func BrowserToken(r *http.Request) string { return cookie(r, browserCookie) }

// challengeCookie is that of who is asked for a passkey.
const challengeCookie = "__Host-desk-passkey"

// ChallengeToken is what the cookie of who is asked for a passkey holds.
func ChallengeToken(r *http.Request) string { return cookie(r, challengeCookie) }

// SetChallengeCookie is SetCookie for who is asked for a passkey.
func SetChallengeCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookie(w, r, demo, challengeCookie, token, challengeFor)
}

// Cookies of who was sent to the organisation's own provider, and of who came back. The
// first has to come along when another site sends the browser here, and so is not strict.
const (
	askedCookie = "__Host-desk-asked"
	proofCookie = "__Host-desk-proof"
)

// AskedToken is what the cookie of who was sent to the provider holds.
func AskedToken(r *http.Request) string { return cookie(r, askedCookie) }

// ProofToken is what the cookie of who came back from the provider holds.
func ProofToken(r *http.Request) string { return cookie(r, proofCookie) }

// SetAskedCookie is SetCookie for who is sent to the provider.
func SetAskedCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookieFor(w, r, demo, askedCookie, token, challengeFor, http.SameSiteLaxMode)
}

// SetProofCookie is SetCookie for who came back from the provider.
func SetProofCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookie(w, r, demo, proofCookie, token, challengeFor)
}

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil && web.Loopback(r.Host) {
		c, err = r.Cookie(plain(name))
	}
	if err != nil {
		return ""
	}
	return c.Value
}

// plain is a cookie's name on a demonstration's own machine. Some browsers and
// most programs send no Secure cookie there without HTTPS.
func plain(name string) string { return name[len("__Host-"):] }

// SetCookie gives the browser its session's token, or with an empty one takes it
// away. Only in a demonstration may a cookie travel without HTTPS, and only on the
// machine itself.
func SetCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookie(w, r, demo, CookieName, token, 0)
}

// SetHalfwayCookie is SetCookie for who has not given the second step yet.
func SetHalfwayCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookie(w, r, demo, halfwayCookie, token, halfwayFor)
}

// SetBrowserCookie is SetCookie for a browser in which somebody signed in; it stays
// when they sign out.
func SetBrowserCookie(w http.ResponseWriter, r *http.Request, demo bool, token string) {
	setCookie(w, r, demo, browserCookie, token, knownFor)
}

// setCookie sets a cookie for a while, or with 0 until the browser closes.
func setCookie(w http.ResponseWriter, r *http.Request, demo bool, name, value string, lasts time.Duration) {
	setCookieFor(w, r, demo, name, value, lasts, http.SameSiteStrictMode)
}

func setCookieFor(w http.ResponseWriter, r *http.Request, demo bool, name, value string, lasts time.Duration, from http.SameSite) {
	c := &http.Cookie{ //nolint:gosec // it is Secure but there
		Name: name, Value: value, Path: "/", Secure: true, HttpOnly: true, MaxAge: int(lasts / time.Second), SameSite: from,
	}
	if demo && r.TLS == nil && web.Loopback(r.Host) {
		c.Name, c.Secure = plain(c.Name), false
	}
	if c.Value == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}
