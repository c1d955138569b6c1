package signin

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
)

func TestSignIn(t *testing.T) {
	h := open(t)
	b := h.browser()
	want(t, b.get("/staff/queue-of-nobody"), http.StatusSeeOther, "/staff/signin?next=%2Fstaff%2Fqueue-of-nobody") // which pages there are, one learns inside
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/signin?next=%2Fstaff%2Fme")
	want(t, b.get("/staff/signin?next=/staff/me"), http.StatusOK,
		`name="next" value="/staff/me"`, `autocomplete="username"`, `autocomplete="current-password"`, `type="password"`)

	wrongPhrase := b.post("/staff/signin", "name", "administrator", "passphrase", "wrong horse battery")
	wrongName := b.post("/staff/signin", "name", "nobodyatall", "passphrase", passphrase)
	want(t, wrongPhrase, http.StatusUnauthorized, "The name or the pass phrase is not right.")
	if got := strings.ReplaceAll(wrongName.Body.String(), "nobodyatall", "administrator"); wrongName.Code != wrongPhrase.Code || stripTime(got) != stripTime(wrongPhrase.Body.String()) {
		t.Error("a wrong name is answered unlike a wrong pass phrase")
	}
	if strings.Contains(wrongPhrase.Body.String(), "wrong horse") {
		t.Error("the pass phrase came back in the page")
	}
	if b.cookie != "" {
		t.Error("a refused sign-in set a cookie")
	}

	w := b.post("/staff/signin", "name", " administrator ", "passphrase", passphrase, "next", "/staff/me")
	want(t, w, http.StatusSeeOther, "/staff/me")
	c := w.Result().Cookies()[0]
	if !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("cookie is %v", c)
	}
	want(t, b.get("/staff/me"), http.StatusOK, "My account")
	want(t, b.get("/staff/signin"), http.StatusSeeOther, "/staff/")

	old := b.cookie
	b.post("/staff/signin", "name", "supervisor", "passphrase", passphrase)
	was := &browser{h: h, site: "same-origin", cookie: old}
	want(t, was.get("/staff/me"), http.StatusSeeOther, "/staff/signin")

	want(t, b.post("/staff/signout"), http.StatusSeeOther, "/staff/signin")
	if b.cookie != "" {
		t.Error("signing out left the cookie")
	}
}

// A demonstration is tried by programs and browsers that send no Secure cookie
// to their own machine without HTTPS. A real hotline's cookie is never plain.
func TestTheCookieIsPlainOnlyInADemonstrationOnItsOwnMachine(t *testing.T) {
	for _, c := range []struct {
		demo  bool
		host  string
		plain bool
	}{
		{true, "127.0.0.1:8080", true},
		{true, "localhost", true},
		{true, "[::1]:8080", true},
		{true, "hotline.example", false},
		{true, "127.0.0.1.example:80", false},
		{false, "127.0.0.1:8080", false},
		{false, "localhost", false},
	} {
		r, w := httptest.NewRequest("GET", "http://"+c.host+"/", nil), httptest.NewRecorder()
		staff.SetCookie(w, r, c.demo, "token")
		cookie := w.Result().Cookies()[0]
		if cookie.Secure == c.plain || !cookie.HttpOnly || strings.HasPrefix(cookie.Name, "__Host-") == c.plain {
			t.Errorf("%+v: %v", c, cookie)
		}
		r.AddCookie(cookie)
		if got := staff.Token(r); got != "token" {
			t.Errorf("%+v: the cookie comes back as %q", c, got)
		}
	}
	r := httptest.NewRequest("GET", "http://hotline.example/", nil)
	r.AddCookie(&http.Cookie{Name: "desk", Value: "token"}) //nolint:gosec // as an attacker's script would
	if staff.Token(r) != "" {
		t.Error("a plain cookie is taken at a real address")
	}
}

// stripTime takes the moment out of a page.
func stripTime(page string) string {
	before, after, _ := strings.Cut(page, `data-now="`)
	_, after, _ = strings.Cut(after, `"`)
	return before + after
}

func TestSignInFromElsewhere(t *testing.T) {
	h := open(t)
	b := h.browser()
	b.site = "cross-site"
	want(t, b.post("/staff/signin", "name", "supervisor", "passphrase", passphrase), http.StatusForbidden, "begins with https")
	if b.cookie != "" {
		t.Error("another site signed somebody in")
	}
	victim := h.signedIn(staff.Administrator)
	victim.site = "cross-site"
	for _, path := range []string{"/staff/lock", "/staff/signout", "/staff/unlock", "/staff/presence", "/staff/language", "/staff/here", "/staff/passphrase"} {
		want(t, victim.post(path, "presence", "break", "language", "pl"), http.StatusNotFound)
	}
	want(t, victim.get("/staff/me"), http.StatusOK, `<html lang="en"`)
}

