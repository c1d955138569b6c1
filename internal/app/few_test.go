package app

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
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

// No hint tells of one either: who is not in the group hears nothing of what is
// done with the contact, and nothing of who opens it. Who is in it hears all.
func TestNoHintTellsOfAGroupThatOneIsNotIn(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := openedOn(t, url(t))
			sol, ada, odd := g.as(string(staff.Supervisor)), g.as(string(staff.Advocate)), g.as(string(staff.Auditor))
			boss, apart, owner := g.boss(sol.session), g.newcomer("Apart"), &viewer{name: "owner", session: g.other}
			g.signIn(owner)
			var few keyring.Group
			g.update(func(ctx context.Context, tx *db.Tx) (err error) {
				few, err = keyring.Create(ctx, tx, homeAgency, "Few", g.member(g.other), g.member(ada.session), g.member(boss.session), g.member(apart.session))
				return err
			})
			f := g.app.features.contact
			made, err := f.Open(t.Context(), g.canaries.incoming(), "", true)
			g.ok(err)
			id, usual := made.ID, g.contact("team", nil)
			g.ok(f.Take(t.Context(), g.other, id))
			g.ok(f.Move(t.Context(), g.other, id, few.ID))
			box, err := f.OpenMailbox(t.Context(), made.Code)
			g.ok(err)

			server := httptest.NewServer(g.handler)
			t.Cleanup(server.Close)
			hints := map[*viewer]func() []string{}
			for _, v := range []*viewer{sol, odd, boss, apart} {
				hints[v] = g.listens(server.URL, v)
			}
			if got := g.ask(ada, http.MethodPost, "/staff/contacts/"+id+"/outside", "outside_why=other&outside_words=words"); got.status != http.StatusSeeOther {
				t.Fatalf("opening outside own work: %d %s", got.status, got.body)
			}
			g.ok(f.Say(t.Context(), g.other, id, contact.Note, "a note", ""))
			g.ok(f.Say(t.Context(), g.other, usual, contact.Note, "a note", "")) // of one that most open
			g.ok(f.WriteAgain(t.Context(), box, contact.Again{Text: "he is back", Channel: contact.Web, Language: "es"}, ""))
			closing := "request_type=tip&substantive=yes&contactor=self&proximity=suspects&country=US&disposition=none&age_group=adult"
			if got := g.ask(owner, http.MethodPost, "/staff/contacts/"+id+"/close", closing); got.status != http.StatusSeeOther {
				t.Fatalf("closing: %d %s", got.status, got.body)
			}
			g.ok(f.WriteAgain(t.Context(), box, contact.Again{Text: "hello?", Channel: contact.Web, Language: "es"}, ""))
			g.update(func(_ context.Context, tx *db.Tx) error { // and this everybody hears
				tx.Notify("recovery:" + homeAgency)
				return nil
			})
			for v, want := range map[*viewer][]string{
				sol: {"contact:" + usual}, odd: {"outside"},
				boss: {"contact:" + id, "contact:" + usual, "new", "outside", "queue"}, apart: {"contact:" + id, "new", "outside", "queue"},
			} {
				heard := hints[v]()
				slices.Sort(want)
				slices.Sort(heard)
				if heard = slices.Compact(heard); !slices.Equal(heard, want) {
					t.Errorf("%s hears %q, want %q", v.name, heard, want)
				}
			}
		})
	}
}

// boss is one more supervisor, whom another has admitted.
func (g *gate) boss(by *staff.Session) *viewer {
	g.t.Helper()
	v := g.newcomer("Bo")
	g.update(func(ctx context.Context, tx *db.Tx) error {
		intake, err := keyring.Find(ctx, tx, homeAgency, keyring.Intake)
		if err != nil {
			return err
		}
		ring, err := intake.Open(ctx, tx, by.Person.ID, by.Pair)
		if err != nil {
			return err
		}
		return ring.Admit(ctx, tx, g.member(v.session))
	})
	return v
}

// newcomer is a supervisor whom nobody has admitted to the intake group.
func (g *gate) newcomer(name string) *viewer {
	g.t.Helper()
	n, err := staff.Prepare(g.t.Context(), homeAgency, name, staff.Supervisor, "a long pass phrase")
	g.ok(err)
	v := &viewer{name: name, session: &staff.Session{Person: n.Person, Pair: n.Pair}}
	g.update(func(ctx context.Context, tx *db.Tx) error { return n.Insert(ctx, tx, "") })
	g.signIn(v)
	return v
}

func (g *gate) member(s *staff.Session) keyring.Member {
	return keyring.Member{ID: s.Person.ID, Public: s.Person.Public}
}

// listens opens a colleague's stream. It gives what they heard until something that
// everybody hears.
func (g *gate) listens(server string, v *viewer) func() []string {
	g.t.Helper()
	ctx, cancel := context.WithTimeout(g.t.Context(), time.Minute)
	g.t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server+"/staff/live", nil)
	g.ok(err)
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: v.token})
	res, err := http.DefaultClient.Do(r)
	g.ok(err)
	g.t.Cleanup(func() { res.Body.Close() })
	if kind := res.Header.Get("Content-Type"); kind != "text/event-stream" {
		g.t.Fatalf("%s hears %d %s", v.name, res.StatusCode, kind)
	}
	return func() (heard []string) {
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			hint, is := strings.CutPrefix(lines.Text(), "data: ")
			if hint == "recovery" {
				return heard
			}
			if is && hint != "*" && hint != "people" {
				heard = append(heard, hint)
			}
		}
		g.t.Errorf("%s hears nothing any more", v.name)
		return heard
	}
}
