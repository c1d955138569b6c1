package site

import (
	"net/http"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Search is the answers to the three questions, each of which may be empty.
type Search struct {
	Lang    string
	Country string
	Place   string
	Need    string
	Group   string
	Speaks  string // BCP 47: spoken there, or by an interpreter
	Most    int    // that are wanted
}

// Found is what a search gives. Texts are in the reader's language where the
// directory has them so.
type Found struct {
	PlaceUnknown bool
	Place        string // the place that was understood, with its region and country
	More         bool   // there are more than shown
	Services     []Service
}

// Service is one that a person has verified. An address that is confidential
// is never in it.
type Service struct {
	ID                 string
	Name, Organization string
	About              string
	Phones             []string
	Site               string // https address
	Address            string
	Kilometres         int   // 0: not known or here
	Spot               *Spot // where to draw it, seen from the place that was asked for
	Hours              string
	Opening            Opening
	Languages          []string // BCP 47
	Cost, Papers, For  string   // in words; empty is not known
	Immigration        string   // whether the status of immigrants matters, likewise
	Why                []string // why it fits, in words
	Checked            time.Time
}

// shownServices is how many services one page of the search shows.
const shownServices = 20

type servicesPage struct {
	Search
	Needs, Groups []Choice
	Asked         bool
	Closed        bool // this hotline has no directory to search
	Found         Found

	page *page
}

// Names writes languages in their own script.
func (p *page) Names(codes []string) string { return Facts{Languages: codes}.names(p.W) }

// OrAsk is what is known, or that it has to be asked for.
func (p *page) OrAsk(known string) string {
	if known == "" {
		return p.W.T("site.services.ask")
	}
	return known
}

func (f *Feature) services(r *http.Request, p *page) (*servicesPage, error) {
	s := &servicesPage{page: p, Closed: f.FindServices == nil}
	s.Lang, s.Country = p.W.Lang(), p.chosen
	p.Body = s
	if f.Choices == nil {
		return s, nil
	}
	var err error
	s.Needs, s.Groups, err = f.Choices(r.Context(), s.Lang)
	return s, err
}

// openServices asks the three questions:
//
//	GET /services
func (f *Feature) openServices(w http.ResponseWriter, r *http.Request, p *page) error {
	if _, err := f.services(r, p); err != nil {
		return err
	}
	return f.show(w, r, formStatus(r), p)
}

// postServices answers in place. It is a POST so that neither the place nor
// the need is in an address that the browser keeps:
//
// With as=text the same comes as a file.
//
//	POST /services  place=…&need=…&group=…&as=…
func (f *Feature) postServices(w http.ResponseWriter, r *http.Request, p *page) error {
	values, err := web.Form(w, r)
	if err != nil && errs.Of(err).Kind != errs.TooLarge {
		return err
	}
	s, err := f.services(r, p)
	if err != nil {
		return err
	}
	s.Place = text.Cut(text.Line(values.Get("place")), limits["place"])
	s.Need = chosen(values.Get("need"), s.Needs)
	s.Group = chosen(values.Get("group"), s.Groups)
	if s.Closed {
		return f.show(w, r, http.StatusOK, p)
	}
	s.Asked, s.Most = true, shownServices
	if s.Found, err = f.FindServices(r.Context(), s.Search); err != nil {
		return err
	}
	if values.Get("as") == "text" && len(s.Found.Services) > 0 {
		return f.saveServices(w, s)
	}
	return f.show(w, r, http.StatusOK, p)
}

func chosen(value string, from []Choice) string {
	if slices.ContainsFunc(from, func(c Choice) bool { return c.Value == value }) {
		return value
	}
	return ""
}
