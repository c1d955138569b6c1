package proofs

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"golang.org/x/net/html"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// form is a form as a browser writes it.
func form(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

const (
	urlencoded = "application/x-www-form-urlencoded"
	pieces     = "--b\r\nContent-Disposition: form-data; name=\"message\"\r\n\r\n%s\r\n--b--\r\n"
)

var (
	atLimit  = strings.Repeat("😀", 20_000)
	overLong = strings.Repeat("ż", 20_001)
	tenMB    = strings.Repeat("0123456789", 1<<20)
	hostile  = `'); DROP TABLE contacts; -- {{.}} ${7*7} %s%n <script>alert(1)</script> "><img src=x onerror=alert(1)> ../../etc/passwd`
)

// formCase is one thing that arrives at the form.
type formCase struct {
	name   string
	kind   string // empty is as a browser sends
	body   string
	status int
	stored string   // the message as an advocate reads it; empty is none
	kept   []string // what must still stand in the form
}

var formCases = []formCase{
	{"nothing", "", "", 422, "", nil},
	{"only spaces", "", form("message", " \n\t ", "cover", "the school"), 422, "", []string{"the school"}},
	{"no message", "", form("place", "Łódź", "word", "żółw"), 422, "", []string{"Łódź", "żółw"}},
	{"ten megabytes", "", form("message", tenMB, "place", "Here"), 413, "", []string{tenMB[:20_000]}},
	{"one character too many", "", form("message", overLong), 422, "", []string{overLong}},
	{"as long as may be", "", form("message", atLimit), 200, atLimit, nil},
	{"a line too long", "", form("message", "kept-1", "cover", strings.Repeat("c", 161)), 422, "", []string{"kept-1", strings.Repeat("c", 161)}},
	{"no UTF-8", "", "message=caf%e9+%ff%fe+ok-1", 200, "caf\uFFFD \uFFFD ok-1", nil},
	{"NUL and control characters", "", form("message", "a\x00b\x07c\x1b[31md\u0085 ok-2"), 200, "abc[31md ok-2", nil},
	{"turned to the left", "", form("message", "abc\u202Edef\u202C \u200Fשלום ok-3"), 200, "abc\u202Edef\u202C \u200Fשלום ok-3", nil},
	{"emoji", "", form("message", "👩🏽\u200d👧🏽 🏳️\u200d🌈 ok-4"), 200, "👩🏽\u200d👧🏽 🏳️\u200d🌈 ok-4", nil},
	{"what databases and templates obey", "", form("message", hostile+" ok-5", "place", hostile, "word", "w' OR 1=1"), 200, hostile + " ok-5", nil},
	{"the same, not taken", "", form("message", hostile, "cover", strings.Repeat("c", 161)), 422, "", []string{hostile}},
	{"line ends of three systems", "", form("message", "one\r\ntwo\rthree\nok-6"), 200, "one\ntwo\nthree\nok-6", nil},
	{"codes that are on no list", "", form("message", "ok-7", "for", "x'", "about", "zzz", "channel", "fax", "voicemail", "2", "language", "tlh"), 200, "ok-7", nil},
	{"fields twice", "", form("message", "ok-8", "message", "second", "place", "a", "place", "b"), 200, "ok-8", nil},
	{"fields that there are not", "", form("message", "ok-9", "admin", "1", "__proto__", "x", "", "y"), 200, "ok-9", nil},
	{"a key that is none", "", form("message", "ok-10", "key", "<script>"), 200, "ok-10", nil},
	{"a number that is none", "", form("message", "kept-2", "channel", "phone", "address", "call me"), 422, "", []string{"kept-2", "call me"}},
	{"hours that are none", "", form("message", "kept-3", "from", "25:99", "to", "x"), 422, "", []string{"kept-3", "25:99"}},
	{"in parts", "multipart/form-data; boundary=b", fmt.Sprintf(pieces, "ok-11"), 200, "ok-11", nil},
	{"in parts, cut", "multipart/form-data; boundary=b", fmt.Sprintf(pieces, "cut")[:60], 422, "", nil},
	{"in parts that are none", "multipart/form-data", "message=x", 422, "", nil},
	{"plain text", "text/plain", "message=x", 422, "", nil},
	{"JSON at the form", "application/json", `{"message":"x"}`, 422, "", nil},
	{"no type", "-", "message=x", 422, "", nil},
	{"a thousand fields", "", form("message", "ok-12") + strings.Repeat("&a=b", 1000), 200, "ok-12", nil},
	{"percent signs that code nothing", "", "message=ok-13&place=%zz", 200, "ok-13", nil},
}

// TestWhateverArrivesAtTheForm sends the form what people, broken browsers
// and attackers send. Nothing is answered with our own failure; what is not
// taken is explained in the page's language and still stands there; what is
// taken is read by the advocate as it was written, once.
func TestWhateverArrivesAtTheForm(t *testing.T) {
	t.Parallel()
	r := startDemo(t)
	v := visit(t, r)
	var want []string
	for i, c := range formCases {
		for j, lang := range []string{"en", "ar"} {
			if c.stored != "" && i%2 != j {
				continue // a code costs time: one language each
			}
			kind := c.kind
			switch kind {
			case "":
				kind = urlencoded
			case "-":
				kind = ""
			}
			s := v.ask(http.MethodPost, "/"+lang+"/contact", kind, c.body)
			at := c.name + " in " + lang
			if s.status != c.status {
				t.Errorf("%s: %d, not %d: %.200s", at, s.status, c.status, s.said())
				continue
			}
			if c.stored != "" {
				want = append(want, c.stored)
				continue
			}
			s.explains(t, at, lang)
			standing := fields(s.tree)
			for _, kept := range c.kept {
				found := slices.ContainsFunc(slices.Collect(values(standing)), func(v string) bool { return v == kept || len(kept) >= 20_000 && strings.HasPrefix(v, kept) })
				if !found {
					t.Errorf("%s: %.60q does not stand in the form any more", at, kept)
				}
			}
			if strings.Contains(s.body, "<script>alert") || strings.Contains(s.body, "<img src=x") {
				t.Errorf("%s: what was typed became part of the page", at)
			}
		}
	}
	want = append(want, sentTwice(t, r)...)
	want = append(want, sentSlowly(t, r)...)
	brokenLines(t, r)
	arrived(t, r, want)
}

// values are all that stands in a form.
func values(v url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for _, list := range v {
			for _, s := range list {
				if !yield(s) {
					return
				}
			}
		}
	}
}

