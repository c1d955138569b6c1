package proofs

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// publicRoutes are all that are open to everybody, as the golden file of who
// may do what has them: a route that is not in that file fails there.
func publicRoutes(t *testing.T) (list [][2]string) {
	t.Helper()
	b, err := os.ReadFile("../internal/app/testdata/access.golden")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(b)) {
		method, path, ok := strings.Cut(strings.TrimSuffix(strings.TrimSpace(line), " (public)"), " ")
		if ok && strings.HasSuffix(line, " (public)\n") {
			path = strings.NewReplacer("{$}", "", "{file}", "months.json").Replace(path)
			list = append(list, [2]string{method, path})
		}
	}
	if len(list) < 90 {
		t.Fatalf("only %d public routes were found", len(list))
	}
	return list
}

// everywhere are the headers of every answer.
var everywhere = map[string]string{
	"Cache-Control":                "no-store",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	// What names a person's browser, or our software, has no place here.
	"Set-Cookie": "", "Etag": "", "Last-Modified": "", "Server": "", "X-Powered-By": "", "Access-Control-Allow-Origin": "",
}

const (
	pagePolicy = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'"
	nonePolicy = "default-src 'none'; frame-ancestors 'none'"
)

// ofOpenData is what differs for what anybody may copy.
var ofOpenData = map[string]string{
	"Cache-Control": "no-cache", "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin",
}

// TestEveryPublicRouteTellsNobody asks every public route as a browser on a
// private window of an old telephone would, and looks at what comes back.
func TestEveryPublicRouteTellsNobody(t *testing.T) {
	t.Parallel()
	v := visit(t, startDemo(t))
	routes := append(publicRoutes(t), [2]string{"GET", "/there-is-nothing-here"}, [2]string{"POST", "/en/now"}, [2]string{"DELETE", "/"})
	for _, route := range routes {
		method, path := route[0], route[1]
		kind := "application/x-www-form-urlencoded"
		policy := pagePolicy
		open := strings.HasPrefix(path, "/hsds") // what anybody may copy, and ask whether it has changed
		switch {
		case strings.HasPrefix(path, "/staff"):
			policy += "; connect-src 'self'; media-src 'self'"
		case open:
			policy = nonePolicy
		case strings.HasPrefix(path, "/api/"), strings.HasSuffix(path, "z"):
			kind, policy = "application/json", nonePolicy
		}
		s := v.ask(method, path, kind, "")
		at := method + " " + path
		for name, want := range everywhere {
			if name == "Set-Cookie" && strings.HasPrefix(path, "/staff/signin/") { // a step of sign-in that is over takes its cookie away
				if got := s.header.Get(name); got != "" && !strings.Contains(got, "=; Path=/; Max-Age=0") {
					t.Errorf("%s: sets %q", at, got)
				}
				continue
			}
			if open && name == "Etag" { // by which who copies asks whether it has changed
				continue
			}
			if other, ok := ofOpenData[name]; ok && open {
				want = other
			}
			if got := s.header.Get(name); got != want {
				t.Errorf("%s: %s is %q, not %q", at, name, got, want)
			}
		}
		if got := s.header.Get("Content-Security-Policy"); got != policy {
			t.Errorf("%s: the policy is %q", at, got)
		}
		if s.status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", at, s.status)
		}
		if strings.HasSuffix(path, "/exit") {
			if s.status != http.StatusSeeOther || !strings.Contains(s.header.Get("Clear-Site-Data"), "cache") || !strings.HasPrefix(s.header.Get("Location"), "https://") {
				t.Errorf("%s does not lead away: %d %v", at, s.status, s.header)
			}
			continue
		}
		if strings.HasPrefix(s.header.Get("Content-Type"), "text/html") {
			s.selfContained()
		}
	}
}

