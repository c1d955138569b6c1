package site

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// page is what every template finds in .Data.
type page struct {
	W         *i18n.Printer
	Facts     Facts
	Name      string // of the template
	Country   string // chosen, or where the hotline is
	Emergency Emergency
	Sourced   bool // there is an emergency number for Country
	Key       string
	Body      any

	prefix, path, title string
	chosen              string // country of the address; empty when it names none
	zoned               func(time.Time) time.Time
	spoken              []string   // languages that are turned on
	listed              url.Values // what a list is of; see openList
}

// splitPath takes the language off a path: "/es/contact" is "/es" and
// "/contact". Where there is none the prefix is empty.
func splitPath(path string) (prefix, rest string) {
	first, after, found := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !i18n.Known(first) {
		return "", path
	}
	if !found {
		after = ""
	}
	return "/" + first, "/" + after
}

func (f *Feature) page(r *http.Request, prefix, path, name string) *page {
	lang := f.server.Lang(r)
	p := &page{
		W: f.words(lang), Facts: f.facts(r.Context(), lang),
		Name: name, title: name, prefix: prefix, path: path, zoned: f.zoned,
	}
	if c := strings.ToUpper(r.URL.Query().Get("c")); geo.IsCountry(c) {
		p.chosen = c
	}
	p.Country = p.chosen
	if p.Country == "" {
		p.Country = p.Facts.Country
	}
	if p.Country != "" && f.Emergency != nil {
		p.Emergency, p.Sourced = f.Emergency(p.Country)
	}
	return p
}

func (f *Feature) show(w http.ResponseWriter, r *http.Request, status int, p *page) error {
	return f.pages.Render(w, r, status, p.Name, p)
}

// Link is the address of another page of the site that keeps the language and
// the country.
func (p *page) Link(path string) string { return p.link(p.prefix, path) }

// Write is the address of the form, which knows what it is about where the
// page does.
func (p *page) Write() string {
	to := p.Link("/contact")
	about, ok := map[string]string{"someone": "other", "work": "professional"}[p.Name]
	if !ok {
		return to
	}
	separator := "?"
	if strings.Contains(to, "?") {
		separator = "&"
	}
	return to + separator + "for=" + about
}

// Brief says whether a line at the top says how to reach us: on every page
// that does not begin with that.
func (p *page) Brief() bool {
	switch p.Name {
	case "home", "error":
		return false
	case "contact":
		return p.Call() != "" || p.Text() != ""
	}
	return true
}

// Prints says whether the page is one that people put on paper.
func (p *page) Prints() bool { return p.Name == "services" || p.Name == "list" }

// In is the address of this page in another language.
func (p *page) In(lang string) string {
	if len(p.listed) > 0 {
		return "/" + lang + p.path + "?" + p.listed.Encode()
	}
	return p.link("/"+lang, p.path)
}

func (p *page) link(prefix, path string) string {
	if p.chosen == "" {
		return prefix + path
	}
	return prefix + path + "?" + url.Values{"c": {p.chosen}}.Encode()
}

// Exit is where "Leave this page" leads. On a page that answers a form it
// carries the form's key, so that sending the form again from the browser's
// history shows nothing.
func (p *page) Exit() string {
	if p.Key == "" {
		return p.prefix + "/exit"
	}
	return p.prefix + "/exit?k=" + p.Key
}

// Title is the neutral name of the page for the browser's tab and history.
func (p *page) Title() string {
	title := p.W.T("site.title." + p.title)
	if p.Facts.Title != "" {
		title += " – " + p.Facts.Title
	}
	return title
}

// CountryName is the country whose number the danger line shows.
func (p *page) CountryName() string { return p.W.Country(p.Country) }

// ChosenName is the country that the address names; empty when it names none.
func (p *page) ChosenName() string {
	if p.chosen == "" {
		return ""
	}
	return p.W.Country(p.chosen)
}

// Languages are those the hotline answers in, each in its own script.
func (p *page) Languages() string { return p.Facts.names(p.W) }

// handler does a page's work once its language and path are known.
type handler func(w http.ResponseWriter, r *http.Request, p *page) error

// in makes a route's handler for one language prefix ("" or "/es").
func (f *Feature) in(prefix, path, name string, do handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		r, prefix, spoken := f.language(r, prefix)
		w.Header().Set("Vary", "Accept-Language")
		p := f.page(r, prefix, path, name)
		p.spoken = spoken
		return do(w, r, p)
	}
}

// nav is the same on every page and in the same order.
var nav = []struct{ path, word string }{
	{"/", "site.nav.home"},
	{"/contact", "site.nav.contact"},
	{"/mailbox", "site.nav.mailbox"},
	{"/services", "site.nav.services"},
	{"/hotlines", "site.nav.hotlines"},
	{"/someone", "site.nav.someone"},
	{"/checklist", "site.nav.checklist"},
	{"/work", "site.nav.work"},
	{"/questions", "site.nav.questions"},
	{"/safety", "site.nav.safety"},
}

// doors are what the start page offers in its midst.
var doors = []string{"/someone", "/services", "/checklist", "/work", "/questions"}

// Doors are the links in the midst of the start page.
func (p *page) Doors() []string { return doors }

// Nav is the list of paths at the foot of the page: all but the page itself
// and what it already offers.
func (p *page) Nav() []string {
	var out []string
	for _, n := range nav {
		if p.Name != "error" && (n.path == p.path || p.path == "/" && slices.Contains(doors, n.path)) {
			continue
		}
		out = append(out, n.path)
	}
	return out
}

// NavWord is what the foot of the page calls a path.
func (p *page) NavWord(path string) string {
	for _, n := range nav {
		if n.path == path {
			return p.W.T(n.word)
		}
	}
	return path
}

// Form is where a form of this page is sent: to the page itself, with the
// country but nothing else.
func (p *page) Form() string { return p.Link(p.path) }

// Bare is Form without the country, for a form that asks for it.
func (p *page) Bare() string { return p.prefix + p.path }

// Word is the text of one of a family of keys: the choices of a question.
func (p *page) Word(family, name string) string { return p.W.T(family + name) }

// Question and Sign are two such families.
func (p *page) Question(name string) string { return p.W.T("site.questions." + name) }
func (p *page) Sign(name string) string     { return p.W.T("site.signs." + name) }
