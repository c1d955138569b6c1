package app

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/totp"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// traceless are the routes of the desk that leave nothing in the log, and why.
var traceless = map[string]string{
	"GET /staff":                       "leads to the desk",
	"GET /staff/{$}":                   "leads to where somebody's work begins",
	"/staff/":                          "there is nothing",
	"GET /staff/signin":                "is for everybody, and shows nothing",
	"GET /staff/unlock":                "shows nothing",
	"POST /staff/unlock":               "brings back the screen that its sign-in stands for",
	"POST /staff/lock":                 "takes away and shows nothing; a page does it by itself",
	"GET /staff/live":                  "carries hints and no content",
	"POST /staff/here":                 "says that somebody types",
	"POST /staff/presence":             "is about oneself, and seen by all",
	"POST /staff/language":             "is about oneself",
	"GET /staff/passphrase":            "is an empty form",
	"GET /staff/signin/code":           "is for who is half way in, and shows nothing",
	"POST /staff/signin/code":          "leads to a session, which leaves an entry, or back",
	"GET /staff/second":                "is about oneself",
	"GET /staff/devices":               "is about oneself",
	"GET /staff/passkeys":              "is about oneself",
	"POST /staff/passkeys/ask":         "asks the browser for a passkey, and keeps none",
	"POST /staff/signin/passkey/ask":   "asks the browser for a passkey",
	"GET /staff/me":                    "is about oneself",
	"GET /staff/contacts/new":          "is an empty form",
	"GET /staff/search":                "is an empty form",
	"GET /staff/contacts/next":         "leads to the queue",
	"GET /staff/contacts/{id}/{form}":  "leads to the contact",
	"GET /staff/contacts/{id}/outside": "is an empty form",
	"POST /staff/contacts/{id}/draft":  "keeps by itself what its writer types on an open page",
	"GET /staff/figures":               "leads to the month",
	"GET /staff/recovery/told":         "says what every page says",
}

// untried are the routes that a form made up here gets nothing from; the tests
// that look into the log for them.
var untried = map[string]string{
	"POST /staff/passkeys":       "signin.TestPasskey",
	"POST /staff/signin/passkey": "signin.TestPasskey",
	"POST /staff/unlock/passkey": "signin.TestPasskey",

	// these are about what was uploaded, imported or merged before
	"POST /staff/directory/imports":        "directory.TestImportDesk",
	"POST /staff/directory/imports/go":     "directory.TestImportDesk",
	"POST /staff/directory/imports/undo":   "directory.TestImportDesk",
	"POST /staff/directory/doubles/merge":  "directory.TestDoublesDesk",
	"POST /staff/directory/doubles/undo":   "directory.TestDoublesDesk",
	"POST /staff/directory/sources/fetch":  "directory.TestFeedsDesk",
	"POST /staff/directory/sources/pause":  "directory.TestFeedsDesk",
	"POST /staff/directory/sources/order":  "directory.TestConflictsDesk",
	"POST /staff/directory/conflicts":      "directory.TestConflictsDesk",
	"POST /staff/directory/conflicts/undo": "directory.TestConflictsDesk",
	"POST /staff/directory/sources/end":    "directory.TestFeedsDesk",

	// these are there where a provider is
	"GET /staff/signin/identity":      "signin.TestTheProviderTellsWhoAndNothingOpens",
	"GET /staff/signin/identity/back": "signin.TestTheProviderTellsWhoAndNothingOpens",
	"GET /staff/identity":             "signin.TestTheProviderTellsWhoAndNothingOpens",
	"GET /staff/identity/ask":         "signin.TestTheProviderTellsWhoAndNothingOpens",
	"POST /staff/signin/identity":     "signin.TestTheProviderTellsWhoAndNothingOpens",
	"POST /staff/identity":            "signin.TestTheProviderTellsWhoAndNothingOpens",
	"POST /staff/identity/end":        "signin.TestTheProviderTellsWhoAndNothingOpens",
}

