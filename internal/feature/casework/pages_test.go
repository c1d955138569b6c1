package casework

import (
	"context"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// call is one request with what must and must not come back.
type call struct {
	name, token  string
	method, path string
	form         url.Values
	status       int
	has, hasNot  []string
	to           string // where it is sent on; * stands for an id
}

type site struct {
	*house
	handler http.Handler
}

func newSite(h *house) *site {
	handler, err := h.Web.Handler(h.Routes())
	h.ok(err)
	return &site{h, handler}
}

func (s *site) do(c call) (int, string, http.Header) {
	s.t.Helper()
	r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: staff.CookieName, Value: c.token})
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header()
}

func (s *site) table(calls []call) {
	s.t.Helper()
	for _, c := range calls {
		status, body, header := s.do(c)
		if status != c.status {
			s.t.Errorf("%s: status %d, want %d\n%s", c.name, status, c.status, body)
		}
		text := html.UnescapeString(body)
		_, body, _ = strings.Cut(body, "<main") // what a failure shows
		for _, want := range c.has {
			if !strings.Contains(text, want) {
				s.t.Errorf("%s: has no %q\n%s", c.name, want, body)
			}
		}
		for _, not := range c.hasNot {
			if strings.Contains(text, not) {
				s.t.Errorf("%s: has %q", c.name, not)
			}
		}
		if to := header.Get("Location"); c.to != "" && !strings.HasPrefix(to, strings.TrimSuffix(c.to, "*")) {
			s.t.Errorf("%s: sent on to %q, want %q", c.name, to, c.to)
		}
	}
}

