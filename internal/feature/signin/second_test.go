package signin

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/totp"
	"github.com/clew-hotline/clew/internal/platform/db"
)

var (
	keyForm      = regexp.MustCompile(`name="key" value="([A-Z2-7]+)"`)
	recoveryForm = regexp.MustCompile(`<li><code>([a-z0-9]{5}-[a-z0-9]{5})</code>`)
)

// phone is somebody's authenticator.
type phone struct {
	h      *house
	secret []byte
}

// shows is its code now, or some periods later.
func (p phone) shows(later int) string {
	*p.h.clock += time.Duration(later) * totp.Period
	return totp.Code(p.secret, totp.Step(p.h.db.Now()))
}

// enrol turns somebody's second step on, and gives the phone and recovery codes.
func (h *house) enrol(b *browser) (phone, []string) {
	h.t.Helper()
	page := b.get("/staff/second").Body.String()
	key := keyForm.FindStringSubmatch(page)
	if key == nil || !strings.Contains(page, "<svg") {
		h.t.Fatalf("no key to set up: %.300s", page)
	}
	secret, err := secretFrom(key[1])
	if err != nil {
		h.t.Fatal(err)
	}
	p := phone{h, secret}
	w := b.post("/staff/second/on", "key", key[1], "code", p.shows(0), "passphrase", passphrase)
	want(h.t, w, http.StatusOK, "Recovery codes")
	var codes []string
	for _, m := range recoveryForm.FindAllStringSubmatch(w.Body.String(), -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != staff.RecoveryCodes {
		h.t.Fatalf("%d recovery codes", len(codes))
	}
	return p, codes
}

// With a second step the pass phrase alone opens nothing; each code counts once;
// and whoever has not got the pass phrase learns nothing of it all.
func TestSecondStep(t *testing.T) {
	h := open(t)
	inside := h.signedIn(staff.Supervisor)
	want(t, inside.post("/staff/second/on", "key", "AAAA", "code", "123456"), http.StatusUnprocessableEntity, "not the code")
	phone, codes := h.enrol(inside)
	want(t, inside.get("/staff/second"), http.StatusOK, "10 recovery codes left")

	stranger := h.browser()
	wrong := stranger.post("/staff/signin", "name", "supervisor", "passphrase", "wrong horse battery")
	without := stranger.post("/staff/signin", "name", "advocate", "passphrase", "wrong horse battery")
	if stripTime(wrong.Body.String()) != stripTime(strings.ReplaceAll(without.Body.String(), `"advocate"`, `"supervisor"`)) {
		t.Error("who has a second step is answered unlike who has none")
	}

	b := h.browser()
	want(t, b.post("/staff/signin", "name", "supervisor", "passphrase", passphrase, "next", "/staff/me"), http.StatusSeeOther, "/staff/signin/code?next=/staff/me")
	if b.cookie != "" {
		t.Fatal("a session exists before the second step")
	}
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, b.get("/staff/signin/code"), http.StatusOK, `autocomplete="one-time-code"`)
	used := phone.shows(0) // turned the second step on, and so counted
	want(t, b.post("/staff/signin/code", "code", used), http.StatusUnauthorized, "Each code counts once")
	want(t, b.post("/staff/signin/code", "code", "000000"), http.StatusUnauthorized, "Each code counts once")
	code := phone.shows(1)
	want(t, b.post("/staff/signin/code", "code", code[:3]+" "+code[3:], "next", "/staff/me"), http.StatusSeeOther, "/staff/me")
	want(t, b.get("/staff/me"), http.StatusOK)

	again := h.browser()
	again.post("/staff/signin", "name", "supervisor", "passphrase", passphrase)
	want(t, again.post("/staff/signin/code", "code", code), http.StatusUnauthorized)
	want(t, again.post("/staff/signin/code", "code", strings.ToUpper(codes[3])), http.StatusSeeOther)
	third := h.browser()
	third.post("/staff/signin", "name", "supervisor", "passphrase", passphrase)
	want(t, third.post("/staff/signin/code", "code", codes[3]), http.StatusUnauthorized)
	want(t, again.get("/staff/second"), http.StatusOK, "9 recovery codes left")
}

