package signin

import (
	"context"
	"net/http"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Whoever makes an account knows its pass phrase. Until its owner has chosen
// another, it can do nothing; afterwards the one who made it can do nothing with
// what they know.
func TestWhoMadeAnAccountCannotUseIt(t *testing.T) {
	h := open(t)
	handed := "handed over by the administrator"
	account, err := staff.Prepare(t.Context(), agency, "Noor", staff.Advocate, handed)
	if err != nil {
		t.Fatal(err)
	}
	h.update(func(ctx context.Context, tx *db.Tx) error { return account.HandedOver().Insert(ctx, tx, "") })

	spy, noor := h.browser(), h.browser()
	for _, b := range []*browser{spy, noor} {
		want(t, b.post("/staff/signin", "name", "Noor", "passphrase", handed), http.StatusSeeOther)
		want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/passphrase")
		want(t, b.post("/staff/presence", "presence", "break"), http.StatusSeeOther, "/staff/passphrase")
	}

	own := "only Noor knows this one"
	for _, bad := range [][]string{
		{"old", "wrong", "passphrase", own, "again", own},
		{"old", handed, "passphrase", "short", "again", "short"},
		{"old", handed, "passphrase", "Hope Line 2026", "again", "Hope Line 2026"},
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

	next := "and another one, months later"
	want(t, noor.post("/staff/passphrase", "old", own, "passphrase", next, "again", next), http.StatusOK, "is changed")
	want(t, noor.get("/staff/me"), http.StatusOK, "Noor")
	want(t, h.browser().post("/staff/signin", "name", "Noor", "passphrase", next), http.StatusSeeOther)
}
