package app

import (
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

const accessFile = "testdata/access.golden"

// TestWhoMayDoWhat asks every route as every role, and as nobody, about what
// is their own, a colleague's, another group's, another agency's and nobody's.
// The whole of the answers stands in testdata/access.golden: a route that is not
// in it, or that answers somebody else, fails. What it says of records has to be
// what core/staff/testdata/matrix.golden says.
//
// It also proves that what is forbidden and what is not there are the same
// answer, byte for byte, and that nobody is shown a word of a record that they may
// not read, on whatever page.
//
// On PostgreSQL it runs with CLEW_PROOFS=full.
func TestWhoMayDoWhat(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		g := opened(t)
		got := g.walk(func(web.Route) bool { return true })
		if *update {
			g.ok(os.WriteFile(accessFile, []byte(accessHead+strings.Join(got, "")), 0o600))
		}
		g.golden(got, true)
	})
	t.Run("postgres", func(t *testing.T) {
		if os.Getenv("CLEW_PROOFS") != "full" {
			t.Skip("takes minutes: part of the full proofs")
		}
		g := openedOn(t, dbtest.Postgres(t).URL)
		g.golden(g.walk(func(web.Route) bool { return true }), true)
	})
}

const accessHead = "# What each route answers to whom. Written by: go test ./internal/app -run TestWhoMayDoWhat -update\n"

// walk asks the routes that are wanted, and gives a block of lines for each.
func (g *gate) walk(wanted func(web.Route) bool) (blocks []string) {
	g.t.Helper()
	for _, route := range g.routes {
		checkAccess(g.t, route)
		if !wanted(route) {
			continue
		}
		block := fmt.Sprintf("\n%s (%s)\n", route.Pattern, route.Access)
		for _, whose := range kinds(route.Pattern) {
			block += fmt.Sprintf("  %-9s %s\n", whose, g.row(route, whose))
		}
		blocks = append(blocks, block)
	}
	return blocks
}

// golden compares blocks with the file, in which there are no others if all were asked.
func (g *gate) golden(got []string, all bool) {
	g.t.Helper()
	file, err := os.ReadFile(accessFile)
	g.ok(err)
	want := strings.Split(strings.TrimSpace(string(file)), "\n\n")[1:]
	for _, block := range got {
		i := slices.Index(want, strings.TrimSpace(block))
		if i < 0 {
			g.t.Errorf("%s has not this (is it meant? then -update):%s", accessFile, block)
			continue
		}
		want = slices.Delete(want, i, i+1)
	}
	if all && len(want) > 0 {
		g.t.Errorf("%s has also:\n%s", accessFile, strings.Join(want, "\n"))
	}
}

// checkAccess says that a route names an action that somebody has.
func checkAccess(t testing.TB, route web.Route) {
	t.Helper()
	_, path, _ := strings.Cut(route.Pattern, "/")
	path = "/" + path
	known := route.Access == web.Public || route.Access == web.Mailbox || route.Access == staff.Watch ||
		slices.ContainsFunc(staff.Roles, func(r staff.Role) bool { return r.May(route.Access) })
	if !known {
		t.Errorf("%s needs %q, which nobody may do", route.Pattern, route.Access)
	}
	open := []string{"/staff", "/staff/signin", "/staff/signin/code", "/staff/signin/passkey", "/staff/signin/passkey/ask", "/staff/signin/identity", "/staff/signin/identity/back"}
	if route.Access == web.Public && strings.HasPrefix(path, "/staff") && !slices.Contains(open, path) {
		t.Errorf("%s is of the desk and open to everybody", route.Pattern)
	}
}

// kinds are the things that a route is asked about.
func kinds(pattern string) []string {
	switch {
	case strings.Contains(pattern, "/contacts/{id}"):
		return []string{"own", "waiting", "team", "closed", "agency", "other", "none"}
	case strings.Contains(pattern, "/referrals/{id}"):
		return []string{"own", "team", "closed", "agency", "other", "none"}
	case strings.Contains(pattern, "{id}"):
		return []string{"there", "none"}
	}
	return []string{"-"}
}