// Being half way in ends after a few tries and after minutes, and with the account.
func TestHalfwayEnds(t *testing.T) {
	h := open(t)
	phone, _ := h.enrol(h.signedIn(staff.Supervisor))
	begin := func() *browser {
		b := h.browser()
		want(t, b.post("/staff/signin", "name", "supervisor", "passphrase", passphrase), http.StatusSeeOther, "/staff/signin/code")
		return b
	}
	b := begin()
	for range 5 {
		want(t, b.post("/staff/signin/code", "code", "nonsense"), http.StatusUnauthorized, "does not count")
	}
	want(t, b.post("/staff/signin/code", "code", phone.shows(1)), http.StatusUnauthorized, "Begin again")
	b = begin()
	want(t, b.post("/staff/signin/code", "code", phone.shows(11)), http.StatusUnauthorized, "Begin again")
	b = begin()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		return staff.SetDisabled(ctx, tx, agency, h.people[staff.Supervisor].ID, "", true)
	})
	want(t, b.post("/staff/signin/code", "code", phone.shows(1)), http.StatusUnauthorized, "Begin again")
	want(t, h.browser().get("/staff/signin/code"), http.StatusSeeOther, "/staff/signin")
}

// Turning it on or off, and making other recovery codes, needs the pass phrase: an open
// screen is not enough.
func TestTheSecondStepNeedsThePassphrase(t *testing.T) {
	h := open(t)
	b := h.signedIn(staff.Supervisor)
	secret := totp.NewSecret()
	for _, typed := range []string{"", "wrong horse battery"} {
		want(t, b.post("/staff/second/on", "key", totp.Text(secret), "code", totp.Code(secret, totp.Step(h.db.Now())), "passphrase", typed),
			http.StatusUnprocessableEntity, "not right", totp.Text(secret))
	}
	_, codes := h.enrol(b)
	want(t, b.post("/staff/second/off", "passphrase", "wrong horse battery"), http.StatusUnprocessableEntity, "not right")
	want(t, b.post("/staff/second/codes", "passphrase", ""), http.StatusUnprocessableEntity, "not right")
	w := b.post("/staff/second/codes", "passphrase", passphrase)
	want(t, w, http.StatusOK, "Recovery codes")
	if strings.Contains(w.Body.String(), codes[0]) {
		t.Error("the new recovery codes are the old ones")
	}
	half := h.browser()
	half.post("/staff/signin", "name", "supervisor", "passphrase", passphrase)
	want(t, half.post("/staff/signin/code", "code", codes[0]), http.StatusUnauthorized)
	want(t, b.post("/staff/second/off", "passphrase", passphrase), http.StatusOK, "is off")
	h.signedIn(staff.Supervisor)
	want(t, b.post("/staff/second/codes", "passphrase", passphrase), http.StatusNotFound)
}

// Where the role must have a second step, who has none can set one up and nothing
// else.
func TestARoleThatMustHaveASecondStep(t *testing.T) {
	h := open(t)
	admin, b := h.signedIn(staff.Administrator), h.signedIn(staff.Advocate)
	want(t, admin.post("/staff/settings/signin", "roles", "king"), http.StatusUnprocessableEntity)
	want(t, admin.post("/staff/settings/signin", "roles", "advocate", "roles", "supervisor"), http.StatusSeeOther, "?saved")
	want(t, admin.get("/staff/settings/signin"), http.StatusOK, `value="advocate" checked`, `value="supervisor" checked`)
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/second")
	want(t, b.post("/staff/presence", "presence", "break"), http.StatusSeeOther, "/staff/second")
	want(t, b.get("/staff/second"), http.StatusOK, "Your role needs a second step")
	h.enrol(b)
	want(t, b.get("/staff/me"), http.StatusOK)
	want(t, admin.get("/staff/me"), http.StatusOK)
	want(t, b.post("/staff/settings/signin"), http.StatusNotFound)
}