// explains says that the page tells what is wrong, in its language.
func (s *seen) explains(t *testing.T, at, lang string) {
	t.Helper()
	said := ""
	for n := range s.tree.Descendants() {
		if n.Type == html.ElementNode && n.Data == "html" && attr(n, "lang") != lang {
			t.Errorf("%s: the page is in %q", at, attr(n, "lang"))
		}
		if strings.Contains(" "+attr(n, "class")+" ", " problem ") {
			said += words(n)
		}
	}
	if !in(lang, said) {
		t.Errorf("%s: what is wrong is not told in the language: %q", at, said)
	}
}

// in says whether a sentence is in the language, as far as its script tells.
func in(lang, sentence string) bool {
	arabic := strings.ContainsFunc(sentence, func(r rune) bool { return unicode.Is(unicode.Arabic, r) })
	return len(sentence) > 10 && arabic == (lang == "ar")
}

// sentTwice sends one form three times, and then eight times at once: each is
// one contact, and every answer has its code.
func sentTwice(t *testing.T, r *running) []string {
	t.Helper()
	v := visit(t, r)
	one := form("key", ids.New(), "message", "ok-again")
	code := v.ask(http.MethodPost, "/en/contact", urlencoded, one).is(http.StatusOK).text("code")
	for range 2 {
		if again := v.ask(http.MethodPost, "/en/contact", urlencoded, one).is(http.StatusOK).text("code"); again != code {
			t.Errorf("the same form got another code")
		}
	}
	many := form("key", ids.New(), "message", "ok-at-once")
	codes := make([]string, 8)
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			s := (&visitor{t: t, home: r.Public}).ask(http.MethodPost, "/en/contact", urlencoded, many)
			if s.status == http.StatusOK {
				codes[i] = s.text("code")
			}
		})
	}
	all.Wait()
	slices.Sort(codes)
	if got := slices.Compact(codes); len(got) != 1 || got[0] == "" {
		t.Errorf("one form that was sent eight times at once got %d different answers", len(got))
	}
	// The same form with another text is another message: the person mended it.
	v.ask(http.MethodPost, "/en/contact", urlencoded, strings.Replace(one, "ok-again", "ok-mended", 1)).is(http.StatusOK)
	return []string{"ok-again", "ok-at-once", "ok-mended"}
}

