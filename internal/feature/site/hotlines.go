package site

import (
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

// Hotlines are the verified lines that somebody in a country can reach, those
// that answer now first.
type Hotlines struct {
	Lines     []Hotline
	Embassies []Hotline // in that country
}

// Hotline is one of them, in the reader's language.
type Hotline struct {
	ID                 string
	Name, Organization string
	Country            string          // in words, where it is another than was asked for
	Numbers            []HotlineNumber // that work from there, or may
	Site               string          // https address: a chat, a form
	Opening            Opening
	Languages          []string // in words, with days where there are such
	For                string   // who may call
	Citizens           []string // whose embassy it is
	Checked            time.Time
}

// HotlineNumber is a number, and what to know before dialling it.
type HotlineNumber struct {
	Number string
	Text   bool   // to write to
	Note   string // free, or who can dial it
	Unsure bool   // nobody knows whether it works from there
}

type hotlinesPage struct {
	Countries []Choice
	Found     Hotlines
	Listed    bool // a country is known and was looked up
}

// openHotlines shows the lines of the country that is asked for, else of the
// hotline's own. A country says little enough to stand in an address, and so a
// partner can link to it:
//
//	GET /hotlines?c=PL
func (f *Feature) openHotlines(w http.ResponseWriter, r *http.Request, p *page) error {
	body := &hotlinesPage{Countries: everywhere(p)}
	p.Body = body
	if p.Country != "" && f.FindHotlines != nil {
		var err error
		if body.Found, err = f.FindHotlines(r.Context(), p.W.Lang(), p.Country); err != nil {
			return err
		}
		body.Listed = true
	}
	return f.show(w, r, http.StatusOK, p)
}

// everywhere is every country, by its name in the reader's language.
func everywhere(p *page) (list []Choice) {
	for _, c := range geo.Countries(p.W.Lang()) {
		list = append(list, Choice{c.Code, c.Name})
	}
	return list
}
