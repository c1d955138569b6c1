package site_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/site"
)

// A partner's link opens a list that asks nothing and leaves nothing, in every
// language, and prints; one that is not right shows no other list in its place.
func TestAPartnersList(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	const asked = "?c=US&in=es&need=shelter&place=Austin"
	answer := h.do(http.MethodGet, "/es/list"+asked, nil)
	page := answer.Body.String()
	if want := (site.Search{Lang: "es", Country: "US", Place: "Austin", Need: "shelter", Speaks: "es", Most: 40}); answer.Code != http.StatusOK || h.search != want {
		t.Errorf("%d; searched for %+v", answer.Code, h.search)
	}
	for _, want := range []string{
		"A place to stay, Austin, español", "Open door", "tel:", "1 de noviembre de 2026", "A fecha de", `media="print"`,
		`href="/ar/list?c=US&amp;in=es&amp;need=shelter&amp;place=Austin"`, `href="/es/contact?c=US"`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	checkPage(t, "a partner's list", answer)
	if strings.Contains(page, "<input") || strings.Contains(page, "<select") {
		t.Error("it asks something")
	}
	for _, wrong := range []string{"?need=made-up", "?place=Nowhere"} {
		if answer = h.do(http.MethodGet, "/list"+wrong, nil); answer.Code != http.StatusNotFound || strings.Contains(answer.Body.String(), "Open door") || !strings.Contains(answer.Body.String(), "This link is not complete.") {
			t.Errorf("%s: %d", wrong, answer.Code)
		}
	}
	if answer = h.do(http.MethodGet, "/list?place=Empty", nil); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "No service on our list fits now.") {
		t.Errorf("nothing found: %d", answer.Code)
	}
	h.FindServices = nil
	if answer = h.do(http.MethodGet, "/list", nil); answer.Code != http.StatusOK || !strings.Contains(answer.Body.String(), "/contact") {
		t.Errorf("without a directory: %d", answer.Code)
	}
}
