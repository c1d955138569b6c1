package site_test

import (
	"bytes"
	"fmt"
	"maps"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

func only(t *testing.T, h *hotline) site.Contact {
	t.Helper()
	if len(h.contacts) != 1 {
		t.Fatalf("%d contacts were stored, want 1", len(h.contacts))
	}
	for _, c := range h.contacts {
		return c
	}
	return site.Contact{}
}

func TestContactWithAMessageOnly(t *testing.T) {
	h := start(t, allFacts)
	answer := h.do("POST", "/contact", url.Values{"message": {"I need help"}})
	if answer.Code != 200 || !strings.Contains(answer.Body.String(), "1234 5678 9012 3456 7890") {
		t.Errorf("status %d, or no code in groups of four", answer.Code)
	}
	if strings.Contains(answer.Body.String(), "I need help") {
		t.Error("the story is shown after it was sent")
	}
	c := only(t, h)
	if c.Message != "I need help" || !ids.Valid(c.Key) || c.Safe != (site.Safe{}) || c.For != "" {
		t.Errorf("stored %+v", c)
	}
}

// A first contact is never refused for what a browser sends or leaves out.
func TestContactFromAnyBrowser(t *testing.T) {
	for name, header := range map[string]http.Header{
		"nothing":          {},
		"null origin":      {"Origin": {"null"}},
		"other origin":     {"Origin": {"https://elsewhere.example"}, "Sec-Fetch-Site": {"cross-site"}},
		"charset":          {"Content-Type": {"application/x-www-form-urlencoded; charset=utf-8"}},
		"languages broken": {"Accept-Language": {"\xff;;q=x"}},
	} {
		h := start(t, allFacts)
		r := httptest.NewRequest("POST", "/contact", strings.NewReader("message=help"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		maps.Copy(r.Header, header)
		w := httptest.NewRecorder()
		h.handler.ServeHTTP(w, r)
		if w.Code != 200 || len(h.contacts) != 1 {
			t.Errorf("%s: status %d, %d stored", name, w.Code, len(h.contacts))
		}
	}
	h := start(t, allFacts)
	var body bytes.Buffer
	parts := multipart.NewWriter(&body)
	_ = parts.WriteField("message", "help")
	_ = parts.Close()
	r := httptest.NewRequest("POST", "/contact", &body)
	r.Header.Set("Content-Type", parts.FormDataContentType())
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Code != 200 || only(t, h).Message != "help" {
		t.Errorf("multipart: status %d", w.Code)
	}
}

func full() url.Values {
	return url.Values{
		"key": {ids.New()}, "message": {"help me"}, "for": {"other"}, "about": {"referral"}, "place": {"Łódź"},
		"language": {"pl"}, "channel": {"phone"}, "address": {"+48 600 000 000"}, "from": {"9:05"}, "to": {"٢٠:٠٠"},
		"voicemail": {"no"}, "pickup": {"my sister"}, "cover": {"the dentist"}, "word": {"linden"},
	}
}

func TestContactWithEverything(t *testing.T) {
	h := start(t, allFacts)
	form := full()
	if answer := h.do("POST", "/ar/contact?c=PL", form); answer.Code != 200 {
		t.Fatalf("status %d", answer.Code)
	}
	want := site.Contact{
		Key: form.Get("key"), Page: "ar", Country: "PL", Message: "help me", For: "other", About: "referral",
		Place: "Łódź", Language: "pl",
		Safe: site.Safe{
			Channel: "phone", Address: "+48 600 000 000", From: "09:05", To: "20:00",
			Voicemail: "no", PickUp: "my sister", Cover: "the dentist", Word: "linden",
		},
	}
	if got := only(t, h); got != want {
		t.Errorf("stored\n%+v, want\n%+v", got, want)
	}
}

func TestDoubleTapStoresOnce(t *testing.T) {
	h := start(t, allFacts)
	form := full()
	for range 3 {
		if answer := h.do("POST", "/contact", form); answer.Code != 200 {
			t.Fatalf("status %d", answer.Code)
		}
	}
	only(t, h)
	form.Set("message", "something else")
	if answer := h.do("POST", "/contact", form); answer.Code != 200 || len(h.contacts) != 2 {
		t.Errorf("a changed message under the same key: status %d, %d stored", answer.Code, len(h.contacts))
	}
	a, b := h.get("/contact"), h.get("/contact")
	key := regexp.MustCompile(`name="key" value="([a-z2-7]{26})"`)
	if key.FindString(a) == "" || key.FindString(a) == key.FindString(b) {
		t.Error("two forms have no key, or the same one")
	}
	for _, bad := range []string{"", "short", strings.Repeat("A", 26), `"><script>`} {
		form.Set("key", bad)
		form.Set("message", "m"+bad)
		h.do("POST", "/contact", form)
	}
	for k := range h.contacts {
		if len(k) != 26 || strings.Trim(k, "A") == "" {
			t.Errorf("the key %q of a form was trusted", k)
		}
	}
}

// What is wrong is said beside the field, in the language, and nothing typed
// is lost.
func TestContactProblems(t *testing.T) {
	long := strings.Repeat("長", 20_001)
	for _, tt := range []struct{ field, value, problem string }{
		{"message", "", "site.contact.problem.message"},
		{"message", " \r\n\x00 ", "site.contact.problem.message"},
		{"message", long, "site.contact.problem.long"},
		{"place", strings.Repeat("x", 301), "site.contact.problem.long"},
		{"cover", strings.Repeat("x", 161), "site.contact.problem.long"},
		{"address", "", "site.contact.problem.address"},
		{"address", "12", "site.contact.problem.phone"},
		{"address", "call my mother", "site.contact.problem.phone"},
		{"address", strings.Repeat("1", 121), "site.contact.problem.long"},
		{"from", "evening", "site.contact.problem.time"},
		{"to", "25:00", "site.contact.problem.time"},
		{"to", "", "site.contact.problem.times"},
	} {
		for _, l := range i18n.Languages() {
			h := start(t, allFacts)
			form := full()
			form.Set(tt.field, tt.value)
			answer := h.do("POST", "/"+l.Code+"/contact", form)
			page := answer.Body.String()
			words := h.server.Words.For(l.Code)
			var problem string
			if strings.HasSuffix(tt.problem, "long") {
				limit := map[string]int{"message": 20000, "place": 300, "cover": 160, "address": 120}[tt.field]
				problem = words.T(tt.problem, "count", limit)
			} else {
				problem = words.T(tt.problem)
			}
			name := fmt.Sprintf("%s: %s=%.12q", l.Code, tt.field, tt.value)
			field := tt.field
			if tt.problem == "site.contact.problem.times" {
				field = "from"
			}
			if answer.Code != 422 || !strings.Contains(page, `id="`+field+`-problem">`+problem) {
				t.Errorf("%s: status %d, or no word of it beside the field", name, answer.Code)
			}
			if !strings.Contains(page, `aria-describedby="`+field+`-problem"`) {
				t.Errorf("%s: the field does not name its problem", name)
			}
			if len(h.contacts) > 0 {
				t.Errorf("%s: stored", name)
			}
			for k := range form {
				if v := form.Get(k); k != tt.field && v != "٢٠:٠٠" && v != "9:05" && !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), v) {
					t.Errorf("%s: what was typed as %s is lost", name, k)
				}
			}
			if tt.value == long && !strings.Contains(page, long) {
				t.Errorf("%s: the long message is lost", name)
			}
		}
	}
}

func TestEmailAddress(t *testing.T) {
	h := start(t, allFacts)
	form := full()
	form.Set("channel", "email")
	for address, want := range map[string]int{"ana@example.org": 200, "ana": 422, "ana@example": 422, "a b@example.org": 422, "": 422, "علي@example.org": 200} {
		form.Set("address", address)
		form.Set("key", ids.New())
		if answer := h.do("POST", "/contact", form); answer.Code != want {
			t.Errorf("%q: status %d, want %d", address, answer.Code, want)
		}
	}
	form.Set("channel", "mailbox")
	form.Set("address", "")
	form.Set("key", ids.New())
	if answer := h.do("POST", "/contact", form); answer.Code != 200 {
		t.Errorf("no channel, no address: status %d", answer.Code)
	}
}

// Whatever arrives, the page comes back, in order, and never a 500.
func TestBadInput(t *testing.T) {
	bad := []string{
		"\xff\xfe\xfd", "a\x00b", "\u202egnp.exe", "👩‍👧‍👦🏳️‍🌈", "'; DROP TABLE contacts; --",
		"{{.Facts}} {{template \"x\"}}", "</textarea><script>alert(1)</script>", "\u200f\u061cمرحبا", "%%%s%n",
		strings.Repeat("a\u0301", 9000), "\r\n\r\nSet-Cookie: a=b", "\ufeff", strings.Repeat("\U0010ffff", 1000),
	}
	for _, value := range bad {
		for _, path := range []string{"/contact", "/mailbox", "/services", "/ar/contact"} {
			h := start(t, allFacts)
			form := url.Values{}
			for k := range full() {
				form.Set(k, value)
			}
			for _, k := range []string{"code", "do", "need", "group", value} {
				form.Set(k, value)
			}
			answer := h.do("POST", path, form)
			checkPage(t, fmt.Sprintf("POST %s %.12q", path, value), answer)
			if answer.Code >= 500 || answer.Code < 200 {
				t.Errorf("POST %s with %.20q: status %d", path, value, answer.Code)
			}
			if page := answer.Body.String(); strings.Contains(page, "<script>alert") || strings.Contains(page, "\x00") {
				t.Errorf("POST %s with %.20q: came back unescaped", path, value)
			}
		}
	}
	h := start(t, allFacts)
	h.do("POST", "/contact", url.Values{"message": {"a\x00b \xff \u202ec"}})
	if got := only(t, h).Message; got != "ab \ufffd \u202ec" {
		t.Errorf("stored %q", got)
	}
}

func TestBrokenBodies(t *testing.T) {
	h := start(t, allFacts)
	for name, tt := range map[string]struct {
		kind, body string
		status     int
	}{
		"10 MB":             {"application/x-www-form-urlencoded", "key=&message=the-beginning" + strings.Repeat("x", 10<<20), 413},
		"wrong kind":        {"application/json", `{"message":"x"}`, 422},
		"no kind":           {"", "message=x", 422},
		"broken escapes":    {"application/x-www-form-urlencoded", "%zz&place=%", 422},
		"no boundary":       {"multipart/form-data", "x", 422},
		"broken multipart":  {"multipart/form-data; boundary=b", "--b\r\nnonsense", 422},
		"semicolons":        {"application/x-www-form-urlencoded", ";;;&;=;", 422},
		"ten thousand keys": {"application/x-www-form-urlencoded", strings.Repeat("a=b&", 10_000), 422},
	} {
		for _, path := range []string{"/contact", "/mailbox", "/services"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(tt.body))
			r.Header.Set("Content-Type", tt.kind)
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("%s to %s: status %d", name, path, w.Code)
			}
			if path == "/contact" && w.Code != tt.status {
				t.Errorf("%s: status %d, want %d", name, w.Code, tt.status)
			}
			if name == "10 MB" && path == "/contact" && !strings.Contains(w.Body.String(), "the-beginning") {
				t.Error("the beginning of a long message is lost")
			}
			checkPage(t, name+" to "+path, w)
		}
	}
	if len(h.contacts) > 0 {
		t.Error("something of it was stored")
	}
}

