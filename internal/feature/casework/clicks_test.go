package casework

import (
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// hand is a browser without scripts that counts what its user clicks.
type hand struct {
	*site
	clicks int
	form   url.Values
	to     string
}

func attr(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// open follows a link to a page and fills in its first form in the page's own
// part as the page has it.
func (h *hand) open(path string) {
	h.t.Helper()
	h.clicks++
	status, body, _ := h.do(call{token: h.adaToken, method: "GET", path: path})
	if status != 200 {
		h.t.Fatalf("%s: %d", path, status)
	}
	_, body, _ = strings.Cut(body, "<main")
	page, err := html.Parse(strings.NewReader("<main" + body))
	h.ok(err)
	h.form, h.to = url.Values{}, ""
	for n := range page.Descendants() {
		if n.Data != "form" || n.Type != html.ElementNode {
			continue
		}
		h.to, _ = attr(n, "action")
		for in := range n.Descendants() {
			h.fill(in)
		}
		return
	}
	h.t.Fatalf("%s has no form", path)
}

func (h *hand) fill(n *html.Node) {
	name, _ := attr(n, "name")
	value, _ := attr(n, "value")
	_, checked := attr(n, "checked")
	_, selected := attr(n, "selected")
	kind, _ := attr(n, "type")
	switch {
	case n.Data == "input" && (kind == "hidden" || kind == "text" || checked):
		h.form.Add(name, value)
	case n.Data == "textarea" && n.FirstChild != nil:
		h.form.Add(name, n.FirstChild.Data)
	case n.Data == "option" && selected:
		name, _ = attr(n.Parent, "name")
		h.form.Add(name, value)
	}
}

func (h *hand) tick(name, value string) {
	h.clicks++
	h.form.Add(name, value)
}

func (h *hand) press() string {
	h.t.Helper()
	h.clicks++
	status, body, header := h.do(call{token: h.adaToken, method: "POST", path: h.to, form: h.form})
	if status != 303 {
		h.t.Fatalf("%s: %d\n%s", h.to, status, body)
	}
	return header.Get("Location")
}

// From the button beside a service to recorded consent: name, summary and a
// safe way to be reached among what is shared, in six clicks.
func TestAReferralTakesSixClicks(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		b := &hand{site: newSite(h)}
		b.open("/staff/contacts/" + h.mine + "/refer?service=svc-1")
		h.logged(h.mine, "referral.read form")
		b.tick("share", "name")
		b.form.Set("value.name", "Maria")
		b.tick("share", "summary")
		b.tick("share", "reach")
		b.tick("how", "spoken")
		at := b.press()
		if b.clicks > 6 {
			t.Errorf("%d clicks", b.clicks)
		}
		if strings.ContainsAny(at, "?#") || strings.Contains(at, "Maria") {
			t.Errorf("the address says something: %s", at)
		}
		ref := h.get(strings.TrimPrefix(at, "/staff/referrals/"))
		got := map[Field]string{}
		for _, it := range ref.Release.Items {
			got[it.Field] = it.Value
		}
		for field, want := range map[Field]string{
			Name: "Maria", Language: "es", Interpreter: "yes", Needs: "legal,shelter", Summary: "papers kept by the employer",
			Reach: h.person.Safe.rules(h.Web.Words.For("en")),
		} {
			if got[field] != want {
				t.Errorf("%s is shared as %q, was shown as %q", field, got[field], want)
			}
			delete(got, field)
		}
		if len(got) != 0 {
			t.Errorf("not ticked and shared: %v", got)
		}

		// Without consent it takes two, and nothing is shared.
		status, page, _ := b.do(call{token: h.adaToken, method: "GET", path: "/staff/contacts/" + h.mine + "/refer?service=svc-1"})
		if status != 200 || !strings.Contains(page, "/staff/contacts/"+h.mine+"/give") {
			t.Error("no way without consent")
		}
	})
}
