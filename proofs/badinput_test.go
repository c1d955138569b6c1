package proofs

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

var claimBad = claim{
	"bad input", "a table of bad values, each in every field of every form and every field of the interface for programs, in every language",
	"5,000 named cases × languages: 0 crashes, 0 status 500",
}

// bad are the values, by name.
var bad = map[string]string{
	"nothing": "", "a space": " ", "NUL": "a\x00b", "control characters": "\x01\x07\x1b[31m\x7f\u0085", "no UTF-8": "caf\xe9\xff\xfe", "half a surrogate": "\xed\xa0\x80",
	"too long by far": strings.Repeat("x", 70_000), "many marks": strings.Repeat("a\u0301\u0316", 3000), "emoji": "👩🏽\u200d👧🏽🏳️\u200d🌈", "to the left": "\u202Eabc\u202C\u2066x",
	"a mark of order": "\ufeffx", "lines of three systems": "a\r\nb\rc\nd\u2028e", "only lines": strings.Repeat("\n", 5000), "SQL": "'; DROP TABLE contacts; --", "SQL that is true": "x' OR '1'='1",
	"markup": "<script>alert(1)</script><img src=x onerror=alert(1)>", "an end of an attribute": `"><svg onload=alert(1)>`, "a template": "{{.}}{{template \"x\"}}${7*7}#{7*7}", "a format": "%s%n%x%!d(string=x)",
	"a way up": "../../../../etc/passwd", "a way up, coded": "..%2f..%2f%00", "an address": "javascript:alert(1)", "a foreign site": "//evil.example/x", "a header": "x\r\nSet-Cookie: desk=1\r\n\r\n",
	"zero": "0", "below zero": "-1", "a huge number": "99999999999999999999999999", "the smallest": "-9223372036854775808", "a fraction": "1e309", "not a number": "NaN", "Arabic digits": "٠١٢٣", "hex": "0x1F",
	"a day that is none": "2026-02-30", "no month": "2026-13-01", "a year that is none": "99999-01-01", "an hour that is none": "25:99", "a zone": "Mars/Phobos",
	"no language": "xx-invalid-!!", "a long language": "en-" + strings.Repeat("v1234-", 2000), "no country": "ZZ", "a code on no list": "no_such_code", "true": "true", "on": "on", "null": "null",
	"a number of nobody": "+1 212 555 0100 x9999", "letters as number": "+++", "no e-mail": "a@@b..c", "a long e-mail": strings.Repeat("a", 300) + "@example.org",
	"an id of nobody": "aaaaaaaaaaaaaaaaaaaaaaaaaa", "a short id": "a", "a long code": strings.Repeat("1", 5000), "a code of nobody": "1234 5678 9012 3456 7890", "JSON": `{"a":[1,{"b":null}]}`, "deep JSON": strings.Repeat("[", 10_000),
	"CSV": "=cmd|' /C calc'!A0,\"\n", "a regular expression": "(a+)+$", "many spaces": strings.Repeat(" ", 20_000) + "x", "zero width": "\u200b\u200c\u200d", "fullwidth": "ＡＤＭＩＮ１２３", "Turkish": "İıŞş", "sharp": "ßẞ",
}

var idForm = regexp.MustCompile(`\b[a-z2-7]{26}\b`)

// badLanguages are those in which the public pages are tried.
var badLanguages = []string{"en", "es", "ar", "pl", "ru", "zh"}

// TestProofOfBadInput finds every form that there is, by following all links
// as each role, and sends each of its fields each bad value. Nothing is
// answered with a failure of ours, and the program lives.
func TestProofOfBadInput(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimBad.prove(t, e.name, func(t *testing.T) string {
			r, err := start(t, "clew-failpoint", e.env, append(e.args, "--log", "debug")...)
			if err != nil {
				t.Fatal(err)
			}
			h := &tried{T: t, r: r, one: size(200, 2), names: map[string]bool{}, forms: map[string]bool{}}
			tellAll(t, r, &canaries{})
			for _, lang := range badLanguages {
				h.walk(visit(t, r), "/"+lang+"/", lang)
				h.programs(lang)
			}
			for _, who := range []string{"Ada", "Sol", "Cam", "Kit", "Tam", "Ana", "Odd", "Max"} {
				h.who = who
				h.walk(signIn(t, r, who), "/staff/", "desk of "+who)
			}
			if status, err := get(t.Context(), r.Public+"/en/"); err != nil || status != http.StatusOK {
				t.Errorf("it does not live: %d %v", status, err)
			}
			r.kill()
			if strings.Contains(r.err.String(), "panic") {
				t.Error("there is a panic in the log")
			}
			if full && len(h.names) < 5000 {
				t.Errorf("only %d cases", len(h.names))
			}
			return fmt.Sprintf("%d named cases, %d requests to %d forms and 4 addresses for programs, in %d languages: 0 crashes, %d of status 500 and above", len(h.names), h.sent, len(h.forms), len(badLanguages), h.failures)
		})
	})
}

// tried is what was sent.
type tried struct {
	*testing.T
	r    *running
	who  string
	one  int // of so many cases one is sent
	next int

	sent, failures int
	names          map[string]bool
	forms          map[string]bool
}