func TestContactWhenStorageFails(t *testing.T) {
	for _, kind := range []errs.Kind{errs.Internal, errs.Busy, errs.Unavailable, errs.Invalid, errs.TooLarge} {
		h := start(t, allFacts)
		h.fail = errs.New(kind, "", fmt.Errorf("disk is full"))
		form := full()
		answer := h.do("POST", "/contact", form)
		page := answer.Body.String()
		if answer.Code == 200 || !strings.Contains(page, "help me") || !strings.Contains(page, form.Get("key")) {
			t.Errorf("kind %d: status %d, or the text or the key is lost", kind, answer.Code)
		}
		if strings.Contains(page, "disk") {
			t.Errorf("kind %d: the cause is shown", kind)
		}
		h.fail = nil
		if answer := h.do("POST", "/contact", form); answer.Code != 200 {
			t.Errorf("kind %d: the same form again: status %d", kind, answer.Code)
		}
		only(t, h)
	}
}

// After the exit the browser's history can send the form again; it shows
// nothing then.
func TestExitEndsTheAnswer(t *testing.T) {
	h := start(t, allFacts)
	form := full()
	page := h.do("POST", "/contact", form).Body.String()
	exit := regexp.MustCompile(`id="exit" href="([^"]*)"`).FindStringSubmatch(page)
	if exit == nil || !strings.Contains(exit[1], form.Get("key")) {
		t.Fatal("the exit of the answer does not end it")
	}
	h.do("GET", exit[1], nil)
	page = h.do("POST", "/contact", form).Body.String()
	if strings.Contains(page, "1234 5678") || strings.Contains(page, "help me") || len(h.contacts) != 1 {
		t.Error("the form sent again from the history shows the code or the text, or stored anew")
	}

	key := ids.New()
	open := url.Values{"visit": {key}, "code": {code}}
	if page := h.do("POST", "/mailbox", open).Body.String(); !strings.Contains(page, "You can call us") || !strings.Contains(page, "/exit?k="+key) {
		t.Fatal("the mailbox did not open, or its exit does not end it")
	}
	h.do("GET", "/exit?k="+key, nil)
	if page := h.do("POST", "/mailbox", open).Body.String(); strings.Contains(page, "You can call us") || strings.Contains(page, code) {
		t.Error("the mailbox opened again from the history")
	}
}

