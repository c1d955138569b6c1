package site

import (
	"net/http"
	"net/url"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// listedServices is how many services a list has: some sheets of paper.
const listedServices = 40

type listPage struct {
	Search
	Need, Speaks string // in words
	Found        Found
	Closed       bool // this hotline has no directory
	Broken       bool // the link asks for what there is not
	Today        time.Time
}

// openList shows the services that a partner links to, or prints. Who made the
// link chose once what is on it, for everybody who follows it: so it says nothing
// of any of them, and may stand in an address where a search of somebody's own may
// not. There is nothing on it to fill in:
//
//	GET /list?need=shelter&place=Austin&c=US&in=es
func (f *Feature) openList(w http.ResponseWriter, r *http.Request, p *page) error {
	l := &listPage{Closed: f.FindServices == nil, Today: time.Now()}
	p.Body = l
	if l.Closed {
		return f.show(w, r, http.StatusOK, p)
	}
	q := r.URL.Query()
	l.Search = Search{
		Lang: p.W.Lang(), Country: p.chosen, Most: listedServices, Place: text.Cut(text.Line(q.Get("place")), limits["place"]),
		Need: text.Cut(q.Get("need"), 40), Speaks: text.Cut(q.Get("in"), 20),
	}
	p.listed = l.asked()
	if err := f.nameList(r, p, l); err != nil {
		return err
	}
	if !l.Broken {
		var err error
		l.Found, err = f.FindServices(r.Context(), l.Search)
		if errs.Is(err, errs.Invalid) { // a language that there is not
			err, l.Broken = nil, true
		}
		if err != nil {
			return err
		}
	}
	if l.Broken = l.Broken || l.Found.PlaceUnknown; l.Broken {
		return f.show(w, r, http.StatusNotFound, p)
	}
	return f.show(w, r, http.StatusOK, p)
}

// nameList says in words what the list is of. A need that there is not would
// make it a list of everything.
func (f *Feature) nameList(r *http.Request, p *page, l *listPage) error {
	if f.Choices != nil {
		needs, _, err := f.Choices(r.Context(), p.W.Lang())
		if err != nil {
			return err
		}
		for _, n := range needs {
			if n.Value == l.Search.Need {
				l.Need = n.Label
			}
		}
	}
	l.Broken = l.Search.Need != "" && l.Need == ""
	if l.Search.Speaks != "" {
		l.Speaks = p.W.LanguageName(l.Search.Speaks)
	}
	return nil
}

// asked is what stands in the address, and goes with it into other languages.
func (s Search) asked() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"need": s.Need, "place": s.Place, "c": s.Country, "in": s.Speaks} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// Of is what the list is of, in one line.
func (l *listPage) Of(place string) []string {
	var parts []string
	for _, part := range []string{l.Need, place, l.Speaks} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
