package app

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// viewer gives who has a name at the gate.
func (g *gate) viewer(name string) *viewer {
	g.t.Helper()
	i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == name })
	if i < 0 {
		g.t.Fatalf("there is no %s", name)
	}
	return g.viewers[i]
}

// officers shares the recovery key among five, three of whom are needed.
func (g *gate) officers() (names []string) {
	g.t.Helper()
	names = []string{"advocate", "curator", "trainer", "analyst", "volunteer"}
	g.update(func(ctx context.Context, tx *db.Tx) error {
		var list []string
		for _, name := range names {
			list = append(list, g.viewer(name).session.Person.ID)
		}
		if err := quorum.Name(ctx, tx, homeAgency, "", 3, list); err != nil {
			return err
		}
		for _, name := range names {
			if err := quorum.Reply(ctx, tx, g.viewer(name).session.Person, true); err != nil {
				return err
			}
		}
		s := g.viewer("supervisor").session
		return quorum.Make(ctx, tx, s.Person, s.Pair)
	})
	return names
}

// Everybody who has an account is told on every page while something is asked,
// who is locked out sees nothing of it, and it is gone when it is ended.
func TestEverybodyIsToldOnEveryPage(t *testing.T) {
	g := opened(t)
	g.officers()
	told := func(v *viewer, path string) bool {
		got := g.ask(v, http.MethodGet, path, "")
		return strings.Contains(got.body, "let Candidate back in") || strings.Contains(got.body, "let \u2068Candidate\u2069 back in")
	}
	pages := func() (list []string) {
		for _, r := range g.routes {
			method, path, _ := strings.Cut(r.Pattern, " ")
			if method == http.MethodGet && strings.HasPrefix(path, "/staff/") && !strings.Contains(path, "{") && r.Access != staff.Watch {
				list = append(list, path)
			}
		}
		return list
	}()
	if len(pages) < 15 {
		t.Fatalf("only %d pages", len(pages))
	}
	check := func(want bool) {
		t.Helper()
		seen := 0
		for _, v := range g.viewers {
			if v.name == "handed-over" || v.name == "closed" { // see the page that lets them begin, or none
				continue
			}
			for _, path := range append(pages, "/staff/recovery/told") {
				got := g.ask(v, http.MethodGet, path, "")
				whole := strings.Contains(got.body, `id="told"`)
				if got.status != http.StatusOK || !whole || !strings.Contains(got.header.Get("Content-Type"), "html") {
					continue
				}
				seen++
				if is := told(v, path); is != (want && v.session != nil && !v.locked) {
					t.Errorf("%s as %s: told %v", path, v.name, is)
				}
			}
		}
		if seen < 40 {
			t.Errorf("only %d pages were looked at", seen)
		}
	}
	check(false)
	g.ask(g.viewer("partner"), http.MethodPost, "/staff/recovery/requests", "account="+g.candidate+"&why=other")
	check(true)
	id := g.request()
	if got := g.ask(g.viewer("auditor"), http.MethodPost, "/staff/recovery/requests/"+id+"/cancel", ""); got.status != http.StatusNotFound {
		t.Errorf("somebody who is no officer ended it: %d", got.status)
	}
	g.ask(g.viewer("trainer"), http.MethodPost, "/staff/recovery/requests/"+id+"/cancel", "")
	check(false)
}

func (g *gate) request() (id string) {
	g.t.Helper()
	g.update(func(ctx context.Context, tx *db.Tx) error {
		open, err := quorum.Requests(ctx, tx, homeAgency, quorum.Open)
		if err != nil || len(open) != 1 {
			g.t.Fatalf("%d are open: %v", len(open), err)
		}
		id = open[0].ID
		return nil
	})
	return id
}

