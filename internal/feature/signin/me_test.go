package signin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
)

func TestFirstPage(t *testing.T) {
	h := open(t)
	for role, page := range map[staff.Role]string{
		staff.Advocate: "/staff/queue", staff.Supervisor: "/staff/queue", staff.CaseManager: "/staff/referrals",
		staff.Curator: "/staff/directory", staff.Analyst: "/staff/figures", staff.Administrator: "/staff/settings",
		staff.Volunteer: "/staff/directory", staff.Partner: "/staff/me",
	} {
		w := h.signedIn(role).get("/staff/")
		if got := w.Header().Get("Location"); got != page {
			t.Errorf("%s begins at %q, want %q", role, got, page)
		}
	}
	want(t, h.browser().get("/staff"), http.StatusSeeOther, "/staff/")
}

func TestMe(t *testing.T) {
	h := open(t)
	want(t, h.signedIn(staff.Supervisor).get("/staff/me"), http.StatusOK, "Can open", "data-try-alert")
	want(t, h.signedIn(staff.Advocate).get("/staff/me"), http.StatusOK, "Ask a supervisor to admit you.")
	b := h.signedIn(staff.Analyst)
	want(t, b.get("/staff/me"), http.StatusOK, "Not part of the role", "Analyst")
	for _, role := range staff.Roles { // whose work has no page is told so
		w := h.signedIn(role).get("/staff/me")
		if nothing := strings.Contains(w.Body.String(), "no page for"); nothing != (firstPage(role) == "") {
			t.Errorf("%s is told that there is no page: %v", role, nothing)
		}
	}
	want(t, b.post("/staff/language", "language", "ar", "back", "/staff/me"), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK, `<html lang="ar" dir="rtl">`)
	// An error too is in the person's language.
	want(t, b.post("/staff/language", "language", "xx"), http.StatusUnprocessableEntity, `<html lang="ar" dir="rtl">`)
	want(t, b.get("/staff/none"), http.StatusNotFound, `<html lang="ar" dir="rtl">`)
}

func TestPresence(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Advocate)
	want(t, b.post("/staff/presence", "presence", "break", "back", "/staff/me"), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK, "dot-break")
	want(t, b.post("/staff/presence", "presence", "dancing"), http.StatusUnprocessableEntity)
	b.script = true
	w := b.post("/staff/presence", "presence", "wrap_up", "back", "/staff/me")
	want(t, w, http.StatusOK, `id="presence"`, "dot-wrap_up")
	if strings.Contains(w.Body.String(), "<html") {
		t.Error("a script got a whole page")
	}
}

func TestHeaders(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Administrator)
	for _, path := range []string{"/staff/signin", "/staff/me", "/staff/passphrase", "/staff/none"} {
		w := b.get(path)
		for name, part := range map[string]string{
			"Content-Security-Policy": "default-src 'none'", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer",
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff",
		} {
			if !strings.Contains(w.Header().Get(name), part) {
				t.Errorf("%s: %s is %q", path, name, w.Header().Get(name))
			}
		}
		if csp := w.Header().Get("Content-Security-Policy"); strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") {
			t.Errorf("%s: policy is %q", path, csp)
		}
	}
}