// row asks a route as everybody, and groups who was answered alike.
func (g *gate) row(route web.Route, whose string) string {
	g.t.Helper()
	groups := map[string][]string{}
	for _, v := range g.viewers {
		if whose == "own" && (v.session == nil || v.fresh || v.handed || !v.session.May(staff.WriteContact)) {
			continue // they can have none
		}
		got := g.visit(route, whose, v)
		groups[got] = append(groups[got], v.name)
	}
	var list []string
	for answer, names := range groups {
		who := strings.Join(names, " ")
		if len(names) == len(g.viewers) {
			who = "everybody"
		}
		list = append(list, answer+" "+who)
	}
	slices.Sort(list)
	return strings.Join(list, " · ")
}

// visit asks once, and compares the answer with the one about what is not there.
func (g *gate) visit(route web.Route, whose string, v *viewer) string {
	g.t.Helper()
	method, path, given := strings.Cut(route.Pattern, " ")
	if !given {
		method, path = http.MethodGet, route.Pattern
	}
	id := g.thing(route.Pattern, whose, v)
	body := g.body(route.Pattern)
	got := g.ask(v, method, fill(path, id, g.place), body)
	if got.status >= http.StatusInternalServerError && got.status != http.StatusServiceUnavailable {
		g.t.Errorf("%s %s as %s: %d", route.Pattern, whose, v.name, got.status)
	}
	g.leaks(v, id, got)
	if ofRecords(route) {
		g.agrees(route, whose, v, got)
	}
	if route.Access == staff.Watch && method == http.MethodPost {
		g.signIn(v) // it may have ended the session
	}
	forbidden := v.in() && route.Access != staff.Watch && route.Access != web.Public && !v.may(route.Access)
	if forbidden && got.status != http.StatusNotFound {
		g.t.Errorf("%s as %s: %d, though the role may not", route.Pattern, v.name, got.status)
	}
	switch {
	case forbidden: // as an address that no route has
		at := fill(path, id, g.place)
		other := strings.TrimSuffix(strings.TrimSuffix(at, "?after=0"), "/") + "/there-is-no-such-page"
		g.same(route, whose, v, got, at, g.ask(v, method, other, body), other)
	case got.status == http.StatusNotFound && whose != "none" && whose != "-":
		none := ids.New()
		g.same(route, whose, v, got, fill(path, id, g.place), g.ask(v, method, fill(path, none, g.place), body), fill(path, none, g.place))
	}
	to, _, _ := strings.Cut(got.header.Get("Location"), "?next=")
	if id != "" {
		to = strings.ReplaceAll(to, id, "{id}")
	}
	to = monthForm.ReplaceAllString(idForm.ReplaceAllString(to, "{new}"), "{month}")
	return strings.TrimSpace(fmt.Sprint(got.status, " ", to))
}

var (
	idForm    = regexp.MustCompile(`\b[a-z2-7]{26}\b`)
	monthForm = regexp.MustCompile(`\b\d{4}-\d{2}\b`)
	nowForm   = regexp.MustCompile(`data-now="\d+"`)
)

// same says that two answers tell nothing apart but the address that was asked.
func (g *gate) same(route web.Route, whose string, v *viewer, got reply, at string, none reply, noneAt string) {
	g.t.Helper()
	plain := func(r reply, at string) string {
		at, _, _ = strings.Cut(at, "?")
		r.header.Del("Date")
		return fmt.Sprint(r.status, r.header, nowForm.ReplaceAllString(strings.ReplaceAll(r.body, at, "{address}"), ""))
	}
	if a, b := plain(got, at), plain(none, noneAt); a != b {
		i := 0
		for i < min(len(a), len(b)) && a[i] == b[i] {
			i++
		}
		cut := func(s string) string { return s[max(0, i-60):min(len(s), i+200)] }
		g.t.Errorf("%s %s as %s differs from what is not there:\n%s\n%s", route.Pattern, whose, v.name, cut(a), cut(b))
	}
}

