package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Somebody says what is wrong without a name, a cookie or a script; that they
// looked at a service stands in no address, and the page says that help is
// elsewhere.
func TestSomebodySaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := start(t, allFacts)
	post := func(form url.Values) (int, string) {
		t.Helper()
		got := h.do("POST", "/tell", form)
		if len(got.Header()["Set-Cookie"]) > 0 {
			t.Error("the form sets a cookie")
		}
		return got.Code, got.Body.String()
	}
	status, page := post(url.Values{"service": {"1"}})
	for _, want := range []string{"Legal desk", "This is not the way to get help.", `maxlength="1000"`, "The number does not answer", "/contact"} {
		if status != http.StatusOK || !strings.Contains(page, want) {
			t.Errorf("the form (%d) lacks %q", status, want)
		}
	}
	if len(h.wrong) != 0 {
		t.Errorf("what nobody sent came: %+v", h.wrong)
	}
	if status, _ = post(url.Values{"service": {"2"}}); status != http.StatusNotFound {
		t.Errorf("a service that nobody sees: %d", status)
	}
	if status, page = post(url.Values{"service": {"1"}, "send": {"1"}, "text": {"my words"}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "Choose what is wrong.") || !strings.Contains(page, "my words") {
		t.Errorf("without a kind: %d", status)
	}
	if status, page = post(url.Values{"service": {"1"}, "send": {"1"}, "kind": {"moved"}}); status != http.StatusOK || !strings.Contains(page, "Thank you. Somebody looks at it.") {
		t.Errorf("sent: %d", status)
	}
	if _, page = post(url.Values{"send": {"1"}, "text": {"a clinic in Lublin that I know"}}); !strings.Contains(page, "without your own words") || strings.Contains(page, "Lublin") {
		t.Error("it does not say that the words were not kept")
	}
	if len(h.wrong) != 2 || h.wrong[0].Service != "1" || h.wrong[0].Kind != "moved" || h.wrong[1].Service != "" || h.wrong[0].Key == "" {
		t.Errorf("%+v", h.wrong)
	}
}