func TestMailbox(t *testing.T) {
	h := start(t, allFacts)
	for typed, want := range map[string]int{
		code: 200, "1234 5678 9012 3456 7890": 200, "1234-5678-9012-3456-7890": 200, " ١٢٣٤ ٥٦٧٨ ٩٠١٢ ٣٤٥٦ ٧٨٩٠ ": 200,
		"": 422, "1234": 422, strings.Repeat("9", 20): 422, "1234 5678 9012 3456 789x": 422,
	} {
		answer := h.do("POST", "/mailbox", url.Values{"code": {typed}})
		if answer.Code != want {
			t.Errorf("%q: status %d, want %d", typed, answer.Code, want)
		}
		if opened := strings.Contains(answer.Body.String(), "You can call us"); opened != (want == 200) {
			t.Errorf("%q: opened is %t", typed, opened)
		}
	}
	page := h.do("POST", "/en/mailbox", url.Values{"code": {code}}).Body.String()
	if !strings.Contains(page, "&lt;b&gt;Any time.&lt;/b&gt;") || !strings.Contains(page, "You wrote, sent") {
		t.Error("a reply is not escaped, or own lines are not there")
	}

	key := ids.New()
	write := url.Values{"code": {code}, "key": {key}, "message": {"Thank you"}}
	for range 2 {
		page = h.do("POST", "/mailbox", write).Body.String()
	}
	if h.written[key] != "Thank you" || len(h.written) != 1 || strings.Contains(page, "Thank you") || !strings.Contains(page, "has been sent") {
		t.Error("writing again did not store once and show nothing of it")
	}
	write.Set("message", "")
	if answer := h.do("POST", "/mailbox", write); answer.Code != 422 {
		t.Errorf("an empty message: status %d", answer.Code)
	}
	write.Set("message", "for nobody")
	write.Set("code", strings.Repeat("9", 20))
	if page := h.do("POST", "/mailbox", write).Body.String(); !strings.Contains(page, "for nobody") {
		t.Error("with a wrong code the message is lost")
	}

	page = h.do("POST", "/mailbox", url.Values{"code": {code}, "do": {"hide"}}).Body.String()
	if !strings.Contains(page, "messages are hidden") || strings.Contains(page, code) {
		t.Error("hiding is not confirmed, or the code is still in the page")
	}
	if answer := h.do("POST", "/mailbox", url.Values{"code": {code}}); answer.Code != 422 {
		t.Errorf("a hidden mailbox: status %d", answer.Code)
	}
}

