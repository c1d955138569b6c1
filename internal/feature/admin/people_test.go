package admin

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

var shownOnce = regexp.MustCompile(`<code id="once">([^<]+)</code>`)

func TestAddPerson(t *testing.T) {
	h := open(t)
	admin := h.signedIn(staff.Administrator)
	want(t, admin.get("/staff/people"), http.StatusOK, "supervisor", "Waits for a supervisor", "Can open", "This is you")

	w := admin.post("/staff/people", "name", "Noor", "role", "advocate")
	want(t, w, http.StatusOK, "Noor", "shown once", "a supervisor has to admit them")
	made := shownOnce.FindStringSubmatch(w.Body.String())
	if made == nil {
		t.Fatal("no pass phrase was shown")
	}
	noor := h.browser()
	want(t, noor.post("/staff/signin", "name", "Noor", "passphrase", made[1]), http.StatusSeeOther)

	w = admin.post("/staff/people", "name", "Noor", "role", "advocate")
	want(t, w, http.StatusUnprocessableEntity, "an account with this name already", `value="Noor"`, `value="advocate" selected`)
	if shownOnce.MatchString(w.Body.String()) {
		t.Error("a pass phrase was shown for an account that was not made")
	}

	chosen := "chosen by Lea herself"
	w = admin.post("/staff/people", "name", "Lea", "role", "analyst", "passphrase", chosen)
	want(t, w, http.StatusOK, "Lea")
	if strings.Contains(w.Body.String(), chosen) || strings.Contains(w.Body.String(), "has to admit") {
		t.Error("the page repeats a chosen pass phrase, or says that an analyst waits")
	}
	lea := h.browser()
	want(t, lea.post("/staff/signin", "name", "Lea", "passphrase", chosen), http.StatusSeeOther)

	for _, bad := range [][]string{
		{"name", "", "role", "advocate"},
		{"name", strings.Repeat("x", 61), "role", "advocate"},
		{"name", "Max", "role", "king"},
		{"name", "Max", "role", "advocate", "passphrase", "short"},
		{"name", "Max", "role", "advocate", "passphrase", strings.Repeat("x", 201)},
	} {
		want(t, admin.post("/staff/people", bad...), http.StatusUnprocessableEntity, "field-wrong")
	}
	want(t, admin.post("/staff/people", "name", `<script>"{{.}}`, "role", ""), http.StatusUnprocessableEntity, "&lt;script&gt;")
}

func TestAdmit(t *testing.T) {
	h := open(t)
	sue, ann := h.signedIn(staff.Supervisor), h.people[staff.Advocate]
	want(t, sue.get("/staff/waiting"), http.StatusOK, "advocate", "case_manager", "/staff/waiting/"+ann.ID)
	if w := sue.get("/staff/waiting?admitted=" + ann.ID); strings.Contains(w.Body.String(), "can open contacts now") {
		t.Error("an address says that somebody was admitted who was not")
	}
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusSeeOther, "/staff/waiting?admitted="+ann.ID)
	want(t, sue.get("/staff/waiting?admitted="+ann.ID), http.StatusOK, "advocate can open contacts now.")
	if w := sue.get("/staff/waiting"); strings.Contains(w.Body.String(), ann.ID) {
		t.Error("who was admitted still waits")
	}
	h.update(func(ctx context.Context, tx *db.Tx) error {
		group, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		if _, err := group.Open(ctx, tx, ann.ID, h.pairs[staff.Advocate]); err != nil {
			t.Errorf("who was admitted cannot open the group: %v", err)
		}
		if _, err := group.Open(ctx, tx, h.people[staff.CaseManager].ID, h.pairs[staff.CaseManager]); !errs.Is(err, errs.NotFound) {
			t.Errorf("who was not admitted opens the group: %v", err)
		}
		return nil
	})
	entries := h.log.Of(ann.ID)
	if last := entries[len(entries)-1]; last.Action != string(staff.AdmitStaff) || last.Staff != h.people[staff.Supervisor].ID {
		t.Errorf("the log says %+v", last)
	}
	// Who reads no contacts is not brought in, nor somebody who is not there.
	want(t, sue.post("/staff/waiting/"+h.people[staff.Analyst].ID), http.StatusNotFound)
	want(t, sue.post("/staff/waiting/nobody"), http.StatusNotFound)

	// A supervisor who is in no group has nothing to hand on.
	h.add("second", staff.Supervisor)
	second := h.browser()
	want(t, second.post("/staff/signin", "name", "second", "passphrase", passphrase), http.StatusSeeOther)
	want(t, second.get("/staff/waiting"), http.StatusOK, "you cannot admit anybody")
	want(t, second.post("/staff/waiting/"+h.people[staff.CaseManager].ID), http.StatusConflict, "you cannot admit anybody")
}