// filled is the form of a release as a browser sends it.
func filled(change ...string) url.Values {
	v := url.Values{
		"form": {ids.New()}, "service": {"svc-1"}, "share": {"name", "language"}, "value.name": {"Maria <b>"}, "value.language": {"es"},
		"value.summary": {"not to be shared"}, "need": {"legal"}, "days": {"30"}, "how": {"spoken"}, "by": {"person"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Set(change[i], change[i+1])
	}
	return v
}

func TestThePages(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := newSite(h)
		ref := h.refer()
		refer, page := "/staff/contacts/"+h.mine+"/refer", "/staff/referrals/"+ref
		s.table([]call{
			{
				name: "the form shows every line word for word", token: h.adaToken, method: "GET", path: refer + "?service=svc-1", status: 200,
				has: []string{"Harbour Legal Clinic", "papers kept by the employer", "Springfield, United States"},
			},
			{name: "the form without a service", token: h.adaToken, method: "GET", path: refer, status: 200, has: []string{"Choose a service first"}, hasNot: []string{"Springfield"}},
			{name: "the form for another's contact", token: h.benToken, method: "GET", path: refer + "?service=svc-1", status: 404, hasNot: []string{"Springfield", "Harbour"}},
			{name: "the form for a service that is not", token: h.adaToken, method: "GET", path: refer + "?service=none", status: 404},
			{name: "nobody signed in", method: "GET", path: page, status: 303, to: "/staff/signin"},
			{name: "a release", token: h.adaToken, method: "POST", path: refer, form: filled(), status: 303, to: "/staff/referrals/*"},
			{
				name: "a release without consent keeps what was typed", token: h.adaToken, method: "POST", path: refer, form: filled("how", ""), status: 422,
				has: []string{"Choose how they agreed.", `value="Maria <b>"`, "not to be shared", `name="share" value="name" checked`, `value="legal" selected`},
			},
			{
				name: "a release that says nothing is told all of it at once", token: h.adaToken, method: "POST", path: refer, form: url.Values{"service": {"svc-1"}, "share": {"name"}}, status: 422,
				has: []string{`<a href="#value-name">This line is ticked and empty`, `<a href="#need">Choose what`, `<a href="#days">Choose until`, `<a href="#by">Choose who`, `<a href="#how">Choose how`},
			},
			{name: "a release that shares nothing", token: h.adaToken, method: "POST", path: refer, form: url.Values{"service": {"svc-1"}}, status: 422, has: []string{"Tick at least one line"}},
			{name: "an empty line", token: h.adaToken, method: "POST", path: refer, form: filled("value.name", " "), status: 422, has: []string{"ticked and empty"}},
			{name: "too long a line", token: h.adaToken, method: "POST", path: refer, form: filled("value.name", strings.Repeat("x", 501)), status: 413, has: []string{"too long"}},
			{name: "broken text", token: h.adaToken, method: "POST", path: refer, form: filled("value.name", "a\x00\xff\u202eb"), status: 303, to: "/staff/referrals/*"},
			{name: "a form number that is none", token: h.adaToken, method: "POST", path: refer, form: filled("form", "1' OR 1=1"), status: 422, hasNot: []string{"OR 1=1"}},
			{name: "a release for another's contact", token: h.benToken, method: "POST", path: refer, form: filled(), status: 404},
			{name: "the number given", token: h.adaToken, method: "POST", path: "/staff/contacts/" + h.mine + "/give", form: url.Values{"form": {ids.New()}, "service": {"svc-1"}}, status: 303, to: "/staff/referrals/*"},
			{name: "the number given, of another's contact", token: h.benToken, method: "POST", path: "/staff/contacts/" + h.mine + "/give", form: url.Values{"form": {ids.New()}, "service": {"svc-1"}}, status: 404},
			{
				name: "a referral", token: h.adaToken, method: "GET", path: page, status: 200,
				has: []string{"Harbour Legal Clinic", "Maria", "Consent recorded", "23 December 2026", "by voice", "I told the service", "Undo the last step", "<title>Referral · Desk</title>"},
			},
			{name: "another's referral", token: h.benToken, method: "GET", path: page, status: 404, hasNot: []string{"Maria", "Harbour"}},
			{name: "a supervisor's view", token: h.sueToken, method: "GET", path: page, status: 200, has: []string{"Maria"}},
			{name: "a case manager without the key", token: h.casToken, method: "GET", path: page, status: 404},
			{name: "no such referral", token: h.adaToken, method: "GET", path: "/staff/referrals/" + ids.New(), status: 404},
			{name: "the list", token: h.adaToken, method: "GET", path: "/staff/referrals", status: 200, has: []string{"Harbour Legal Clinic", "Agreed, not told yet", page}, hasNot: []string{"Maria"}},
			{name: "an empty list", token: h.benToken, method: "GET", path: "/staff/referrals", status: 200, has: []string{"You have no open referrals"}},
			{name: "a filter that finds none", token: h.adaToken, method: "GET", path: "/staff/referrals?state=declined", status: 200, has: []string{"There are none like this"}},
			{name: "a filter that is none", token: h.adaToken, method: "GET", path: "/staff/referrals?state=nonsense", status: 422},
			{name: "a supervisor's list", token: h.sueToken, method: "GET", path: "/staff/referrals?state=offered", status: 200, has: []string{"All referrals", "Harbour Legal Clinic", "Ada"}},
			{name: "a step that cannot come", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"accepted"}}, status: 409, has: []string{"This step cannot come now"}},
			{name: "a step that is none", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"<script>"}}, status: 409, hasNot: []string{"<script>alert"}},
			{name: "an old page", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"sent"}, "seen": {"7"}}, status: 409, has: []string{"Somebody else was faster"}},
			{name: "another's step", token: h.benToken, method: "POST", path: page, form: url.Values{"step": {"sent"}}, status: 404},
			{name: "told", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"sent"}, "seen": {"1"}, "note": {"spoke to the desk"}}, status: 303, to: page},
			{name: "declined without a reason", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"declined"}}, status: 422, has: []string{"Choose why the service said no"}},
			{name: "declined", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"declined"}, "code": {"no_capacity"}}, status: 303, to: page},
			{name: "its course", token: h.adaToken, method: "GET", path: page, status: 200, has: []string{"The service declined</strong>: No room", "spoke to the desk"}},
			{name: "undone", token: h.adaToken, method: "POST", path: page, form: url.Values{"step": {"undone"}}, status: 303, to: page},
		})
	})
}

