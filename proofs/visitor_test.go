package proofs

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// visitor uses the program as a browser without scripts does: it opens pages,
// fills in the forms that are on them and follows where they lead.
type visitor struct {
	t      testing.TB
	home   string // "http://127.0.0.1:41234"
	cookie string // of the desk. It is Secure, so the client keeps it itself over plain HTTP
}

// seen is a page, or another answer.
type seen struct {
	*visitor
	path   string
	status int
	header http.Header
	body   string
	tree   *html.Node
}

var noRedirects = &http.Client{
	Timeout:       time.Minute,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends one request and follows nothing.
func (v *visitor) ask(method, path, kind, body string) *seen {
	v.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(v.t.Context()), method, v.home+path, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if v.cookie != "" {
		req.Header.Set("Cookie", "desk="+v.cookie)
	}
	resp, err := noRedirects.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range resp.Cookies() {
		if c.Name == "desk" {
			v.cookie = c.Value
		}
	}
	s := parsed(v.t, path, resp.StatusCode, text)
	s.visitor, s.header = v, resp.Header
	return s
}

// parsed is a page that came by itself.
func parsed(t testing.TB, path string, status int, text []byte) *seen {
	t.Helper()
	tree, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return &seen{visitor: &visitor{t: t}, path: path, status: status, body: string(text), tree: tree}
}

// follow follows redirects within the site.
func (v *visitor) follow(s *seen) *seen {
	v.t.Helper()
	for s.status == http.StatusSeeOther {
		path, _, _ := strings.Cut(s.header.Get("Location"), "#")
		s = v.ask(http.MethodGet, path, "", "")
	}
	return s
}

// open opens a page.
func (v *visitor) open(path string) *seen {
	v.t.Helper()
	return v.follow(v.ask(http.MethodGet, path, "", "")).is(http.StatusOK)
}

// is says that the page has the status.
func (s *seen) is(status int) *seen {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("%s: %d, not %d: %s", s.path, s.status, status, s.said())
	}
	return s
}

// shows says that the page has these words.
func (s *seen) shows(texts ...string) *seen {
	s.t.Helper()
	for _, text := range texts {
		if !strings.Contains(words(s.tree), text) {
			s.t.Fatalf("%s does not show %q: %s", s.path, text, s.said())
		}
	}
	return s
}

// said is what stands in the page's own part, on one line.
func (s *seen) said() string {
	for n := range s.tree.Descendants() {
		if n.Data == "main" {
			return strings.Join(strings.Fields(words(n)), " ")
		}
	}
	return s.body
}

// hides says that the whole page has nothing of these.
func (s *seen) hides(texts ...string) *seen {
	s.t.Helper()
	for _, text := range texts {
		if strings.Contains(s.body, text) {
			s.t.Fatalf("%s holds %q", s.path, text)
		}
	}
	return s
}

// send fills in the form that leads to action and has all the fields, and
// sends it. Values that are given replace those on the page. Without an action
// it is the first form that has the fields.
func (s *seen) send(action string, with url.Values) *seen {
	s.t.Helper()
	for form := range s.tree.Descendants() {
		to := attr(form, "action")
		if form.Data != "form" || action != "" && to != action || !covers(form, with) {
			continue
		}
		values := fields(form)
		maps.Copy(values, with)
		return s.follow(s.ask(http.MethodPost, to, "application/x-www-form-urlencoded", values.Encode()))
	}
	s.t.Fatalf("%s has no form to %s with %v: %s", s.path, action, with, s.said())
	return nil
}

// link finds the first link that begins so.
func (s *seen) link(begins string) string {
	s.t.Helper()
	for n := range s.tree.Descendants() {
		if href := attr(n, "href"); n.Data == "a" && strings.HasPrefix(href, begins) {
			return href
		}
	}
	s.t.Fatalf("%s has no link to %s: %s", s.path, begins, s.said())
	return ""
}

// text is what stands in the element with an id.
func (s *seen) text(id string) string {
	s.t.Helper()
	for n := range s.tree.Descendants() {
		if attr(n, "id") == id {
			return strings.TrimSpace(words(n))
		}
	}
	s.t.Fatalf("%s has no %s: %s", s.path, id, s.said())
	return ""
}

// covers says whether a form has every field that is to be filled in.
func covers(form *html.Node, with url.Values) bool {
	for name := range with {
		found := false
		for n := range form.Descendants() {
			found = found || attr(n, "name") == name
		}
		if !found {
			return false
		}
	}
	return true
}

// fields are the values that a browser would send.
func fields(form *html.Node) url.Values {
	v := url.Values{}
	for n := range form.Descendants() {
		name := attr(n, "name")
		if name == "" {
			continue
		}
		switch n.Data {
		case "input":
			kind := attr(n, "type")
			if (kind != "radio" && kind != "checkbox") || has(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		case "textarea":
			v.Add(name, strings.TrimPrefix(words(n), "\n"))
		case "select":
			v.Add(name, selected(n))
		}
	}
	return v
}

func selected(list *html.Node) (value string) {
	first := true
	for n := range list.Descendants() {
		if n.Data == "option" && (first || has(n, "selected")) {
			value, first = attr(n, "value"), false
		}
	}
	return value
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// words are the text of a node and all below it.
func words(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	if n.Data == "style" || n.Data == "script" {
		return ""
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(words(c))
	}
	return b.String()
}

// visit is a visitor to a running program.
func visit(t testing.TB, r *running) *visitor { return &visitor{t: t, home: r.Public} }

// phrase is the pass phrase of a colleague.
func (r *running) phrase(name string) string {
	for _, s := range r.Staff {
		if s.Name == name {
			return s.Passphrase
		}
	}
	return ""
}

// signIn is a colleague at the desk.
func signIn(t testing.TB, r *running, name string) *visitor {
	t.Helper()
	v := visit(t, r)
	v.open("/staff/signin").send("/staff/signin", url.Values{"name": {name}, "passphrase": {r.phrase(name)}}).is(http.StatusOK)
	if v.cookie == "" {
		t.Fatalf("%s was not signed in", name)
	}
	return v
}