// The way back over the pages: what each of them says at each step, and that the
// account opens contacts at its end.
func TestOfficersLetSomebodyBackInOverThePages(t *testing.T) {
	g := opened(t)
	names := g.officers()
	g.app.keeper.Serves = true
	page := func(name string) string { return g.ask(g.viewer(name), http.MethodGet, "/staff/recovery", "").body }
	paper := g.ask(g.viewer("curator"), http.MethodPost, "/staff/recovery/paper", "").body
	var share []string
	for _, line := range regexp.MustCompile(`<div>([A-Z0-9-]{19})</div>`).FindAllStringSubmatch(paper, -1) {
		share = append(share, line[1])
	}
	if len(share) != 4 {
		t.Fatalf("the paper has %d lines: %.300s", len(share), paper)
	}
	g.ask(g.viewer("administrator"), http.MethodPost, "/staff/recovery/requests", "account="+g.candidate+"&why=lost_passphrase")
	id := g.request()
	give := func(name, body string) reply {
		return g.ask(g.viewer(name), http.MethodPost, "/staff/recovery/requests/"+id+"/share", body)
	}
	if got := give("advocate", ""); got.status != http.StatusConflict || !strings.Contains(got.body, "is not over") {
		t.Errorf("before its time: %d", got.status)
	}
	for name, want := range map[string]string{
		"advocate": "on a number that you know", "partner": "You have nothing to do", "supervisor": "end it. It can be asked again",
	} {
		if !strings.Contains(page(name), want) {
			t.Errorf("the %s does not read %q", name, want)
		}
	}
	g.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE quorum_requests SET asked = $1`, tx.Now.Add(-quorum.Delay-time.Second))
		return err
	})
	// A server that has seen a request ends it when its time is changed; this is one that has not.
	g.app.features.recovery.Keeper = &quorum.Keeper{DB: g.app.DB, Agency: homeAgency, Admit: admitByQuorum, Serves: true}
	if !strings.Contains(page("advocate"), "Give my share") || strings.Contains(page("supervisor"), "Give my share") {
		t.Error("who can give a share is not who is offered to")
	}
	if got := give("supervisor", ""); got.status != http.StatusNotFound {
		t.Errorf("who is no officer gave one: %d", got.status)
	}
	if got := give("trainer", "share="+strings.Join(share, "+")); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "another officer") {
		t.Errorf("another's share: %d", got.status)
	}
	give("advocate", "")
	give("curator", "share="+strings.ToLower(strings.Join(share, "%0A")))
	if p := page("analyst"); !strings.Contains(p, "Given: 2 of 3") {
		t.Error("two are not told")
	}
	if strings.Contains(page("curator"), share[1]) {
		t.Error("a share that was typed is shown again")
	}
	give(names[3], "")
	if p := page("partner"); !strings.Contains(p, "Let back in") {
		t.Errorf("the end is not told")
	}
	holds := false
	g.update(func(ctx context.Context, tx *db.Tx) error {
		lacking, err := lackingKeys(ctx, tx)
		holds = !slices.ContainsFunc(lacking, func(p staff.Person) bool { return p.ID == g.candidate })
		return err
	})
	if !holds {
		t.Error("the account still waits")
	}
	log := g.log()
	for _, want := range []string{"recovery.use asked", "recovery.use gave", "staff.admit", "recovery.use done"} {
		if !slices.ContainsFunc(log, func(e audit.Entry) bool { return e.Action == want && e.Record == g.candidate }) {
			t.Errorf("the log does not tell %s about the account", want)
		}
	}
}

// The settings say how the recovery key is kept, as it is.
func TestTheSettingsTellHowTheKeyIsKept(t *testing.T) {
	g := opened(t)
	settings := func() string { return g.ask(g.viewer("administrator"), http.MethodGet, "/staff/settings", "").body }
	if !strings.Contains(settings(), "on paper, in one piece") {
		t.Error("the printed key is not told")
	}
	names := g.officers()
	if !strings.Contains(settings(), "Officers needed: 3 of 5") {
		t.Error("the shares are not told")
	}
	for i, want := range []string{"Officers who can give theirs now: 4", "It is time for new officers", "Too few officers"} {
		g.update(func(ctx context.Context, tx *db.Tx) error {
			return staff.SetDisabled(ctx, tx, homeAgency, g.viewer(names[i+1]).session.Person.ID, "", true)
		})
		if !strings.Contains(settings(), want) {
			t.Errorf("after %d have left, it does not say %q", i+1, want)
		}
	}
}
