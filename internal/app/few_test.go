package app

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/retention"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// A contact of a group of few is on no list of a supervisor who is not in it: not
// among what is held, nor what will be deleted, nor what was asked to be, nor what
// was opened outside own work.
func TestNoListTellsOfAGroupThatOneIsNotIn(t *testing.T) {
	g := opened(t)
	sol, ada, odd := g.as(string(staff.Supervisor)), g.as(string(staff.Advocate)), g.as(string(staff.Auditor))
	var few keyring.Group
	g.update(func(ctx context.Context, tx *db.Tx) (err error) {
		few, err = keyring.Create(ctx, tx, homeAgency, "Few",
			keyring.Member{ID: g.other.Person.ID, Public: g.other.Person.Public}, keyring.Member{ID: ada.session.Person.ID, Public: ada.session.Person.Public})
		return err
	})
	terms, err := g.app.features.retention.Terms(t.Context())
	g.ok(err)
	g.ok(g.app.features.retention.SetTerms(t.Context(), g.as(string(staff.Administrator)).session, terms))

	theirs, ours := g.contact("team", nil), g.contact("team", nil)
	g.ok(g.app.features.contact.Move(t.Context(), g.other, theirs, few.ID))
	for _, id := range []string{theirs, ours} {
		if got := g.ask(ada, http.MethodPost, "/staff/contacts/"+id+"/outside", "outside_why=other&outside_words=the+words+of+"+id); got.status != http.StatusSeeOther {
			t.Fatalf("opening outside own work: %d %s", got.status, got.body)
		}
		g.finish(id)
		g.ok(g.app.features.retention.Hold(t.Context(), g.other, retention.Hold{ID: ids.New(), Contact: id, Reason: "an order"}))
		g.ok(g.app.features.retention.Ask(t.Context(), id))
		g.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE contacts SET closed = 1 WHERE id = $1`, id)
			return err
		})
	}
	for _, page := range []string{"/staff/holds", "/staff/deletions", "/staff/outside", "/staff/outside/now"} {
		g.sees(sol, page, []string{ours}, []string{theirs, strings.ToUpper(theirs[:4])})
	}
	// Who reads the whole log reads this too.
	g.sees(odd, "/staff/outside", []string{"the words of " + theirs, "the words of " + ours}, nil)
}
