package site_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Every public page, in every language, keeps the rules that need no script,
// no cookie and no third party.
func TestEveryPage(t *testing.T) {
	h := start(t, allFacts)
	answers := map[string]url.Values{
		"/contact":      {"message": {"help"}},
		"/ar/contact":   {"message": {""}},
		"/mailbox":      {"code": {code}},
		"/pl/mailbox":   {"code": {"1"}},
		"/services":     {"place": {"Austin"}},
		"/zh/services":  {"place": {"Nowhere"}},
		"/es/not-there": nil,
	}
	for _, path := range every() {
		answer := h.do("GET", path, nil)
		if answer.Code != 200 {
			t.Errorf("GET %s: status %d", path, answer.Code)
		}
		checkPage(t, "GET "+path, answer)
	}
	for path, form := range answers {
		method := "POST"
		if form == nil {
			method = "GET"
		}
		checkPage(t, method+" "+path, h.do(method, path, form))
	}
}

func checkPage(t *testing.T, name string, answer *httptest.ResponseRecorder) {
	t.Helper()
	header := answer.Header()
	for key, want := range map[string]string{
		"Cache-Control":           "no-store",
		"Referrer-Policy":         "no-referrer",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "DENY",
		"Set-Cookie":              "",
		"Content-Type":            "text/html; charset=utf-8",
		"Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; img-src 'self'; script-src 'self'; style-src 'self'",
	} {
		if got := header.Get(key); got != want {
			t.Errorf("%s: %s is %q, want %q", name, key, got, want)
		}
	}
	root, err := html.Parse(strings.NewReader(answer.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	c := checker{t: t, name: name, ids: map[string]bool{}}
	c.walk(root)
	if c.firstLink == "" || !strings.HasSuffix(strings.SplitN(c.firstLink, "?", 2)[0], "/exit") {
		t.Errorf("%s: the first thing in focus order is %q, not the exit", name, c.firstLink)
	}
	if c.h1 != 1 || c.title == "" || c.main != 1 {
		t.Errorf("%s: %d h1, %d main, title %q", name, c.h1, c.main, c.title)
	}
	for _, telling := range []string{"traffick", "abuse", "hotline", "victim", "help"} {
		if strings.Contains(strings.ToLower(c.title), telling) {
			t.Errorf("%s: the title %q is not neutral", name, c.title)
		}
	}
	for _, id := range c.described {
		if !c.ids[id] {
			t.Errorf("%s: refers to #%s, which is not there", name, id)
		}
	}
}

type checker struct {
	t         *testing.T
	name      string
	firstLink string
	title     string
	h1, main  int
	ids       map[string]bool
	described []string
}

var focusable = map[string]bool{"a": true, "button": true, "input": true, "select": true, "textarea": true, "summary": true}

func (c *checker) walk(n *html.Node) {
	if n.Type == html.ElementNode {
		c.element(n)
	}
	for child := n.FirstChild; child != nil; child = child.NextSibling {
		c.walk(child)
	}
}

func (c *checker) element(n *html.Node) {
	attr := map[string]string{}
	for _, a := range n.Attr {
		attr[a.Key] = a.Val
		if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
			c.t.Errorf("%s: <%s %s> needs an inline policy", c.name, n.Data, a.Key)
		}
		if (a.Key == "src" || a.Key == "action" || n.Data == "link" && a.Key == "href") && !strings.HasPrefix(a.Val, "/") {
			c.t.Errorf("%s: <%s %s=%q> is not our own", c.name, n.Data, a.Key, a.Val)
		}
		if strings.Contains(a.Val, "ZgotmplZ") {
			c.t.Errorf("%s: <%s %s> was refused by the template", c.name, n.Data, a.Key)
		}
	}
	c.described = append(c.described, strings.Fields(attr["aria-describedby"])...)
	c.described = append(c.described, strings.Fields(attr["for"])...)
	if id := attr["id"]; id != "" {
		if c.ids[id] {
			c.t.Errorf("%s: id %s is there twice", c.name, id)
		}
		c.ids[id] = true
	}
	switch n.Data {
	case "h1":
		c.h1++
	case "main":
		c.main++
	case "title":
		c.title = n.FirstChild.Data
	case "script":
		if n.FirstChild != nil {
			c.t.Errorf("%s: inline script", c.name)
		}
	case "style", "iframe", "img", "video":
		c.t.Errorf("%s: <%s>", c.name, n.Data)
	case "form":
		if attr["autocomplete"] != "off" {
			c.t.Errorf("%s: a form that the browser fills in", c.name)
		}
	case "a":
		if strings.HasPrefix(attr["href"], "http") && attr["rel"] != "noreferrer" {
			c.t.Errorf("%s: link to %s tells where it comes from", c.name, attr["href"])
		}
	}
	if focusable[n.Data] && attr["type"] != "hidden" && c.firstLink == "" {
		c.firstLink = attr["href"]
		if c.firstLink == "" {
			c.firstLink = n.Data
		}
	}
}

func TestLanguageAndCountryStayOnEveryLink(t *testing.T) {
	h := start(t, allFacts)
	page := h.get("/es/someone?c=PL")
	if !strings.Contains(page, `<html lang="es" dir="ltr">`) {
		t.Error("the page is not in Spanish")
	}
	for _, m := range regexp.MustCompile(`(?:href|action)="(/[^"]*)"`).FindAllStringSubmatch(page, -1) {
		link := m[1]
		switch {
		case strings.HasPrefix(link, "/s/"), link == "/es/exit":
		case !strings.HasSuffix(link, "?c=PL") && link != "/es/contact?c=PL&amp;for=other":
			t.Errorf("%s loses the country", link)
		case !regexp.MustCompile(`^/(es/|(en|zh|ru|pl|ar)/someone\?)`).MatchString(link):
			t.Errorf("%s loses the language or the page", link)
		}
	}
	if page := h.get("/ar"); !strings.Contains(page, `<html lang="ar" dir="rtl">`) {
		t.Error("Arabic does not run from right to left")
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Language", "pl-PL,en;q=0.5")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `lang="pl"`) || w.Header().Get("Vary") == "" {
		t.Error("the language of the browser is not asked")
	}
}

func TestDangerLine(t *testing.T) {
	h := start(t, allFacts)
	for path, want := range map[string]string{
		"/":            `<bdi dir="ltr"><a href="tel:911">911</a></bdi>`, // where the hotline is
		"/?c=PL":       `(Poland)`,
		"/?c=pl":       `<a href="tel:112">112</a>`,
		"/?c=ZM":       `no checked number for`,
		"/?c=%3Cb":     `(United States)`,
		"/now?c=PL":    `Where this number is from`,
		"/ar/now?c=PL": `<bdi dir="ltr"><a href="tel:112">112</a></bdi>`,
	} {
		if page := strings.NewReplacer("<bdi>", "", "</bdi>)", ")").Replace(h.get(path)); !strings.Contains(page, want) {
			t.Errorf("GET %s: %q is not there", path, want)
		}
	}
	h.facts.Country = ""
	page := h.get("/")
	if strings.Contains(page, "911") || !strings.Contains(page, "Find the emergency number") {
		t.Error("a number is shown without a country")
	}
}

// No fact, no sentence.
func TestNothingIsPublishedWhoseFactIsNotSet(t *testing.T) {
	h := start(t, site.Facts{})
	page := h.get("/") + h.get("/questions") + h.get("/someone")
	for _, claim := range []string{"free", "give a name", "tel:", "sms:", "Open now", "Answers in", "police", "record", "Who can call", "911"} {
		if strings.Contains(page, claim) {
			t.Errorf("%q is claimed and no fact says so", claim)
		}
	}
	if missing := (site.Facts{}).Missing(); len(missing) != 13 {
		t.Errorf("Missing() = %q", missing)
	}
	full := allFacts
	full.WhoCalls = "everybody"
	if missing := full.Missing(); len(missing) != 0 {
		t.Errorf("Missing() = %q with everything set", missing)
	}
	h.facts = allFacts
	page = html.UnescapeString(h.get("/") + h.get("/questions"))
	for _, claim := range []string{"It is free.", "give a name", "tel:+15550100000", "sms:5550101", "Open now", "Answers in", "police", "record calls"} {
		if !strings.Contains(page, claim) {
			t.Errorf("%q is not said and the fact is set", claim)
		}
	}
	// A promise to tell nobody waits for its limits and names them.
	for _, tt := range []struct {
		limits        string
		said, pointed bool
	}{{"", false, false}, {"none", true, false}, {"danger", true, true}} {
		h.facts = site.Facts{Told: "consent", Police: "consent", Limits: tt.limits}
		page := h.get("/en/questions")
		if strings.Contains(page, "unless you agree") != tt.said || strings.Contains(page, "There are limits: see below.") != tt.pointed {
			t.Errorf("limits %q: the promise is said %t, want %t, or its limits are not", tt.limits, !tt.said, tt.said)
		}
	}
	h.facts = site.Facts{Cost: "made up", Own: map[string]string{"police": "We ask <you>."}}
	page = h.get("/questions")
	if strings.Contains(page, "made up") || !strings.Contains(page, "We ask &lt;you&gt;.") {
		t.Error("an unknown code was shown, or the hotline's own wording was not")
	}
}

func TestOpening(t *testing.T) {
	h := start(t, site.Facts{})
	later := time.Now().UTC().Add(2 * time.Hour)
	for _, tt := range []struct {
		opening site.Opening
		want    string
	}{
		{site.Opening{Known: true, Open: true}, "Open now"},
		{site.Opening{Known: true, Open: true, Until: later}, "Open now, until " + later.Format("15:04")},
		{site.Opening{Known: true}, "Nobody is on the line now"},
		{site.Opening{Known: true, Next: later}, "Nobody is on the line until " + later.Format("15:04")},
		{site.Opening{Known: true, Next: later.Add(72 * time.Hour)}, later.Add(72*time.Hour).Weekday().String() + " "},
	} {
		h.facts.Opening = tt.opening
		if page := h.get("/en/"); !strings.Contains(page, tt.want) {
			t.Errorf("%+v: %q is not there", tt.opening, tt.want)
		}
	}
}

// A service's times are those of the clock on its door, wherever the hotline is.
func TestTheDoorOfAService(t *testing.T) {
	h := start(t, site.Facts{})
	monday := time.Date(2026, 11, 23, 8, 30, 0, 0, time.FixedZone("there", 9*60*60))
	for _, tt := range []struct {
		opening site.Opening
		want    string
	}{
		{site.Opening{Known: true, Open: true}, "Open now<"},
		{site.Opening{Known: true, Open: true, Until: monday}, "Open now, until 08:30<"},
		{site.Opening{Known: true}, "Closed now<"},
		{site.Opening{Known: true, Next: monday}, "Closed now. Opens Monday at 08:30<"},
	} {
		h.FindServices = func(context.Context, site.Search) (site.Found, error) {
			return site.Found{Services: []site.Service{{Name: "Lantern House", Opening: tt.opening}}}, nil
		}
		if page := h.do("POST", "/en/services", url.Values{}).Body.String(); !strings.Contains(page, "<p>"+tt.want) {
			t.Errorf("%+v: %q is not there: %s", tt.opening, tt.want, page)
		}
	}
}

func TestExit(t *testing.T) {
	h := start(t, allFacts)
	answer := h.do("GET", "/es/exit?k=abcdefghijklmnopqrstuvwxyz", nil)
	if answer.Code != 303 || answer.Header().Get("Location") != allFacts.ExitURL {
		t.Errorf("exit: %d to %q", answer.Code, answer.Header().Get("Location"))
	}
	if got := answer.Header().Get("Clear-Site-Data"); got != `"cache"` {
		t.Errorf("Clear-Site-Data is %s", got)
	}
	if len(h.ended) != 1 {
		t.Error("the answer was not ended")
	}
	for _, url := range []string{"", "javascript:alert(1)", "http://plain.example/"} {
		h.facts.ExitURL = url
		if answer := h.do("GET", "/exit", nil); answer.Code != 200 || strings.Contains(answer.Body.String(), "<a") {
			t.Errorf("with the exit %q: status %d", url, answer.Code)
		}
	}
}

func TestErrorsAreInTheLanguageOfThePath(t *testing.T) {
	h := start(t, allFacts)
	answer := h.do("GET", "/pl/no-such-page", nil)
	if answer.Code != 404 || !strings.Contains(answer.Body.String(), `hreflang="ar"`) || !strings.Contains(answer.Body.String(), "Tej strony tu nie ma") {
		t.Errorf("404 in Polish: status %d", answer.Code)
	}
	h.FindServices = nil
	h.Submit = nil
	if page := h.get("/services"); !strings.Contains(page, "not here yet") {
		t.Error("without a directory the page does not say so")
	}
	if answer := h.do("POST", "/contact", url.Values{"message": {"help"}}); answer.Code != 503 || !strings.Contains(answer.Body.String(), ">\nhelp</textarea>") {
		t.Errorf("without contacts: status %d, or the text is lost", answer.Code)
	}
}

// Only languages that the hotline has turned on are offered or answered in.
func TestLanguagesThatAreOff(t *testing.T) {
	h := start(t, allFacts)
	on, fail := []string{"pl", "ar"}, error(nil)
	h.Spoken = func(context.Context) ([]string, error) { return on, fail }
	for path, want := range map[string]string{"/": `lang="pl"`, "/es/": `lang="pl"`, "/ar/": `lang="ar"`, "/es/no-page": `lang="pl"`} {
		page := h.get(path)
		if !strings.Contains(page, "<html "+want) {
			t.Errorf("GET %s is not in %s", path, want)
		}
		if strings.Contains(page, `hreflang="es"`) {
			t.Errorf("GET %s offers Spanish", path)
		}
	}
	if answer := h.do("POST", "/es/contact", url.Values{"message": {"hola"}}); answer.Code != 200 || len(h.contacts) != 1 {
		t.Errorf("what came in a language that is off was not taken: status %d", answer.Code)
	}
	on, fail = nil, errors.New("no database")
	if page := h.get("/es/"); !strings.Contains(page, `<html lang="en"`) {
		t.Error("with no language known the page is not in English")
	}
}

func TestPickerNamesLanguagesInTheirOwnScript(t *testing.T) {
	page := start(t, allFacts).get("/en/")
	for _, l := range i18n.Languages() {
		if l.Code != "en" && !strings.Contains(page, `hreflang="`+l.Code+`">`+l.Name+`</a>`) {
			t.Errorf("%s is not in the picker", l.Name)
		}
	}
}