func TestServices(t *testing.T) {
	h := start(t, allFacts)
	answer := h.do("POST", "/es/services?c=US", url.Values{"place": {"Austin"}, "need": {"shelter"}, "group": {"made up"}})
	page := answer.Body.String()
	if h.search != (site.Search{Lang: "es", Country: "US", Place: "Austin", Need: "shelter", Most: 20}) {
		t.Errorf("searched for %+v", h.search)
	}
	for _, want := range []string{"Open door", "tel:", "1 de noviembre de 2026", "hasta las 17:00", "English, Español", "https://door.example/", `value="Austin"`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not there", want)
		}
	}
	if page := h.do("POST", "/services", url.Values{}).Body.String(); !strings.Contains(page, "Open door") {
		t.Error("every question skipped gives nothing")
	}
	if page := h.do("POST", "/services", url.Values{"place": {"Empty"}}).Body.String(); !strings.Contains(page, "no service that fits") {
		t.Error("nothing found is not said")
	}
	if page := h.do("POST", "/services", url.Values{"place": {"Nowhere"}}).Body.String(); !strings.Contains(page, "do not know this place") {
		t.Error("an unknown place is not said")
	}
}

func FuzzContact(f *testing.F) {
	f.Add("message=help&channel=phone&address=1")
	f.Add("message=%00%ff&from=25%3A00&key=x")
	h := start(f, allFacts)
	f.Fuzz(func(t *testing.T, body string) {
		for _, path := range []string{"/ar/contact", "/mailbox", "/services"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(body))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.handler.ServeHTTP(w, r)
			if w.Code >= 500 {
				t.Errorf("POST %s %q: status %d", path, body, w.Code)
			}
		}
	})
}