func TestThePreviewIsWordForWord(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		newSite(h).table([]call{{
			name: "form", token: h.adaToken, method: "GET", path: "/staff/contacts/" + h.mine + "/refer?service=svc-1", status: 200,
			has: []string{
				`name="share" value="language" checked`, `name="share" value="needs" checked`, `name="share" value="name" aria-describedby`,
				"Spanish", "Legal help, Shelter", "Springfield, United States", "papers kept by the employer",
				"By text message\nOnly from 18:00 to 20:00\nNot known whether speaking is safe: ask first\nLeave NO voicemail\nText messages: not known, send none\nIf somebody else answers, say: the dentist\n+1 217 555 0142",
				"Puedo ponerle en contacto con Harbour Legal Clinic (Harbour Aid).", `<div lang="es" dir="ltr">`,
				"30 days: until 23 December 2026", `value="legal" selected`, `name="by" value="person" checked`,
			},
			hasNot: []string{`value="summary" checked`, `value="reach" checked`, `value="name" checked`, `value="spoken" checked`},
		}})
	})
}

// mainOf is the part of a sheet that is printed.
func mainOf(page string) string {
	_, rest, _ := strings.Cut(page, "<article>")
	out, _, _ := strings.Cut(rest, "</article>")
	return html.UnescapeString(out)
}

func TestTheSheetHasWhatWasAgreedAndNothingElse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		s := newSite(h)
		id := h.refer()
		get := func(path string) call {
			return call{token: h.adaToken, method: "GET", path: "/staff/referrals/" + id + path}
		}
		status, page, header := s.do(get("/print"))
		if status != 200 || !strings.Contains(page, "<title>Information sheet</title>") {
			t.Fatalf("%d: %s", status, page)
		}
		if header.Get("Cache-Control") != "no-store" || header.Get("Content-Disposition") != "" {
			t.Errorf("headers: %v", header)
		}
		sheet := mainOf(page)
		for _, want := range []string{
			"Maria", "Spanish", "Legal help, Shelter", "papers kept by the employer", "Harbour Legal Clinic", "+1 312 555 0100", "23 December 2026",
			"Example Line", "+1 202-555-0143", "23 November 2026",
		} {
			if !strings.Contains(sheet, want) {
				t.Errorf("the sheet has no %q", want)
			}
		}
		for _, not := range []string{"Springfield", "555 0142", "dentist", "Ada", id, h.mine, "Adult", "interpreter", "helpline", "hotline", "traffick"} {
			if strings.Contains(strings.ToLower(sheet), strings.ToLower(not)) {
				t.Errorf("the sheet has %q", not)
			}
		}
		_, unnamed, _ := s.do(get("/print?unnamed"))
		if sheet := mainOf(unnamed); strings.Contains(sheet, "Example Line") || strings.Contains(sheet, "202-555") || !strings.Contains(sheet, "Maria") {
			t.Errorf("the sheet without our name: %s", sheet)
		}
		s.table([]call{{
			name: "read out", token: h.adaToken, method: "GET", path: "/staff/referrals/" + id + "/read", status: 200,
			has: []string{
				"I am calling from a helpline.", "Somebody needs this from you: Legal help.", "Language: <span>Spanish</span>", "They agreed until 23 December 2026.",
				`<div lang="es" dir="ltr">`, "Solo les decimos esto:", "Idioma: <span>español</span>", "hasta el 23 de diciembre de 2026", "+1 312 555 0100",
				"Le pongo en contacto con Harbour Legal Clinic", "Dirección: <span>12 Pier Street, Chicago", "Horario: <span>lunes 09:00–17:00", "Idiomas: <span>español", "Free of charge",
			},
			hasNot: []string{"Springfield", "555 0142"},
		}})
		h.follow(id, Withdrawn, "")
		for _, path := range []string{"/print", "/read", ""} {
			c := get(path)
			c.name, c.status = "withdrawn "+path, map[bool]int{true: 200, false: 409}[path == ""]
			c.has, c.hasNot = []string{"took their consent back", "Kinds of things in this consent", "Name or code to use"}, []string{"Maria", "papers kept", "Spanish", ">Print<"}
			s.table([]call{c})
		}
	})
}

