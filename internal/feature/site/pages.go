package site

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Routes are the public pages, each once without a language and once under
// every language.
func (f *Feature) Routes() []web.Route {
	table := []struct {
		method, path, name string
		do                 handler
	}{
		{"GET", "/", "home", f.still(nil)},
		{"GET", "/someone", "someone", f.still(nil)},
		{"GET", "/work", "work", f.still(nil)},
		{"GET", "/now", "now", f.still(f.countries)},
		{"GET", "/questions", "questions", f.still(questions)},
		{"GET", "/checklist", "checklist", f.still(checklist)},
		{"GET", "/safety", "safety", f.still(nil)},
		{"GET", "/contact", "contact", f.openContact},
		{"POST", "/contact", "contact", f.postContact},
		{"GET", "/mailbox", "mailbox", f.openMailbox},
		{"POST", "/mailbox", "mailbox", f.postMailbox},
		{"GET", "/services", "services", f.openServices},
		{"POST", "/services", "services", f.postServices},
		{"GET", "/list", "list", f.openList},
		{"GET", "/hotlines", "hotlines", f.openHotlines},
		{"GET", "/listing/{id}", "listing", f.openListing},
		{"POST", "/listing/{id}", "listing", f.postListing},
		{"GET", "/tell", "tell", f.openTell},
		{"POST", "/tell", "tell", f.postTell},
		{"GET", "/exit", "exit", f.exit},
	}
	prefixes := []string{""}
	for _, l := range i18n.Languages() {
		prefixes = append(prefixes, "/"+l.Code)
	}
	var routes []web.Route
	for _, prefix := range prefixes {
		for _, t := range table {
			handle := f.in(prefix, t.path, t.name, t.do)
			pattern := t.method + " " + prefix + t.path
			if t.path == "/" {
				if prefix != "" { // as people type it: /es
					routes = append(routes, web.Route{Pattern: t.method + " " + prefix, Access: web.Public, Handle: handle})
				}
				pattern += "{$}"
			}
			routes = append(routes, web.Route{Pattern: pattern, Access: web.Public, Handle: handle})
		}
	}
	return routes
}

// still is a page that takes no input. body may be nil.
func (f *Feature) still(body func(p *page) any) handler {
	return func(w http.ResponseWriter, r *http.Request, p *page) error {
		if body != nil {
			p.Body = body(p)
		}
		return f.show(w, r, http.StatusOK, p)
	}
}

func questions(p *page) any { return p.Facts.questions(p.W) }