// walk follows all links from a page on and tries each form once.
func (h *tried) walk(v *visitor, from, where string) {
	h.Helper()
	todo, seen := []string{from}, map[string]bool{}
	shape := func(path string) string { // one page of a kind is enough
		return idForm.ReplaceAllString(path, "{id}")
	}
	type found struct {
		page, action string
		values       url.Values
	}
	var list []found
	known := map[string]bool{}
	for len(todo) > 0 && len(seen) < 150 {
		path := todo[0]
		todo = todo[1:]
		if seen[shape(path)] {
			continue
		}
		seen[shape(path)] = true
		page := v.ask(http.MethodGet, path, "", "")
		if strings.HasPrefix(page.header.Get("Location"), "/") { // and not off the site, as leaving does
			page = v.follow(page)
		}
		if page.status >= 500 {
			h.Errorf("%s: %s is answered %d", where, path, page.status)
		}
		for n := range page.tree.Descendants() {
			to, _, _ := strings.Cut(attr(n, "href"), "#")
			if n.Data == "a" && inside(to, from) {
				todo = append(todo, to)
			}
			if n.Data != "form" || n.Type != html.ElementNode || !strings.EqualFold(attr(n, "method"), http.MethodPost) {
				continue
			}
			values := fieldsAll(n)
			action := attr(n, "action")
			key := shape(action) + fmt.Sprint(slices.Sorted(maps.Keys(values)))
			if !known[key] && !slices.Contains(endings, action) {
				known[key] = true
				list = append(list, found{path, action, values})
				h.forms[strings.ReplaceAll(key, where, "")] = true
			}
		}
	}
	for _, f := range list {
		for field := range f.values {
			for name, value := range bad {
				if h.next++; h.next%h.one != 0 {
					continue
				}
				h.names[fmt.Sprintf("%s %s: %s", shape(strings.TrimPrefix(f.action, "/"+where)), field, name)] = true
				values := maps.Clone(f.values)
				values.Set(field, value)
				s := v.ask(http.MethodPost, f.action, urlencoded, values.Encode())
				h.answered(s.status, fmt.Sprintf("%s: %s, field %s: %s", where, f.action, field, name), s.body)
				if s.status == http.StatusSeeOther && strings.HasPrefix(s.header.Get("Location"), "/staff/signin") {
					v.cookie = signIn(h, h.r, h.who).cookie
				}
			}
		}
	}
}

// endings are forms that only end things.
var endings = []string{"/staff/signout", "/staff/lock"}

// inside says that a link stays in the part of the site that is walked.
func inside(to, from string) bool {
	return strings.HasPrefix(to, from) && !strings.HasPrefix(to, "/staff/signout") && !strings.Contains(to, "/export")
}

// fieldsAll are the names of all fields, with a value each as a browser would send.
func fieldsAll(form *html.Node) url.Values {
	v := fields(form)
	for n := range form.Descendants() {
		if name := attr(n, "name"); name != "" && !v.Has(name) {
			v.Set(name, attr(n, "value"))
		}
	}
	return v
}

// programs tries the interface for programs: each field with each value, and
// with values of other kinds.
func (h *tried) programs(lang string) {
	h.Helper()
	others := map[string]any{"a number": 5, "a list": []any{1, "x"}, "an object": map[string]any{"a": 1}, "yes": true, "null": nil, "a long list": make([]int, 10_000)}
	for name, value := range bad {
		others[name] = value
	}
	safe := map[string]any{"channel": "phone", "address": "+12125550100", "from": "10:00", "to": "11:00", "voicemail": "no", "who_answers": "x", "cover_story": "x", "safe_word": "x", "note": "x"}
	for path, fields := range map[string]map[string]any{
		"/contacts":         {"text": "help", "request_type": "tip", "language": "en", "about": "x", "place": "x", "country": "US", "safe_contact": safe, "mailbox": false},
		"/mailbox":          {"code": "1234 5678 9012 3456 7890"},
		"/mailbox/messages": {"code": "1234 5678 9012 3456 7890", "text": "x", "language": "en"},
		"/mailbox/hide":     {"code": "1234 5678 9012 3456 7890"},
	} {
		try := func(field string, body map[string]any, name string) {
			if h.next++; h.next%h.one != 0 {
				return
			}
			h.names[fmt.Sprintf("%s %s: %s", path, field, name)] = true
			text, err := json.Marshal(body)
			if err != nil {
				h.Fatal(err)
			}
			status, _, answer := programAt(h.T, h.r, path, lang, "application/json", string(text), "")
			h.answered(status, fmt.Sprintf("%s %s in %s: %s", path, field, lang, name), string(answer))
		}
		for name, value := range others {
			for field := range fields {
				body := maps.Clone(fields)
				body[field] = value
				try(field, body, name)
			}
			if path == "/contacts" {
				for field := range safe {
					inner, body := maps.Clone(safe), maps.Clone(fields)
					inner[field], body["safe_contact"] = value, inner
					try("safe_contact."+field, body, name)
				}
			}
		}
	}
}

func (h *tried) answered(status int, what, body string) {
	h.Helper()
	h.sent++
	if status >= 500 || status == 0 {
		h.failures++
		h.Errorf("%s: %d %.200s", what, status, body)
	}
}