// TestEveryDeedLeavesATrace asks every route of the desk for something that
// somebody may have, and looks into the log. A route that leaves nothing must
// be in the list above.
func TestEveryDeedLeavesATrace(t *testing.T) {
	g := opened(t)
	for _, route := range g.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if path == "" {
			method, path = http.MethodGet, route.Pattern
		}
		if !strings.HasPrefix(path, "/staff") || untried[route.Pattern] != "" {
			continue
		}
		v := g.whoMay(route)
		whose := "there"
		switch {
		case strings.HasSuffix(route.Pattern, "/take"):
			whose = "waiting"
		case strings.HasSuffix(route.Pattern, "{id}/outside"):
			whose = "closed"
		case strings.Contains(route.Pattern, "/contacts/{id}"), strings.Contains(route.Pattern, "/referrals/{id}"):
			whose = "own"
		case !strings.Contains(route.Pattern, "{id}"):
			whose = "-"
		}
		if strings.HasSuffix(route.Pattern, "/contacts/next") {
			g.contact("waiting", v)
		}
		id := g.thing(route.Pattern, whose, v)
		g.signIn(v) // with nothing open, for whose parts an entry would stand
		body := g.deed(route.Pattern)
		before := len(g.log())
		got := g.ask(v, method, fill(path, id, g.place), body)
		after := g.log()
		why, silent := traceless[route.Pattern]
		left := after[before:]
		switch {
		case got.status >= 400 && route.Pattern != "/staff/" && route.Pattern != "POST /staff/signin/code": // nobody here is half way in
			t.Errorf("%s as %s: %d, so nothing was tried: %.300s", route.Pattern, v.name, got.status, got.body)
		case silent && len(left) > 0:
			t.Errorf("%s %s, and left %d entries", route.Pattern, why, len(left))
		case !silent && (len(left) == 0 || len(left) > 1 && method == http.MethodGet):
			t.Errorf("%s left %d entries: %s", route.Pattern, len(left), sayEntries(left))
		}
		for _, e := range left {
			if e.Broken || e.Action == "" || v.session != nil && e.Staff != v.session.Person.ID {
				t.Errorf("%s left %+v", route.Pattern, e)
			}
		}
	}
}

// proposal is what the provider of the service says is otherwise.
func (g *gate) proposal() string {
	g.t.Helper()
	d := g.app.features.directory
	secret, err := d.Invite(g.t.Context(), homeAgency, g.service)
	g.ok(err)
	_, err = d.Tell(g.t.Context(), homeAgency, secret, directory.Told{Note: "New hours"})
	g.ok(err)
	service, err := d.Service(g.t.Context(), homeAgency, g.service)
	g.ok(err)
	return service.Proposals[0].ID
}

// vetting is a deed that vouches for the service's agency.
func (g *gate) vetting() string {
	g.t.Helper()
	d := g.app.features.directory
	service, err := d.Service(g.t.Context(), homeAgency, g.service)
	g.ok(err)
	a, err := d.Agency(g.t.Context(), homeAgency, service.Agency)
	g.ok(err)
	return a.Deeds[0].ID
}

// edit is one of the service that can be taken back.
func (g *gate) edit() string {
	g.t.Helper()
	d := g.app.features.directory
	g.ok(d.EditService(g.t.Context(), directory.Edit{Agency: homeAgency, Service: g.service, Phones: []directory.PhoneEdit{{Number: "+1 202 555 0199"}}}))
	service, err := d.Service(g.t.Context(), homeAgency, g.service)
	g.ok(err)
	return service.History[slices.IndexFunc(service.History, func(e directory.Event) bool { return e.Action == "edited" })].ID
}

func sayEntries(list []audit.Entry) string {
	var all []string
	for _, e := range list {
		all = append(all, e.Action)
	}
	return fmt.Sprintf("%q", all)
}

// whoMay is somebody who may use a route: who holds most, first.
func (g *gate) whoMay(route web.Route) *viewer {
	g.t.Helper()
	if route.Access == web.Public {
		return g.viewers[0]
	}
	for _, role := range []staff.Role{staff.Supervisor, staff.Curator, staff.Administrator, staff.Auditor} {
		i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == string(role) })
		if v := g.viewers[i]; route.Access == staff.Watch || v.may(route.Access) {
			return v
		}
	}
	g.t.Fatalf("nobody may use %s", route.Pattern)
	return nil
}

// authenticator is what somebody's telephone has.
var authenticator = totp.NewSecret()