// thing makes what a route is asked about. Who may not do it is shown one
// that stays.
func (g *gate) thing(pattern, whose string, v *viewer) string {
	g.t.Helper()
	switch {
	case strings.Contains(pattern, "/staff/recovery"):
		return g.recovery(pattern, whose, v)
	case whose == "-":
		return ""
	case strings.Contains(pattern, "/{n}"):
		return g.contactWith(whose, v, onePoint)
	case strings.HasSuffix(pattern, "/contacts/{id}/deletion"):
		id := g.contact(whose, v)
		g.ok(g.app.features.retention.Ask(g.t.Context(), id))
		return id
	case strings.Contains(pattern, "/contacts/{id}"):
		return g.contact(whose, v)
	case strings.Contains(pattern, "/referrals/{id}"):
		return g.referral(whose, v)
	case whose == "none":
		return ids.New()
	case strings.Contains(pattern, "/hsds/"):
		return g.published(pattern)
	case strings.Contains(pattern, "/listing/"):
		secret, err := g.app.features.directory.Invite(g.t.Context(), homeAgency, g.service)
		g.ok(err)
		return secret
	case strings.Contains(pattern, "/decoys/"):
		return g.decoy()
	case strings.Contains(pattern, "/people/"):
		return g.target
	case strings.Contains(pattern, "/groups/"):
		return g.circle
	case strings.Contains(pattern, "/waiting/"):
		return g.candidate
	case strings.Contains(pattern, "/services/"):
		return g.service
	case strings.Contains(pattern, "/suggestions/"):
		_, err := g.app.features.directory.Suggest(g.t.Context(), homeAgency, directory.Heard{Text: "the clinic"})
		g.ok(err)
		list, err := g.app.features.directory.Suggestions(g.t.Context(), homeAgency, "")
		g.ok(err)
		return list[0].ID
	case strings.Contains(pattern, "/agencies/"):
		d, err := g.app.features.directory.Service(g.t.Context(), homeAgency, g.service)
		g.ok(err)
		return d.Agency
	}
	g.t.Fatalf("%s: what is its {id}? Say so in access_test.go", pattern)
	return ""
}

// onePoint is a picture: a GIF of one point.
const onePoint = "GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"

func fill(path, id, place string) string {
	path = strings.NewReplacer("/lines", "/lines?after=0", "{$}", "", "{id}", id, "{n}", "1", "{place}", place, "{lang}", "en", "{month}", "2026-01", "{form}", "say").Replace(path)
	if strings.HasPrefix(path, "/staff/figures") {
		return strings.Replace(path, "{file}", "exact.json", 1)
	}
	return strings.Replace(path, "{file}", "months.json", 1)
}

// body is a form that would do something if it were let.
func (g *gate) body(pattern string) string {
	for end, body := range map[string]string{
		"{id}/say": "kind=note&text=hello", "{id}/draft": "kind=note&text=hello", "{id}/record": "summary=hello", "{id}/assign": "to=me", "{id}/apart": "reason=hello",
		"{id}/hold": "new=" + ids.New() + "&reason=an+order", "{id}/deletion": "way=person&reason=she+came",
		"{id}/services": "words=shelter", "{id}/tell": "service=" + g.service, "POST /staff/search": "words=told", "POST /staff/signin": "name=" + ids.New(), // whose tries make nobody wait
		"{id}/give":                     "form=" + ids.New() + "&service=" + g.service,
		"{id}/refer":                    "form=" + ids.New() + "&service=" + g.service + "&share=summary&value.summary=x&need=shelter&days=30&how=spoken&by=person",
		"{id}/files":                    "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nhello\r\n--b--\r\n",
		"{id}/close":                    "request_type=tip&substantive=yes&contactor=self&proximity=suspects&country=US&disposition=none&age_group=adult",
		"POST /staff/recovery/officers": "officers=" + g.target + "&officers=" + g.candidate + "&needed=2", "POST /staff/recovery/reply": "answer=yes",
		"POST /staff/recovery/requests": "account=" + g.candidate + "&why=other",
		"POST /staff/referrals/{id}":    "step=sent&note=hello", "POST /staff/presence": "presence=ready", "POST /staff/language": "language=en",
		"contacts/{id}/group": "to=" + g.circle, "POST /staff/decoys": "text=hello", "POST /staff/groups": "name=Legal+" + ids.New(), "{id}/join": "who=" + g.other.Person.ID, "{id}/leave": "who=" + g.leaver,
	} {
		if strings.HasPrefix(pattern, "POST") && strings.HasSuffix(pattern, end) {
			return body
		}
	}
	return ""
}
