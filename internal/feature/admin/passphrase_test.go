package admin

import (
	"net/http"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// Whoever makes an account knows its pass phrase. Until its owner has chosen
// another, it can do nothing and be admitted to nothing.
func TestWhoMadeAnAccountCannotUseIt(t *testing.T) {
	h := open(t)
	admin, sue := h.signedIn(staff.Administrator), h.signedIn(staff.Supervisor)
	handed := "handed over by the administrator"
	want(t, admin.post("/staff/people", "name", "Noor", "role", "advocate", "passphrase", handed), http.StatusOK)
	want(t, admin.get("/staff/people"), http.StatusOK, "Has not chosen a pass phrase yet")
	noor := h.browser()
	want(t, noor.post("/staff/signin", "name", "Noor", "passphrase", handed), http.StatusSeeOther)
	want(t, noor.get("/staff/me"), http.StatusSeeOther, "/staff/passphrase")
	want(t, sue.post("/staff/waiting/"+h.named("Noor").ID), http.StatusConflict, "choose a pass phrase of their own")
}