func TestTooMuchAndNotAForm(t *testing.T) {
	h := open(t)
	b := h.browser()
	want(t, b.post("/staff/signin", "name", strings.Repeat("x", 2<<20)), http.StatusRequestEntityTooLarge)
	want(t, b.post("/staff/signin", "name", "\x00\xff\u202e", "passphrase", strings.Repeat("é", 5000)), http.StatusUnauthorized)
	want(t, b.post("/staff/signin"), http.StatusUnauthorized)
}

// The token of before a lock opens nothing any more: neither a page that a
// browser kept, nor the key that an older copy of the disk holds under it.
func TestLockingChangesTheToken(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	old := &browser{h: h, site: "same-origin", cookie: b.cookie}
	want(t, b.post("/staff/lock"), http.StatusSeeOther, "/staff/unlock")
	if b.cookie == old.cookie {
		t.Fatal("the cookie is the same")
	}
	want(t, old.get("/staff/me"), http.StatusSeeOther, "/staff/signin?next=%2Fstaff%2Fme")
	want(t, b.post("/staff/unlock", "passphrase", passphrase, "next", "/staff/me"), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK)
}

func TestLock(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	want(t, b.get("/staff/me"), http.StatusOK)
	want(t, b.post("/staff/lock", "back", "/staff/me"), http.StatusSeeOther, "/staff/unlock?next=/staff/me")

	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/unlock?next=%2Fstaff%2Fme")
	b.script = true
	if w := b.get("/staff/me"); w.Code != http.StatusNoContent || w.Header().Get("Hx-Redirect") != "/staff/unlock" {
		t.Errorf("a script was told %d %q", w.Code, w.Header().Get("Hx-Redirect"))
	}
	b.script = false
	locked := b.get("/staff/unlock?next=/staff/me")
	want(t, locked, http.StatusOK, `value="/staff/me"`, `data-locked`, `data-live-stream`, `value="supervisor" autocomplete="username"`)
	if strings.Contains(locked.Body.String(), "top-nav") {
		t.Error("the locked page shows the parts of the desk")
	}
	want(t, b.post("/staff/unlock", "passphrase", "wrong horse battery"), http.StatusUnauthorized, "not right")
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/unlock")
	want(t, b.post("/staff/unlock", "passphrase", passphrase, "next", "/staff/me"), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK)
	want(t, b.get("/staff/unlock"), http.StatusSeeOther, "/staff/")
}

// The screen locks by itself; what a page asks by itself does not keep it open.
func TestIdle(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	*h.clock += staff.Idle - time.Minute
	b.quiet = true
	want(t, b.get("/staff/me"), http.StatusOK)
	*h.clock += 2 * time.Minute
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/unlock")
	b.quiet = false
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/unlock")
	want(t, b.post("/staff/unlock", "passphrase", passphrase), http.StatusSeeOther)
	want(t, b.get("/staff/me"), http.StatusOK)

	b.quiet = true
	if w := b.post("/staff/lock"); w.Code != http.StatusNoContent {
		t.Errorf("the page's own lock was answered with %d", w.Code)
	}
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/unlock")
}

func TestOnDesk(t *testing.T) {
	for next, want := range map[string]string{
		"/staff/queue":            "/staff/queue",
		"/staff/contacts/ab12":    "/staff/contacts/ab12",
		"/staff/":                 "/staff/",
		"":                        "/staff/",
		"/":                       "/staff/",
		"//evil.example":          "/staff/",
		"/staff//evil.example":    "/staff/",
		"https://evil.example":    "/staff/",
		`/\evil.example`:          "/staff/",
		`/staff/\evil`:            "/staff/",
		"/staff/../x":             "/staff/",
		"/staff/queue?a=b":        "/staff/",
		"/staff/%2e%2e/x":         "/staff/",
		"/staff/a\r\nX: y":        "/staff/",
		"/staff/live":             "/staff/",
		"/staff/signout":          "/staff/",
		"javascript:alert(1)":     "/staff/",
		"/staff/" + longPath(400): "/staff/",
	} {
		if got := onDesk(next); got != want {
			t.Errorf("onDesk(%q) = %q, want %q", next, got, want)
		}
	}
}

func longPath(n int) string { return strings.Repeat("x", n) }