// selfContained says that a page needs nothing of anybody else, no script,
// and does not say on the tab what it is.
func (s *seen) selfContained() {
	s.t.Helper()
	for n := range s.tree.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		for _, a := range n.Attr {
			loads := a.Key == "src" || a.Key == "srcset" || a.Key == "action" || a.Key == "data" || a.Key == "poster" || a.Key == "ping" || a.Key == "href" && n.Data != "a"
			if loads && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")) {
				s.t.Errorf("%s: <%s %s=%q> is not ours", s.path, n.Data, a.Key, a.Val)
			}
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				s.t.Errorf("%s: <%s %s=…> is inline, which the policy forbids", s.path, n.Data, a.Key)
			}
		}
		switch n.Data {
		case "style", "iframe", "object", "embed", "base":
			s.t.Errorf("%s has <%s>", s.path, n.Data)
		case "script":
			if !has(n, "src") || words(n) != "" {
				s.t.Errorf("%s has a script in the page", s.path)
			}
		case "title":
			for _, word := range []string{"traffick", "hotline", "slave", "exploit"} {
				if strings.Contains(strings.ToLower(words(n)), word) {
					s.t.Errorf("%s says on the tab: %s", s.path, words(n))
				}
			}
		}
	}
}

// TestAFirstContactIsTakenFromAnyBrowser posts as browsers do that hide where
// they come from, or come from somewhere else.
func TestAFirstContactIsTakenFromAnyBrowser(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	for name, headers := range map[string]http.Header{
		"nothing at all":            {},
		"an origin of null":         {"Origin": {"null"}},
		"an origin of another site": {"Origin": {"https://elsewhere.example"}},
		"Tor":                       {"Origin": {"null"}, "User-Agent": {"Mozilla/5.0 (Windows NT 10.0; rv:128.0) Gecko/20100101 Firefox/128.0"}},
		"cross-site":                {"Sec-Fetch-Site": {"cross-site"}, "Sec-Fetch-Mode": {"navigate"}},
		"an old cookie":             {"Cookie": {"__Host-desk=x; other=y"}},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.Public+"/es/contact", strings.NewReader(url.Values{"message": {"Ayuda"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = headers
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := noRedirects.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusOK || !bytes.Contains(b, []byte(`id="code"`)) || len(resp.Cookies()) > 0 {
			t.Errorf("%s: %d %v: not taken", name, resp.StatusCode, err)
		}
	}
}

// firstView is the most that a first view may cost, so that it arrives in one
// flight of packets.
const firstView = 14 << 10

// TestEachFirstViewIsSmall weighs the page with its style and its icon, as
// they go over the line.
func TestEachFirstViewIsSmall(t *testing.T) {
	t.Parallel()
	v := visit(t, startDemo(t))
	largest, heaviest := 0, ""
	for _, route := range publicRoutes(t) {
		path := route[1]
		if route[0] != http.MethodGet || strings.HasPrefix(path, "/staff") || strings.HasPrefix(path, "/api") || strings.HasSuffix(path, "/exit") {
			continue
		}
		page := v.ask(http.MethodGet, path, "", "")
		if !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
			continue
		}
		weight := packed(t, page.body)
		for n := range page.tree.Descendants() {
			if n.Data == "link" && (attr(n, "rel") == "stylesheet" || attr(n, "rel") == "icon") {
				weight += packed(t, v.ask(http.MethodGet, attr(n, "href"), "", "").is(http.StatusOK).body)
			}
		}
		if weight > largest {
			largest, heaviest = weight, path
		}
		if weight > firstView {
			t.Errorf("%s: the first view is %d bytes, more than %d", path, weight, firstView)
		}
	}
	t.Logf("the heaviest first view is %s with %d bytes", heaviest, largest)
}

// packed is how many bytes a body is with gzip, as the program packs it.
func packed(t *testing.T, body string) int {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := io.WriteString(z, body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Len()
}

// get fetches without following anything.
func get(ctx context.Context, address string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, err
	}
	resp, err := noRedirects.Do(req)
	if err != nil {
		return 0, err
	}
	resp.Body.Close()
	return resp.StatusCode, nil
}