// Whoever leaves may have kept their key, so both groups turn to another; who
// stays holds it at once, and the recovery key too.
func TestTheGroupsTurnWhenSomebodyLeaves(t *testing.T) {
	h := open(t)
	admin, sue := h.signedIn(staff.Administrator), h.signedIn(staff.Supervisor)
	ann := h.people[staff.Advocate]
	epochs := func() (list []int) {
		h.update(func(ctx context.Context, tx *db.Tx) error {
			list = nil
			for _, name := range []string{keyring.Intake, keyring.Audit} {
				g, err := keyring.Find(ctx, tx, agency, name)
				if err != nil {
					return err
				}
				members, err := g.Members(ctx, tx)
				if err != nil {
					return err
				}
				if members[ann.ID] && g.Epoch > 1 {
					t.Errorf("%s: who left holds the new key", name)
				}
				if g.Epoch > 1 && name == keyring.Intake && !members[h.people[staff.Supervisor].ID] {
					t.Errorf("%s: who stays does not hold the new key", name)
				}
				list = append(list, g.Epoch)
			}
			return nil
		})
		return list
	}
	want(t, admin.post("/staff/people/"+ann.ID+"/disable"), http.StatusSeeOther)
	if got := epochs(); !slices.Equal(got, []int{1, 1}) {
		t.Errorf("somebody who held no key left, and the keys turned: %v", got)
	}
	want(t, admin.post("/staff/people/"+ann.ID+"/enable"), http.StatusSeeOther)
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusSeeOther)
	want(t, admin.post("/staff/people/"+ann.ID+"/disable"), http.StatusSeeOther)
	if got := epochs(); !slices.Equal(got, []int{2, 1}) {
		t.Errorf("after an advocate left the keys are of %v", got)
	}
}

// Who lost their pass phrase gets another, shown once to who makes it. Until they
// have chosen their own and were admitted they open nothing, and neither does
// whoever found the old one.
func TestALostPassphrase(t *testing.T) {
	h := open(t)
	admin, sue, b := h.signedIn(staff.Administrator), h.signedIn(staff.Supervisor), h.signedIn(staff.Advocate)
	ann := h.people[staff.Advocate]
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusSeeOther)
	w := admin.post("/staff/people/" + ann.ID + "/lost")
	want(t, w, http.StatusOK, "There is a new pass phrase", "shown once")
	phrase := regexp.MustCompile(`id="once">([^<]+)<`).FindStringSubmatch(w.Body.String())[1]

	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, b.post("/staff/signin", "name", "advocate", "passphrase", passphrase), http.StatusUnauthorized)
	want(t, b.post("/staff/signin", "name", "advocate", "passphrase", phrase), http.StatusSeeOther)
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/passphrase")
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusConflict)
	h.choose(b, phrase, "another long phrase")
	want(t, sue.get("/staff/waiting"), http.StatusOK, "/staff/waiting/"+ann.ID)
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusSeeOther)

	want(t, admin.post("/staff/people/"+h.people[staff.Administrator].ID+"/lost"), http.StatusConflict, "your own account")
	want(t, admin.post("/staff/people/nobody/lost"), http.StatusNotFound)
	want(t, sue.post("/staff/people/"+ann.ID+"/lost"), http.StatusNotFound)
}

func TestDisable(t *testing.T) {
	h := open(t)
	admin, sue := h.signedIn(staff.Administrator), h.signedIn(staff.Supervisor)
	ann, b := h.people[staff.Advocate], h.signedIn(staff.Advocate)
	want(t, sue.post("/staff/waiting/"+ann.ID), http.StatusSeeOther)

	want(t, admin.post("/staff/people/"+h.people[staff.Administrator].ID+"/disable"), http.StatusConflict, "your own account")
	want(t, admin.post("/staff/people/nobody/disable"), http.StatusNotFound)
	want(t, admin.post("/staff/people/"+ann.ID+"/disable"), http.StatusSeeOther, "/staff/people")
	want(t, b.get("/staff/me"), http.StatusSeeOther, "/staff/signin")
	want(t, b.post("/staff/signin", "name", "advocate", "passphrase", passphrase), http.StatusUnauthorized)
	// The last who opens contacts stays, or they would be lost.
	want(t, admin.post("/staff/people/"+h.people[staff.Supervisor].ID+"/disable"), http.StatusConflict, "the last person")
	want(t, sue.get("/staff/waiting"), http.StatusOK)

	want(t, admin.post("/staff/people/"+ann.ID+"/enable"), http.StatusSeeOther)
	want(t, b.post("/staff/signin", "name", "advocate", "passphrase", passphrase), http.StatusSeeOther)
	want(t, b.get("/staff/me"), http.StatusOK)
	want(t, sue.get("/staff/waiting"), http.StatusOK, "/staff/waiting/"+ann.ID)
}

// What the pages do also holds for what commands call, on both engines.
func TestAdmissionOnBothEngines(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		h := on(t, d)
		sue, ann := h.people[staff.Supervisor], h.people[staff.Advocate]
		h.update(func(ctx context.Context, tx *db.Tx) error {
			if err := Admit(ctx, tx, "agency2", sue.ID, h.pairs[staff.Supervisor], ann.ID, ""); !errs.Is(err, errs.NotFound) {
				t.Errorf("another agency admitted somebody: %v", err)
			}
			return Admit(ctx, tx, agency, sue.ID, h.pairs[staff.Supervisor], ann.ID, "")
		})
		h.update(func(ctx context.Context, tx *db.Tx) error {
			waiting, err := Waiting(ctx, tx, agency)
			if len(waiting) != 1 || waiting[0].Role != staff.CaseManager {
				t.Errorf("there wait %v", waiting)
			}
			return err
		})
		// A case manager holds the key too, and opens no contact: they are not counted.
		h.update(func(ctx context.Context, tx *db.Tx) error {
			return Admit(ctx, tx, agency, sue.ID, h.pairs[staff.Supervisor], h.people[staff.CaseManager].ID, "")
		})
		h.update(func(ctx context.Context, tx *db.Tx) error { return SetDisabled(ctx, tx, agency, "", sue.ID, true) })
		err := d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			return SetDisabled(ctx, tx, agency, "", ann.ID, true)
		})
		if !errs.Is(err, errs.Conflict) {
			t.Errorf("the last person who opens contacts was shut out: %v", err)
		}
	}, tables...)
}
