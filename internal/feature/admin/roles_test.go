package admin

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// Who may not do a thing learns only that there is no such page.
func TestRoles(t *testing.T) {
	h := open(t)
	id := h.people[staff.Advocate].ID
	routes := []struct {
		method, path string
		may          map[staff.Role]bool
	}{
		{"GET", "/staff/people", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/people", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/people/" + id + "/disable", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/people/" + id + "/enable", map[staff.Role]bool{staff.Administrator: true}},
		{"GET", "/staff/settings", map[staff.Role]bool{staff.Administrator: true}},
		{"GET", "/staff/settings/general", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/settings/general", map[staff.Role]bool{staff.Administrator: true}},
		{"GET", "/staff/settings/in/ru", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/settings/in/ru", map[staff.Role]bool{staff.Administrator: true}},
		{"POST", "/staff/settings/public/ru", map[staff.Role]bool{staff.Administrator: true}},
		{"GET", "/staff/waiting", map[staff.Role]bool{staff.Supervisor: true}},
		{"POST", "/staff/waiting/nobody", nil},
	}
	for _, role := range staff.Roles {
		b := h.signedIn(role)
		missing := b.get("/staff/there/is/no/such/page")
		for _, route := range routes {
			w := b.get(route.path)
			if route.method == "POST" {
				w = b.post(route.path)
			}
			if got := w.Code != http.StatusNotFound; got != route.may[role] {
				t.Errorf("%s %s as %s: %d", route.method, route.path, role, w.Code)
			}
			if w.Code == http.StatusNotFound && missing.Code != http.StatusNotFound {
				t.Errorf("a page that is not there is answered with %d", missing.Code)
			}
		}
	}
	stranger := h.browser()
	for _, route := range routes {
		w := stranger.get(route.path)
		if route.method == "POST" {
			w = stranger.post(route.path)
		}
		want(t, w, http.StatusSeeOther, "/staff/signin")
	}
}

func TestHeaders(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Administrator)
	for _, path := range []string{"/staff/people", "/staff/settings", "/staff/settings/general", "/staff/settings/in/ar", "/staff/none"} {
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

// No other site makes a colleague's browser do anything.
func TestFormsFromElsewhere(t *testing.T) {
	h := open(t)
	victim := h.signedIn(staff.Administrator)
	victim.site = "cross-site"
	for _, path := range []string{
		"/staff/people", "/staff/people/" + h.people[staff.Advocate].ID + "/disable", "/staff/settings/general", "/staff/settings/public/en",
	} {
		want(t, victim.post(path, "on", "1", "sure", "1"), http.StatusNotFound)
	}
	victim.site = "same-origin"
	want(t, victim.get("/staff/settings"), http.StatusOK, "Nothing was changed yet.")
}

// A form that was begun before its sender was dismissed, and ended after, does
// nothing: who sends it is asked when all of it is here.
func TestAFormThatIsHeldBack(t *testing.T) {
	h := open(t)
	server := httptest.NewServer(h.handler)
	defer server.Close()
	boss, leaver := h.signedIn(staff.Administrator), h.add("second administrator", staff.Administrator)
	b := h.browser()
	want(t, b.post("/staff/signin", "name", leaver.Name, "passphrase", passphrase), http.StatusSeeOther)

	held, hold := io.Pipe()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/staff/people", held)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: b.cookie}) //nolint:gosec // as the browser sends it
	status := make(chan int)
	go func() {
		client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		res, err := client.Do(r)
		if err != nil {
			t.Error(err)
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	if _, err := hold.Write([]byte("name=Later&role=supervisor&passp")); err != nil {
		t.Fatal(err)
	}
	want(t, boss.post("/staff/people/"+leaver.ID+"/disable"), http.StatusSeeOther)
	if _, err := hold.Write([]byte("hrase=correct horse battery")); err != nil {
		t.Fatal(err)
	}
	_ = hold.Close()
	if got := <-status; got != http.StatusSeeOther {
		t.Errorf("it was answered with %d", got)
	}
	if w := boss.get("/staff/people"); strings.Contains(w.Body.String(), "Later") {
		t.Error("who was dismissed has made an account")
	}
}
