package admin

import (
	"net/http"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// Whoever makes an account knows its pass phrase. Until its owner has chosen
// another, it can do nothing and be admitted to nothing, and afterwards the
// one who made it can do nothing with what they know.
func TestWhoMadeAnAccountCannotUseIt(t *testing.T) {
	h := open(t)
	admin, sue := h.signedIn(staff.Administrator), h.signedIn(staff.Supervisor)
	handed := "handed over by the administrator"
	want(t, admin.post("/staff/people", "name", "Noor", "role", "advocate", "passphrase", handed), http.StatusOK)
	want(t, admin.get("/staff/people"), http.StatusOK, "Has not chosen a pass phrase yet")

	spy, noor := h.browser(), h.browser()
	for _, b := range []*browser{spy, noor} {
		want(t, b.post("/staff/signin", "name", "Noor", "passphrase", handed), http.StatusSeeOther)
		want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/passphrase")
		want(t, b.post("/staff/presence", "presence", "break"), http.StatusSeeOther, "/staff/passphrase")
	}
	id := h.named("Noor").ID
	want(t, sue.post("/staff/waiting/"+id), http.StatusConflict, "choose a pass phrase of their own")

	own := "only Noor knows this one"
	for _, bad := range [][]string{
		{"old", "wrong", "passphrase", own, "again", own},
		{"old", handed, "passphrase", "short", "again", "short"},
		{"old", handed, "passphrase", own, "again", own + "x"},
		{"old", handed, "passphrase", handed, "again", handed},
	} {
		want(t, noor.post("/staff/passphrase", bad...), http.StatusUnprocessableEntity, "field-wrong")
	}
	before := h.named("Noor").Public.Bytes()
	want(t, noor.post("/staff/passphrase", "old", handed, "passphrase", own, "again", own), http.StatusOK, "is changed")
	if string(before) == string(h.named("Noor").Public.Bytes()) {
		t.Error("the key that the administrator could have opened is still in use")
	}
	want(t, noor.get("/staff/me"), http.StatusOK, "Noor")
	want(t, spy.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, h.browser().post("/staff/signin", "name", "Noor", "passphrase", handed), http.StatusUnauthorized)

	want(t, sue.post("/staff/waiting/"+id), http.StatusSeeOther, "/staff/waiting")
	next := "and another one, months later"
	want(t, noor.post("/staff/passphrase", "old", own, "passphrase", next, "again", next), http.StatusOK, "is changed")
	want(t, noor.get("/staff/me"), http.StatusOK, "Can open")
	want(t, h.browser().post("/staff/signin", "name", "Noor", "passphrase", next), http.StatusSeeOther)
}
