package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestHotlinesOfACountry(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	page := h.get("/hotlines?c=PL")
	for _, want := range []string{
		"Warsaw line", "48226289999\"", "sms:", "Call ", "Text ", "We do not know if it works from there.",
		"Russian (Monday)", "Open now, until 17:00", "Last checked: 1 November 2026", "Embassies in Poland", "For people from Mexico", "An embassy is part of its government.",
		`<option value="PL" selected>`, `action="/hotlines"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	if page = h.get("/es/hotlines?c=ZM"); !strings.Contains(page, "No conocemos una línea") || !strings.Contains(page, `href="/es/contact?c=ZM"`) {
		t.Error("a country without lines gives no way on")
	}
	h.facts.Country = ""
	if page = h.get("/hotlines"); strings.Contains(page, "Warsaw line") || !strings.Contains(page, "Which country are you in?") {
		t.Error("without a country it does not ask for one")
	}
}

// What was found can be kept as text, under a name that says nothing.
func TestServicesAsText(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	answer := h.do(http.MethodPost, "/services", url.Values{"place": {"Austin"}, "as": {"text"}})
	if kind, name := answer.Header().Get("Content-Type"), answer.Header().Get("Content-Disposition"); kind != "text/plain; charset=utf-8" || name != `attachment; filename="list.txt"` {
		t.Errorf("it comes as %q, %q", kind, name)
	}
	for _, want := range []string{"Open door\nExample aid\n+1 555 0102\n1 Main Street\n", "Cost: free\n", "Papers as an immigrant: Not known. Ask first.\n", "Last checked: 1 November 2026\n"} {
		if !strings.Contains(answer.Body.String(), want) {
			t.Errorf("%q is not in\n%s", want, answer.Body)
		}
	}
	if answer = h.do(http.MethodPost, "/services", url.Values{"place": {"Empty"}, "as": {"text"}}); !strings.Contains(answer.Body.String(), "<h1>") {
		t.Error("nothing to keep gives no page")
	}
}

// Numbers in what others wrote keep their order where the text runs from right to
// left, no tap dials two numbers in one, and no text makes a service of its own.
func TestHostileTextStaysInItsPlace(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	body := h.do(http.MethodPost, "/ar/services", url.Values{"place": {"Tricky"}}).Body.String()
	if n := strings.Count(body, `<bdi dir="ltr">312-555-0100</bdi>`); n != 2 {
		t.Errorf("%d of 2 numbers keep their order", n)
	}
	if !strings.Contains(body, "112 / 911") || strings.Contains(body, "tel:112911") {
		t.Error("a tap dials two numbers")
	}
	text := h.do(http.MethodPost, "/ar/services", url.Values{"place": {"Tricky"}, "as": {"text"}}).Body.String()
	if n := strings.Count(text, "\u2066312-555-0100\u2069"); n != 2 {
		t.Errorf("%d of 2 numbers keep their order in\n%s", n, text)
	}
	if !strings.Contains(text, "Call us. Another line +1 555 0199\n") {
		t.Errorf("a text has lines of its own:\n%s", text)
	}
}