// raw writes to the program what no client library would, and reads the answer.
func raw(t *testing.T, r *running, parts ...string) (status int, body string) {
	t.Helper()
	address := strings.TrimPrefix(r.Public, "http://")
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	for i, part := range parts {
		if i > 0 {
			time.Sleep(40 * time.Millisecond) // this is a slow sender
		}
		if _, err := io.WriteString(conn, strings.ReplaceAll(part, "HOST", address)); err != nil {
			break // the program has heard enough
		}
	}
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.CloseWrite()
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

const head = "POST /en/contact HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n"

// sentSlowly sends bodies in pieces, as a bad line does.
func sentSlowly(t *testing.T, r *running) []string {
	t.Helper()
	body := "message=ok-slow+" + strings.Repeat("la", 40)
	parts := []string{head + fmt.Sprintf("Content-Length: %d\r\n\r\n", len(body))}
	for i := 0; i < len(body); i += 16 {
		parts = append(parts, body[i:min(i+16, len(body))])
	}
	if status, _ := raw(t, r, parts...); status != http.StatusOK {
		t.Errorf("a slow sender is answered %d", status)
	}
	if status, _ := raw(t, r, head+"Transfer-Encoding: chunked\r\n\r\n", "8\r\nmessage=\r\n", "8\r\nok-chunk\r\n", "0\r\n\r\n"); status != http.StatusOK {
		t.Errorf("a body in chunks is answered %d", status)
	}
	return []string{"ok-slow " + strings.Repeat("la", 40), "ok-chunk"}
}

// brokenLines sends what is no request, or ends early. Nothing of it is
// stored, and the program answers the next one.
func brokenLines(t *testing.T, r *running) {
	t.Helper()
	for name, c := range map[string]struct {
		parts  []string
		status []int
	}{
		"chunks that are none":     {[]string{head + "Transfer-Encoding: chunked\r\n\r\nZZZ\r\nmessage=x\r\n"}, []int{400, 422}},
		"a body that ends early":   {[]string{head + "Content-Length: 500\r\n\r\nmessage=half+a+story"}, []int{400, 422}},
		"no end to the length":     {[]string{head + "Content-Length: 99999999999999999999\r\n\r\nx"}, []int{400}},
		"two lengths":              {[]string{head + "Content-Length: 9\r\nContent-Length: 12\r\n\r\nmessage=x"}, []int{400}},
		"a length below zero":      {[]string{head + "Content-Length: -1\r\n\r\n"}, []int{400}},
		"a header of 64 kilobytes": {[]string{head + "X-Big: " + strings.Repeat("x", 64<<10) + "\r\n\r\n"}, []int{431}},
		"ten thousand headers":     {[]string{head + strings.Repeat("A: b\r\n", 10_000) + "\r\n"}, []int{431}},
		"a header with NUL":        {[]string{head + "X: a\x00b\r\n\r\n"}, []int{400}},
		"no host":                  {[]string{"GET / HTTP/1.1\r\n\r\n"}, []int{400}},
		"no HTTP":                  {[]string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"}, []int{400, 0}},
		"an address with NUL":      {[]string{"GET /\x00 HTTP/1.1\r\nHost: HOST\r\n\r\n"}, []int{400}},
		"an address of 20 kB":      {[]string{"GET /" + strings.Repeat("a", 20<<10) + " HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"}, []int{431, 404}},
		"up and out":               {[]string{"GET /s/../../../etc/passwd HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n"}, []int{301, 307, 308, 404}},
	} {
		if status, body := raw(t, r, c.parts...); !slices.Contains(c.status, status) {
			t.Errorf("%s: %d, not %v: %.100s", name, status, c.status, body)
		}
	}
	for _, query := range []string{"?for=%00", "?for=%ff", "?" + strings.Repeat("a=b&", 2000), "?for[]=x", "?%zz", "?country=%F0%9F%98%80", "?k=x';--"} {
		for _, path := range []string{"/en/contact", "/ar/now", "/mailbox", "/en/services", "/exit", "/figures/%00.csv", "/figures/..%2f..%2fetc.csv", "/%ff"} {
			if status, err := get(t.Context(), r.Public+path+query); err != nil || status >= 500 {
				t.Errorf("%s%.40s: %d %v", path, query, status, err)
			}
		}
	}
}

// arrived says that the desk has these messages, each once and word for word,
// and no others.
func arrived(t *testing.T, r *running, want []string) {
	t.Helper()
	ada := signIn(t, r, "Ada")
	var got []string
	for range len(want) + 5 {
		at := ada.open("/staff/queue").send("/staff/contacts/next", nil).is(http.StatusOK)
		if !strings.HasPrefix(at.path, "/staff/contacts/") {
			break
		}
		message := ""
		for n := range at.tree.Descendants() {
			if strings.HasPrefix(attr(n, "class"), "in") && n.Data == "li" && message == "" {
				for below := range n.Descendants() {
					if attr(below, "class") == "story" {
						message = words(below)
					}
				}
			}
		}
		got = append(got, message)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%d arrived, %d were taken", len(got), len(want))
		for _, w := range want {
			if !slices.Contains(got, w) {
				t.Errorf("lost: %.80q", w)
			}
		}
		for _, g := range got {
			if !slices.Contains(want, g) {
				t.Errorf("not sent so: %.80q", g)
			}
		}
	}
}

// apiCases are what arrives at the interface for programs.
var apiCases = []struct {
	name   string
	kind   string
	body   string
	status int
	stored string
}{
	{"nothing", "", "", 400, ""},
	{"an empty object", "", "{}", 422, ""},
	{"no object", "", "[]", 422, ""},
	{"null", "", "null", 422, ""},
	{"no JSON", "", "text=SECRET", 400, ""},
	{"more after it", "", `{"text":"SECRET"}{"text":"SECRET"}`, 400, ""},
	{"cut", "", `{"text":"SECRET`, 400, ""},
	{"deep", "", strings.Repeat("[", 200_000), 400, ""},
	{"deep in a field that there is not", "", `{"text":"SECRET","x":` + strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000) + "}", 400, ""},
	{"ten megabytes", "", `{"text":"` + tenMB + `"}`, 413, ""},
	{"one character too many", "", `{"text":"` + overLong + `"}`, 413, ""},
	{"as long as may be", "", `{"text":"` + atLimit + `"}`, 201, atLimit},
	{"a number for a text", "", `{"text":5}`, 422, ""},
	{"a text for yes or no", "", `{"text":"SECRET","mailbox":"SECRET"}`, 422, ""},
	{"a number without end", "", `{"text":1e999}`, 422, ""},
	{"a code on no list", "", `{"text":"SECRET","request_type":"SECRET"}`, 422, ""},
	{"a country that there is not", "", `{"text":"SECRET","country":"Xx1"}`, 422, ""},
	{"a language that is none", "", `{"text":"SECRET","language":"SECRET!!"}`, 422, ""},
	{"a line too long", "", `{"text":"SECRET","place":"` + strings.Repeat("p", 501) + `"}`, 413, ""},
	{"a safe way that is a list", "", `{"text":"SECRET","safe_contact":["SECRET"]}`, 422, ""},
	{"a safe way on no list", "", `{"text":"SECRET","safe_contact":{"channel":"fax"}}`, 422, ""},
	{"a form at the API", urlencoded, "text=SECRET", 415, ""},
	{"no type", "-", `{"text":"SECRET"}`, 415, ""},
	{"no UTF-8", "", "{\"text\":\"caf\xe9 ok-1\"}", 201, "caf\uFFFD ok-1"},
	{"half a character", "", `{"text":"\ud83d ok-2"}`, 201, "\uFFFD ok-2"},
	{"NUL and control characters", "", `{"text":"a\u0000b\u0007c ok-3"}`, 201, "abc ok-3"},
	{"turned to the left", "", `{"text":"abc\u202edef ok-4"}`, 201, "abc\u202edef ok-4"},
	{"what databases and templates obey", "", `{"text":` + quoted(hostile+" ok-5") + `,"place":` + quoted(hostile) + `,"about":` + quoted(hostile) + `}`, 201, hostile + " ok-5"},
	{"fields twice", "", `{"text":"first","text":"ok-6"}`, 201, "ok-6"},
	{"fields that there are not", "", `{"text":"ok-7","agency":"other","id":"x","__proto__":{"a":1}}`, 201, "ok-7"},
	{"a safe way in one sentence", "", `{"text":"ok-8","safe_contact":"only in the morning"}`, 201, "ok-8"},
	{"a charset", "application/json; charset=UTF-8", `{"text":"ok-9"}`, 201, "ok-9"},
}

func quoted(s string) string {
	b, _ := json.Marshal(s) //nolint:errchkjson // a text
	return string(b)
}

// TestWhateverArrivesAtTheInterface is the same for programs: what is wrong
// is told in the language that they ask for, and never repeats what was sent.
func TestWhateverArrivesAtTheInterface(t *testing.T) {
	t.Parallel()
	r := startDemo(t, "--log", "debug")
	var want []string
	for i, c := range apiCases {
		for j, lang := range []string{"en", "ar"} {
			if c.stored != "" && i%2 != j {
				continue
			}
			kind, body := c.kind, c.body
			switch kind {
			case "":
				kind = "application/json"
			case "-":
				kind = ""
			}
			if c.stored != "" {
				body = strings.Replace(body, "{", `{"mailbox":false,`, 1)
				want = append(want, c.stored)
			}
			status, header, answer := program(t, r, lang, kind, body, "")
			at := c.name + " in " + lang
			if status != c.status {
				t.Errorf("%s: %d, not %d: %.200s", at, status, c.status, answer)
			}
			if c.status < 300 {
				continue
			}
			var p struct{ Title, Detail string }
			if err := json.Unmarshal(answer, &p); err != nil || header.Get("Content-Type") != "application/problem+json" || !in(lang, p.Detail) {
				t.Errorf("%s: what is wrong is not told in the language: %v %.200s", at, err, answer)
			}
			if bytes.Contains(answer, []byte("SECRET")) {
				t.Errorf("%s: the answer repeats what was sent: %s", at, answer)
			}
		}
	}

	key := ids.New()
	for range 3 {
		if status, _, answer := program(t, r, "en", "application/json", `{"text":"ok-again","mailbox":false}`, key); status != http.StatusCreated {
			t.Errorf("a repeated request: %d %s", status, answer)
		}
	}
	if status, _, _ := program(t, r, "en", "application/json", `{"text":"something else"}`, key); status != http.StatusConflict {
		t.Errorf("another request under the same key: %d", status)
	}
	if status, _, _ := program(t, r, "en", "application/json", `{"text":"x"}`, "short"); status != http.StatusUnprocessableEntity {
		t.Errorf("a key that can be guessed: %d", status)
	}
	key = ids.New()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if status, _, answer := program(t, r, "en", "application/json", `{"text":"ok-at-once","mailbox":false}`, key); status != http.StatusCreated {
				t.Errorf("one of many at once: %d %s", status, answer)
			}
		})
	}
	all.Wait()
	arrived(t, r, append(want, "ok-again", "ok-at-once"))

	r.kill()
	if log := r.err.String(); strings.Contains(log, "SECRET") || strings.Contains(log, "panic") || !strings.Contains(log, "POST /api/v1/contacts") {
		t.Error("the log holds what was sent, or a panic, or nothing")
	}
}

func program(t *testing.T, r *running, lang, kind, body, once string) (int, http.Header, []byte) {
	t.Helper()
	return programAt(t, r, "/contacts", lang, kind, body, once)
}

// programAt sends what a program would to one of the interface's addresses.
func programAt(t *testing.T, r *running, path, lang, kind, body, once string) (int, http.Header, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.API+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Language", lang)
	for name, value := range map[string]string{"Content-Type": kind, "Idempotency-Key": once} {
		if value != "" {
			req.Header.Set(name, value)
		}
	}
	resp, err := noRedirects.Do(req)
	if err != nil {
		t.Errorf("%.60s: %v", body, err)
		return 0, nil, nil
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp.StatusCode, resp.Header, b
}
