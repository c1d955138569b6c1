package admin

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func (h *house) groupNamed(name string) (g keyring.Group, members map[string]bool) {
	h.t.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) (err error) {
		if g, err = keyring.Find(ctx, tx, agency, name); err != nil {
			return err
		}
		members, err = g.Members(ctx, tx)
		return err
	})
	return g, members
}

// A supervisor makes a group, brings a colleague in and takes them out again; the
// group then has another key.
func TestAGroupThatPeopleMake(t *testing.T) {
	h := open(t)
	sue, ann := h.signedIn(staff.Supervisor), h.people[staff.Advocate]
	for _, bad := range []string{"", " ", "intake", "Audit", "recovery", strings.Repeat("x", 61)} {
		want(t, sue.post("/staff/groups", "name", bad), http.StatusUnprocessableEntity, "Give the group a name")
	}
	want(t, sue.post("/staff/groups", "name", "Legal <b>"), http.StatusSeeOther, "/staff/groups")
	want(t, sue.post("/staff/groups", "name", "Legal <b>"), http.StatusUnprocessableEntity, "There is a group of this name", "Legal &lt;b&gt;")
	g, members := h.groupNamed("Legal <b>")
	if len(members) != 1 || !members[h.people[staff.Supervisor].ID] {
		t.Fatalf("in a fresh group are %v", members)
	}
	want(t, sue.post("/staff/groups/"+g.ID+"/join", "who", ann.ID), http.StatusSeeOther)
	want(t, sue.get("/staff/groups"), http.StatusOK, "Legal &lt;b&gt;", "advocate", "Bring in", "All who answer", "The log")
	if _, members = h.groupNamed(g.Name); !members[ann.ID] {
		t.Error("who was brought in is not in the group")
	}
	want(t, sue.post("/staff/groups/"+g.ID+"/leave", "who", ann.ID), http.StatusSeeOther)
	after, members := h.groupNamed(g.Name)
	if members[ann.ID] || after.Epoch != g.Epoch+1 || after.Same(g) {
		t.Errorf("after somebody was taken out: %v, key %d", members, after.Epoch)
	}
	want(t, sue.post("/staff/groups/"+g.ID+"/leave", "who", h.people[staff.Supervisor].ID), http.StatusConflict, "the last colleague who opens it")
	for _, cannot := range []staff.Role{staff.Analyst, staff.Administrator, staff.Curator} {
		want(t, sue.post("/staff/groups/"+g.ID+"/join", "who", h.people[cannot].ID), http.StatusConflict, "cannot be brought in")
	}
	logged := append(h.log.Actions(g.ID), h.log.Actions(ann.ID)...)
	for _, deed := range []string{"groups.edit made", "groups.edit joined", "groups.edit left"} {
		if !slices.Contains(logged, deed) {
			t.Errorf("the log lacks %q: %v", deed, logged)
		}
	}
}

// Only who is in a group changes it, and the groups that every hotline has are
// changed by admission alone. An administrator sees who is where.
func TestWhoMayChangeAGroup(t *testing.T) {
	h := open(t)
	sue := h.signedIn(staff.Supervisor)
	want(t, sue.post("/staff/groups", "name", "Legal"), http.StatusSeeOther)
	g, _ := h.groupNamed("Legal")
	second := h.add("Second", staff.Supervisor)
	b := h.browser()
	want(t, b.post("/staff/signin", "name", "Second", "passphrase", passphrase), http.StatusSeeOther)
	intake, _ := h.groupNamed(keyring.Intake)
	for _, id := range []string{g.ID, intake.ID, "nosuchgroup"} {
		want(t, b.post("/staff/groups/"+id+"/join", "who", second.ID), http.StatusNotFound)
		want(t, b.post("/staff/groups/"+id+"/leave", "who", second.ID), http.StatusNotFound)
	}
	want(t, sue.post("/staff/groups/"+intake.ID+"/leave", "who", second.ID), http.StatusNotFound)
	want(t, sue.post("/staff/groups/"+g.ID+"/leave", "who", second.ID), http.StatusNotFound) // is not in it

	admin := h.signedIn(staff.Administrator)
	w := admin.get("/staff/groups")
	want(t, w, http.StatusOK, "Legal", "supervisor")
	if strings.Contains(w.Body.String(), "/leave") || strings.Contains(w.Body.String(), "/join") {
		t.Error("an administrator is offered what they may not do")
	}
	want(t, admin.post("/staff/groups", "name", "Mine"), http.StatusNotFound)
	want(t, h.signedIn(staff.Advocate).get("/staff/groups"), http.StatusNotFound)
}

// Who leaves the hotline leaves every group.
func TestAClosedAccountIsInNoGroup(t *testing.T) {
	h := open(t)
	sue, ann := h.signedIn(staff.Supervisor), h.people[staff.Advocate]
	want(t, sue.post("/staff/groups", "name", "Legal"), http.StatusSeeOther)
	g, _ := h.groupNamed("Legal")
	want(t, sue.post("/staff/groups/"+g.ID+"/join", "who", ann.ID), http.StatusSeeOther)
	want(t, h.signedIn(staff.Administrator).post("/staff/people/"+ann.ID+"/disable"), http.StatusSeeOther)
	if after, members := h.groupNamed("Legal"); members[ann.ID] || after.Epoch != g.Epoch+1 {
		t.Errorf("the closed account is in the group: %v, key %d", members, after.Epoch)
	}
}

// The page says how far a renewal is, and on whom it waits.
func TestTheRenewalIsSeen(t *testing.T) {
	h := open(t)
	sue := h.signedIn(staff.Supervisor)
	h.feature.Progress = func(_ context.Context, _ *db.Tx, g keyring.Group) ([]renewal.Progress, error) {
		if g.Name != keyring.Intake {
			return nil, nil
		}
		return []renewal.Progress{{Kind: "contacts", Renewed: 1200, Total: 3000, LeftOver: 2}}, nil
	}
	want(t, sue.get("/staff/groups"), http.StatusOK, "Somebody left", "1,198", "3,000", "2 could not be opened", "goes on while")
	h.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `DELETE FROM staff_sessions`)
		return err
	})
	want(t, h.signedIn(staff.Administrator).get("/staff/groups"), http.StatusOK, "It rests until", "<bdi>supervisor</bdi>")
}
