package app

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/web"
)

// besides are the headers that an answer may have beside the table's: what is
// in it, and where to go. Whatever else a route sends needs a line here or there.
var besides = []string{
	"Access-Control-Allow-Headers", "Access-Control-Allow-Methods", "Access-Control-Max-Age", "Allow", "Clear-Site-Data", "Content-Disposition", "Content-Encoding", "Content-Length", "Content-Type", "Etag", "Location", "Retry-After", "Set-Cookie", "Vary",
	"Content-Digest", "Signature", "Signature-Input", "Trailer", // of what is published; see hsds/signed.go
	"Hx-Redirect", "Hx-Reswap", "Hx-Retarget", "Hx-Trigger",
}

// TestEveryRouteSendsTheTable asks every route of the program with every verb,
// as somebody who may use it and as nobody, and addresses that no route has.
// Each answer has the headers of its kind, and no other.
func TestEveryRouteSendsTheTable(t *testing.T) {
	g := opened(t)
	kinds := map[web.Kind]int{}
	check := func(v *viewer, method, at, body string) {
		t.Helper()
		got := g.ask(v, method, at, body)
		kind := kindOf(at, got)
		kinds[kind]++
		for _, wrong := range unlike(kind, got.header) {
			t.Errorf("%s %s as %s (%d, %s): %s", method, at, v.name, got.status, web.Kinds[kind], wrong)
		}
		if strings.HasPrefix(at, "/staff") {
			return
		}
		if c := got.header.Get("Set-Cookie"); c != "" {
			t.Errorf("%s %s sets a cookie: %s", method, at, c)
		}
	}
	nobody := g.viewers[0]
	for _, route := range g.routes {
		method, path, given := strings.Cut(route.Pattern, " ")
		if !given {
			method, path = http.MethodGet, route.Pattern
		}
		whose := "-"
		if strings.Contains(path, "{id}") {
			whose = "team"
		}
		may := g.whoMay(route)
		g.signIn(may) // an earlier route may have ended the session
		at := fill(path, g.thing(route.Pattern, whose, may), g.place)
		check(may, method, at, g.body(route.Pattern))
		for _, verb := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodTrace} {
			check(nobody, verb, at, "")
		}
	}
	for _, path := range []string{
		"/nothing", "/staff/nothing", "/api/nothing", "/api/v1/contacts/", "/s/nothing.css", "/staff//queue", "/es//contact", "/../staff/queue", "/EN/contact",
	} {
		check(nobody, http.MethodGet, path, "")
		check(nobody, http.MethodPost, path, "x=1")
	}
	for _, name := range []string{"site.css", "desk.css"} {
		at, err := g.server.Assets.URL(name)
		g.ok(err)
		check(nobody, http.MethodGet, at, "")
	}
	for kind, name := range web.Kinds {
		if kinds[kind] == 0 {
			t.Errorf("no answer was of the kind %q: this test does not look at it", name)
		}
	}
}

// kindOf tells the kind of an answer by what a browser sees of it.
func kindOf(at string, got reply) web.Kind {
	switch {
	case strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment"), got.header.Get("Content-Type") == "image/jpeg":
		return web.Download
	case got.header.Get("Content-Type") == "text/event-stream":
		return web.Stream
	case strings.HasPrefix(at, "/staff"):
		return web.Desk
	case at == "/hsds", strings.HasPrefix(at, "/hsds/"):
		return web.Open
	case strings.HasPrefix(at, "/api/"), at == "/healthz", at == "/readyz":
		return web.API
	case strings.HasPrefix(at, "/s/desk.") && got.status == http.StatusOK:
		return web.DeskAsset
	case strings.HasPrefix(at, "/s/") && got.status == http.StatusOK:
		return web.Asset
	}
	return web.Page
}

// unlike says in what an answer's headers are not those of its kind.
func unlike(kind web.Kind, h http.Header) (wrong []string) {
	rest := maps.Clone(h)
	for _, line := range web.Headers {
		want := valueFor(line, kind)
		if got := strings.Join(h.Values(line.Name), " and "); got != want {
			wrong = append(wrong, line.Name+" is "+got+", not "+want)
		}
		delete(rest, http.CanonicalHeaderKey(line.Name))
	}
	for name := range rest {
		if !slices.Contains(besides, name) {
			wrong = append(wrong, name+" stands in no table")
		}
	}
	return wrong
}

func valueFor(line web.Header, kind web.Kind) string {
	if value, differs := line.But[kind]; differs {
		return value
	}
	return line.Value
}

// TestHeadersAreDocumented keeps docs/headers.md what the table says.
func TestHeadersAreDocumented(t *testing.T) {
	var page bytes.Buffer
	page.WriteString("# Headers of every answer\n\nMade from the table in `internal/platform/web/headers.go`; `go test ./internal/app -run TestHeaders -update` writes it anew.\n" +
		"`TestEveryRouteSendsTheTable` asks every route with every verb and holds the answers to it. What Go itself answers to bytes that are no HTTP has none of these, and nothing of ours.\n\n" +
		"| header | value | of other kinds | why |\n|---|---|---|---|\n")
	for _, line := range web.Headers {
		var others []string
		for _, kind := range slices.Sorted(maps.Keys(line.But)) {
			others = append(others, web.Kinds[kind]+": "+quoted(line.But[kind]))
		}
		page.WriteString("| `" + line.Name + "` | " + quoted(line.Value) + " | " + strings.Join(others, "<br>") + " | " + line.Why + " |\n")
	}
	path := filepath.Join("..", "..", "docs", "headers.md")
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(have, page.Bytes()) {
		t.Errorf("docs/headers.md is not what the table says: go test ./internal/app -run TestHeaders -update (%v)", err)
	}
}

func quoted(value string) string {
	if value == "" {
		return "–"
	}
	return "`" + value + "`"
}

// TestThePagesKnowNoHost asks every public page under the hotline's name,
// under an onion address and under the address of somebody who tries: the
// answers are the same to the byte, and every link stays where its reader is.
// So an onion service needs nothing of us, and a forged name gets into no page.
func TestThePagesKnowNoHost(t *testing.T) {
	g := opened(t)
	const onion = "duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion"
	ask := func(host, method, path string) string {
		r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
		r.Host = host
		r.Header.Set("X-Forwarded-Host", host)
		w := httptest.NewRecorder()
		g.handler.ServeHTTP(w, r)
		for _, signed := range []string{"Signature", "Signature-Input"} { // which say in which second
			w.Header().Del(signed)
		}
		return fmt.Sprint(w.Code, w.Header(), w.Body.String())
	}
	for _, route := range g.routes {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if route.Access != web.Public || strings.Contains(path, "{file}") {
			continue
		}
		if path == "/staff/signin/passkey/ask" { // a passkey is of one host, and the browser is told which
			continue
		}
		path = fill(path, "", "")
		if strings.TrimSuffix(path, "/") == "/hsds" { // it tells programs where its description is, whole, as HSDS asks
			continue
		}
		want := same(ask("help.example", method, path))
		for _, host := range []string{onion, onion + ":80", "evil.example", "127.0.0.1:8080"} {
			got := same(ask(host, method, path))
			if strings.Contains(got, strings.Split(host, ":")[0]) {
				t.Errorf("%s %s repeats the host that it was asked under", method, path)
			}
			if got != want {
				t.Errorf("%s %s is another page under %s", method, path, host)
			}
		}
	}
}

// same leaves out what differs each time: the key of a form.
func same(page string) string { return idForm.ReplaceAllString(nowForm.ReplaceAllString(page, ""), "") }
