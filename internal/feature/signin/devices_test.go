package signin

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
)

func TestBrowserOf(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0":                                                                  "Firefox",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36":                         "Chrome",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0":               "Edge",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": "phone Safari",
		"Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":        "phone Samsung Internet",
		"curl/8": "", "": "", "Mobile": "phone", strings.Repeat("Firefox/", 10_000): "Firefox",
	} {
		if got := staff.BrowserOf(agent); got != want {
			t.Errorf("%.80q: %q, want %q", agent, got, want)
		}
	}
}

var handleForm = regexp.MustCompile(`name="device" value="([0-9a-f]+)"`)

// Somebody sees where they are signed in, and what they end is ended at the next
// request; nobody ends another's.
func TestDevices(t *testing.T) {
	h := open(t)
	here, there, third, other := h.signedIn(staff.Supervisor), h.signedIn(staff.Supervisor), h.signedIn(staff.Supervisor), h.signedIn(staff.Advocate)
	page := here.get("/staff/devices")
	want(t, page, http.StatusOK, "This one", "Another browser", "on a computer")
	handles := handleForm.FindAllStringSubmatch(page.Body.String(), -1)
	if len(handles) != 2 {
		t.Fatalf("%d other sessions are shown", len(handles))
	}
	want(t, other.post("/staff/devices/end", "device", handles[0][1]), http.StatusSeeOther)
	want(t, here.post("/staff/devices/end", "device", "%"), http.StatusUnprocessableEntity)
	for _, b := range []*browser{here, there, third} {
		want(t, b.get("/staff/me"), http.StatusOK)
	}
	want(t, here.post("/staff/devices/end", "device", handles[0][1]), http.StatusSeeOther, "/staff/devices")
	if (there.get("/staff/me").Code == http.StatusOK) == (third.get("/staff/me").Code == http.StatusOK) {
		t.Error("not exactly one session was ended")
	}
	want(t, here.post("/staff/devices/end", "others", "1"), http.StatusSeeOther)
	want(t, there.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, third.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, here.get("/staff/me"), http.StatusOK)
	want(t, other.get("/staff/me"), http.StatusOK)
	if b := here.get("/staff/devices").Body.String(); handleForm.MatchString(b) {
		t.Error("an ended session is still shown")
	}
}

// Whoever hammers a name makes strangers wait, and not its owner, who signed in
// with this browser before; and the log has how often, and not the name.
func TestHammeringANameKeepsItsOwnerIn(t *testing.T) {
	h := open(t)
	owner := h.signedIn(staff.Supervisor)
	want(t, owner.post("/staff/signout"), http.StatusSeeOther)
	if owner.others["__Host-desk-known"] == "" {
		t.Fatal("the browser is not known")
	}
	for range 6 {
		b := h.browser()
		b.hurry = 200 * time.Millisecond
		b.post("/staff/signin", "name", "supervisor", "passphrase", "wrong horse battery")
	}
	stranger := h.browser()
	stranger.hurry = 50 * time.Millisecond
	if w := stranger.post("/staff/signin", "name", "supervisor", "passphrase", passphrase); w.Code == http.StatusSeeOther {
		t.Error("a stranger did not wait")
	}
	want(t, owner.post("/staff/signin", "name", "supervisor", "passphrase", passphrase), http.StatusSeeOther)

	// What is known of one colleague is nothing to another's name.
	thief := h.browser()
	thief.hurry, thief.others = 50*time.Millisecond, map[string]string{"__Host-desk-known": "made up"}
	if w := thief.post("/staff/signin", "name", "supervisor", "passphrase", passphrase); w.Code == http.StatusSeeOther {
		t.Error("a cookie that is none of ours was taken for a known browser")
	}

	if err := staff.Sweep(t.Context(), h.db); err != nil {
		t.Fatal(err)
	}
	found := ""
	for _, e := range h.log.All() {
		if e.Action == "sign-in refused" {
			found += e.Staff + e.Record + e.Reason
		}
	}
	if found != "5" {
		t.Errorf("the log says %q of what was refused", found)
	}
}

// A stream of hints ends when its session is ended from elsewhere, not when it is
// next asked.
func TestAStreamEndsWithItsSession(t *testing.T) {
	h := open(t)
	server := httptest.NewServer(h.handler)
	defer server.Close()
	here, there := h.signedIn(staff.Supervisor), h.signedIn(staff.Supervisor)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/staff/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: there.cookie}) //nolint:gosec // as the browser sends it
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	want(t, here.post("/staff/devices/end", "others", "1"), http.StatusSeeOther)
	for buf := make([]byte, 512); err == nil; {
		_, err = res.Body.Read(buf)
	}
	if ctx.Err() != nil {
		t.Error("the stream goes on")
	}
}
