package app

import (
	"bytes"
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A colleague left: docs/colleague-left.md. The doctor says what they could still
// open, a colleague at the desk makes it nothing, and the page tells.
func TestAColleagueLeft(t *testing.T) {
	g := opened(t)
	sol := g.as(string(staff.Supervisor))
	id := g.contact("waiting", sol)
	doctor := func() string {
		var out bytes.Buffer
		_ = examine(t.Context(), g.app, struct{}{}, &out) // an error says that there is something to mend, as always here
		return out.String()
	}
	const sealed = `somebody left the group "intake", and 1 of its contacts are not sealed anew yet`
	if told := doctor(); strings.Contains(told, "sealed anew") {
		t.Fatalf("before anybody left:\n%s", told)
	}
	g.update(func(ctx context.Context, tx *db.Tx) error {
		return admin.SetDisabled(ctx, tx, homeAgency, "", g.other.Person.ID, true)
	})
	if told := doctor(); !strings.Contains(told, sealed) {
		t.Fatalf("after:\n%s", told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go g.app.renewals.Run(ctx)
	for again := true; again; {
		got := g.ask(sol, http.MethodGet, "/staff/groups", "")
		if got.status != http.StatusOK {
			t.Fatalf("the page of groups: %d", got.status)
		}
		again = strings.Contains(got.body, "sealed anew")
	}
	if told := doctor(); strings.Contains(told, sealed) {
		t.Fatalf("when it is done:\n%s", told)
	}
	if got := g.ask(sol, http.MethodPost, "/staff/contacts/"+id+"/take", ""); got.status != http.StatusSeeOther {
		t.Fatalf("taking a contact that was sealed anew: %d", got.status)
	}
}

// Who can write to the database writes that all is renewed. The doctor looks at the
// keys and not at that, and the next colleague at work renews.
func TestARenewalThatIsNotWhatItSays(t *testing.T) {
	g := opened(t)
	sol := g.as(string(staff.Supervisor))
	g.contact("waiting", sol)
	doctor := func() string {
		var out bytes.Buffer
		_ = examine(t.Context(), g.app, struct{}{}, &out) // as above
		return out.String()
	}
	const sealed = `1 of its contacts are not sealed anew yet`
	g.update(func(ctx context.Context, tx *db.Tx) error {
		if err := admin.SetDisabled(ctx, tx, homeAgency, "", g.other.Person.ID, true); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO renewals (agency, key_group, kind, epoch, reached, done, total, left_over, tried, finished)
			SELECT agency, id, 'contacts', epoch, 'zzzz', 1, 1, 0, '', 1 FROM key_groups WHERE name = 'intake'`)
		return err
	})
	if told := doctor(); !strings.Contains(told, sealed) {
		t.Fatalf("the doctor believed it:\n%s", told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go g.app.renewals.Run(ctx)
	for strings.Contains(doctor(), sealed) {
		if got := g.ask(sol, http.MethodGet, "/staff/groups", ""); got.status != http.StatusOK {
			t.Fatalf("the page of groups: %d", got.status)
		}
	}
}
