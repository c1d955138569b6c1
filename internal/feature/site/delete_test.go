package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Who holds the code can ask us to delete, and take it back, in every language,
// and the page says what happens, when, and what stays.
func TestAskingToDelete(t *testing.T) {
	for _, l := range i18n.Languages() {
		h := start(t, allFacts)
		w := h.server.Words.For(l.Code)
		post := func(form url.Values) string {
			t.Helper()
			form.Set("code", code)
			got := h.do("POST", "/"+l.Code+"/mailbox", form)
			if got.Code != http.StatusOK {
				t.Fatalf("%s: %d", l.Code, got.Code)
			}
			return got.Body.String()
		}
		says := func(page string, keys ...string) {
			t.Helper()
			for _, key := range keys {
				if !strings.Contains(page, w.T(key)) {
					t.Errorf("%s does not say %s", l.Code, key)
				}
			}
		}
		says(post(url.Values{}), "site.mailbox.delete", "site.mailbox.delete.first", "site.mailbox.delete.then", "site.mailbox.delete.stays", "site.mailbox.delete.law")
		page := post(url.Values{"do": {"delete"}})
		says(page, "site.mailbox.delete.keep", "site.mailbox.delete.back")
		if !strings.Contains(page, "2026") && !strings.Contains(page, "٢٠٢٦") || strings.Contains(page, `value="delete"`) {
			t.Errorf("%s: it was asked, and the page says %s", l.Code, mainText(t, page))
		}
		if again := post(url.Values{"do": {"delete"}}); h.deletion != "asked" || mainText(t, again) != mainText(t, page) {
			t.Errorf("%s: asking again is another answer", l.Code)
		}
		says(post(url.Values{"do": {"keep"}}), "site.mailbox.delete.kept", "site.mailbox.delete.first")
		if h.deletion != "" {
			t.Errorf("%s: it was not taken back", l.Code)
		}
		h.deletion = "declined"
		says(post(url.Values{}), "site.mailbox.deletion.declined", "site.mailbox.delete.button")
	}
}

// A wrong code asks for nothing, and is answered like any wrong code.
func TestAWrongCodeDeletesNothing(t *testing.T) {
	h := start(t, allFacts)
	wrong := strings.Repeat("9", 20)
	plain := h.do("POST", "/en/mailbox", url.Values{"code": {wrong}})
	for _, do := range []string{"delete", "keep"} {
		got := h.do("POST", "/en/mailbox", url.Values{"code": {wrong}, "do": {do}})
		if got.Code != plain.Code || mainText(t, got.Body.String()) != mainText(t, plain.Body.String()) || h.deletion != "" {
			t.Errorf("%s with a wrong code: %d", do, got.Code)
		}
	}
}