func TestARanOutReleaseIsNotPrinted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.later(31 * 24 * time.Hour)
		h.ok(h.DB.Update(t.Context(), func(ctx context.Context, tx *db.Tx) (err error) { // the night has ended her session
			h.adaToken, err = staff.SignIn(ctx, tx, h.ada.Person, h.ada.Pair)
			return err
		}))
		newSite(h).table([]call{
			{name: "print", token: h.adaToken, method: "GET", path: "/staff/referrals/" + id + "/print", status: 409, has: []string{"The consent has run out", "refer?service=svc-1"}, hasNot: []string{"Maria"}},
			{name: "read", token: h.adaToken, method: "GET", path: "/staff/referrals/" + id + "/read", status: 409, hasNot: []string{"Maria"}},
			{name: "page", token: h.adaToken, method: "GET", path: "/staff/referrals/" + id, status: 200, has: []string{"The consent has run out"}, hasNot: []string{"Maria", "I told the service"}},
		})
	})
}

// noDate is the year of a time that was never set, and not the digits of another.
var noDate = regexp.MustCompile(`(^|[^0-9])0001([^0-9]|$)|January 1<`)

// Every page in every language and state, so that no text is missing in one.
func TestEveryPageInEveryLanguage(t *testing.T) {
	h := build(t, dbtest.SQLite(t))
	courses := map[Step][]Deed{
		Offered: {}, Sent: {{Step: Sent}}, Accepted: {{Step: Sent}, {Step: Accepted}}, Declined: {{Step: Sent}, {Step: Declined, Code: "no_capacity"}},
		Ended: {{Step: Sent}, {Step: Ended, Code: "not_reached"}}, Withdrawn: {{Step: Withdrawn}}, Undone: {{Step: Undone}},
	}
	var made []string
	for _, deeds := range courses {
		id := h.refer()
		for _, d := range deeds {
			h.ok(h.Follow(t.Context(), h.ada, id, d))
		}
		made = append(made, id)
	}
	given, err := h.Give(t.Context(), h.ada, h.mine, ids.New(), "svc-1")
	h.ok(err)
	mistaken, err := h.Give(t.Context(), h.ada, h.mine, ids.New(), "svc-1")
	h.ok(err)
	h.follow(mistaken, Undone, "")
	made = append(made, given, mistaken)
	s := newSite(h)
	for _, lang := range i18n.Languages() {
		h.meddle(`UPDATE staff SET language = $1`, lang.Code)
		paths := []string{"/staff/contacts/" + h.mine + "/refer?service=svc-1", "/staff/contacts/" + h.mine + "/refer"}
		for _, f := range Filters {
			paths = append(paths, "/staff/referrals?state="+string(f))
		}
		for _, id := range made {
			paths = append(paths, "/staff/referrals/"+id, "/staff/referrals/"+id+"/print", "/staff/referrals/"+id+"/read")
		}
		for _, path := range paths {
			status, body, _ := s.do(call{token: h.sueToken, method: "GET", path: path})
			if noDate.MatchString(body) {
				t.Fatalf("%s %s shows a date that is none:\n%s", lang.Code, path, body)
			}
			if status != 200 && status != 409 || !strings.Contains(body, `<html lang="`+lang.Code+`" dir="`+lang.Dir+`"`) {
				t.Fatalf("%s %s: %d\n%s", lang.Code, path, status, body)
			}
		}
	}
}
