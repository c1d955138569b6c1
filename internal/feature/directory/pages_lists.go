package directory

import (
	"html"
	"html/template"
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/qr"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func (f *Feature) listRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/lists", Access: staff.EditDirectory, Handle: f.showLists},
		{Pattern: "POST /staff/directory/lists", Access: staff.EditDirectory, Handle: f.postLists},
	}
}

// listsPage makes the link to a list for somebody else's pages, or for paper.
type listsPage struct {
	Form                             url.Values
	Error, Field                     string
	Needs, Countries, Langs, Written []desk.Option
	Link                             string // made
	Snippet                          string // of HTML, to put into a page
	QR                               template.HTML
	Of                               string // what the list is of, in the list's language
	Lang, Dir                        string // that language
	Total                            int    // services on it now
}

func (f *Feature) showLists(w http.ResponseWriter, r *http.Request) error {
	return f.lists(w, r, http.StatusOK, listsPage{Form: url.Values{"written": {f.web.Lang(r)}}})
}

func (f *Feature) lists(w http.ResponseWriter, r *http.Request, status int, page listsPage) error {
	p := f.words(r)
	page.Needs = options(needCodes, page.Form["need"], func(c string) string { return p.T("directory.need." + c) })
	page.Langs = options(formLanguages, page.Form["in"], p.LanguageName)
	for _, c := range geo.Countries(p.Lang()) {
		page.Countries = append(page.Countries, desk.Option{Value: c.Code, Label: c.Name, On: page.Form.Get("c") == c.Code})
	}
	for _, l := range i18n.Languages() {
		page.Written = append(page.Written, desk.Option{Value: l.Code, Label: l.Name, On: page.Form.Get("written") == l.Code})
	}
	return f.pages.Render(w, r, status, "lists", page)
}

// postLists makes a link: need, place, c, in (a language of the services),
// written (the language of the list). It is kept nowhere: the link itself says
// what the list is of, and the list is of today whenever somebody opens it.
func (f *Feature) postLists(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	page := listsPage{Form: form}
	q := Query{
		Agency: staff.From(r.Context()).Person.Agency, Place: form.Get("place"), Country: form.Get("c"), From: form.Get("c"),
		Language: form.Get("in"), Public: true, Unsure: true, Limit: 1,
	}
	if need := form.Get("need"); need != "" {
		q.Needs = []string{need}
	}
	res, err := f.Search(r.Context(), q)
	if err == nil && res.PlaceUnknown {
		err = errs.In("place", "directory.lists.place")
	}
	if e := errs.Of(err); err != nil && e.Kind == errs.Invalid {
		page.Error, page.Field = f.words(r).T(e.Word), e.Field
		return f.lists(w, r, e.Kind.Status(), page)
	}
	if err != nil {
		return err
	}
	page.Total = res.Total
	return f.lists(w, r, http.StatusOK, page.made(web.Origin(r), f.written(form.Get("written")), res.Place, f.words(r).T("directory.lists.qr")))
}

// written are the words of a list in a language; English where there are none.
func (f *Feature) written(lang string) *i18n.Printer {
	if !i18n.Known(lang) {
		lang = i18n.English
	}
	return f.web.Words.For(lang)
}

// made fills in the link, and the ways to put it somewhere.
func (page listsPage) made(origin string, p *i18n.Printer, place, label string) listsPage {
	q, parts := url.Values{}, []string{}
	for _, part := range []struct {
		name string
		say  func(v string) string
	}{
		{"need", func(v string) string { return p.T("directory.need." + v) }},
		{"place", func(string) string { return place }},
		{"c", func(v string) string {
			if place != "" {
				return "" // it says its country
			}
			return p.Country(v)
		}},
		{"in", p.LanguageName},
	} {
		v := page.Form.Get(part.name)
		if v == "" {
			continue
		}
		q.Set(part.name, v)
		if said := part.say(v); said != "" {
			parts = append(parts, said)
		}
	}
	page.Link = origin + "/" + p.Lang() + "/list"
	if len(q) > 0 {
		page.Link += "?" + q.Encode()
	}
	if page.Of = p.List(parts); page.Of == "" {
		page.Of = p.T("directory.lists.all")
	}
	page.Lang, page.Dir = p.Lang(), p.Dir()
	page.Snippet = `<a href="` + html.EscapeString(page.Link) + `" lang="` + page.Lang + `" rel="noreferrer">` + html.EscapeString(page.Of) + `</a>`
	page.QR, _ = qr.SVG(page.Link, label) // a link too long for it has none
	return page
}