// deed is a form that is taken.
func (g *gate) deed(pattern string) string {
	switch {
	case strings.HasSuffix(pattern, "{id}/proposals"):
		return "do=take&proposal=" + g.proposal()
	case strings.HasSuffix(pattern, "{id}/withdraw"):
		return "deed=" + g.vetting()
	case strings.HasSuffix(pattern, "{id}/undo"):
		return "event=" + g.edit()
	}
	for end, body := range map[string]string{
		"POST /staff/signin":                  "name=The+supervisor&passphrase=a+long+pass+phrase",
		"POST /staff/unlock":                  "passphrase=a+long+pass+phrase",
		"POST /staff/passphrase":              "old=a+long+pass+phrase&passphrase=another+long+phrase&again=another+long+phrase",
		"POST /staff/second/on":               "key=" + totp.Text(authenticator) + "&code=" + totp.Code(authenticator, totp.Step(time.Now())) + "&passphrase=another+long+phrase",
		"POST /staff/second/codes":            "passphrase=another+long+phrase",
		"POST /staff/second/off":              "passphrase=another+long+phrase",
		"POST /staff/passkeys/ask":            "passphrase=another+long+phrase",
		"POST /staff/passkeys/end":            "passphrase=another+long+phrase",
		"POST /staff/devices/end":             "others=1",
		"POST /staff/people":                  "name=New&role=trainer",
		"POST /staff/settings/general":        "version=1&country=US&zone=UTC",
		"POST /staff/settings/in/{lang}":      "version=1&name=Hotline",
		"POST /staff/settings/public/{lang}":  "on=",
		"POST /staff/contacts/new":            "channel=phone&request_type=unsure&language=en&text=hello&once=" + strings.Repeat("a", 26),
		"POST /staff/settings/retention":      "version=0&notice=14",
		"POST /staff/settings/directory":      "version=0&hotline=30&shelter=60&other=180&vetters=2",
		"POST /staff/directory":               "words=shelter",
		"POST /staff/contacts/{id}/outside":   "outside_why=quality",
		"{id}/verify":                         "by=Kim&how=by+telephone",
		"{id}/edit":                           "what=phones&number=1",
		"/places/{place}":                     "visibility=hidden",
		"/suggestions/{id}":                   "do=dismissed",
		"{id}/vouch":                          "what=called&note=the+town+hall",
		"POST /staff/figures/{month}/publish": "",
	} {
		if strings.HasPrefix(pattern, "POST") && strings.HasSuffix(pattern, end) {
			return body
		}
	}
	return g.body(pattern)
}

// log is all that was written, the oldest first, as the auditor reads it.
func (g *gate) log() (list []audit.Entry) {
	g.t.Helper()
	i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == string(staff.Auditor) })
	s := g.viewers[i].session
	ctx := g.t.Context()
	g.ok(audit.Sequence(ctx, g.app.DB, homeAgency))
	g.ok(g.app.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := audit.Open(ctx, tx, homeAgency, s.Person.ID, s.Pair)
		if err != nil {
			return err
		}
		list, err = r.Page(ctx, tx, audit.Newest, 1_000_000)
		return err
	}))
	audit.ByTime(list)
	return list
}

// The page of a contact stays open and asks for what is new by itself: one
// entry stands for a while, and no header of a browser can make it stand longer.
func TestAPageThatStaysOpenIsOneEntry(t *testing.T) {
	g := opened(t)
	i := slices.IndexFunc(g.viewers, func(v *viewer) bool { return v.name == string(staff.Supervisor) })
	v := g.viewers[i]
	id := g.contact("own", v)
	count := func() (n int) {
		for _, e := range g.log() {
			if e.Record == id && e.Action == string(staff.ReadContact) {
				n++
			}
		}
		return n
	}
	lines := "/staff/contacts/" + id + "/lines?after=0"
	g.ask(v, http.MethodGet, lines, "") // as who never opened the page would ask
	if n := count(); n != 1 {
		t.Fatalf("%d entries for lines that were read without the page", n)
	}
	for range 3 {
		g.ask(v, http.MethodGet, lines, "")
		g.ask(v, http.MethodGet, "/staff/contacts/"+id+"/help?show=record", "")
	}
	if n := count(); n != 1 {
		t.Errorf("%d entries while it stands", n)
	}
	g.ask(v, http.MethodGet, "/staff/contacts/"+id, "")
	if n := count(); n != 2 {
		t.Errorf("%d entries after the page was opened anew", n)
	}
}
