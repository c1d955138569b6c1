package directory

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// hotlinesPage is the table to pass somebody on by: who answers now, in their
// language, where they are.
type hotlinesPage struct {
	Form             url.Values
	Country          string // in words; empty if none was asked for
	Lines, Embassies []hotlineLine
	Froms, Langs     []desk.Option
}

type hotlineLine struct {
	Hotline
	Said
	Numbers  []numberLine
	Tongues  []string // languages, with the days on which they are spoken
	Citizens []string
}

type numberLine struct {
	Phone
	Reach State
	Who   string // who can dial it, in words
}

// showHotlines opens the table of all countries; what is asked of it comes by
// POST, as in every search of the desk.
func (f *Feature) showHotlines(w http.ResponseWriter, r *http.Request) error {
	return f.hotlineTable(w, r, url.Values{})
}

func (f *Feature) postHotlines(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	return f.hotlineTable(w, r, form)
}

func (f *Feature) hotlineTable(w http.ResponseWriter, r *http.Request, form url.Values) error {
	p := f.words(r)
	q := HotlineQuery{
		Agency: staff.From(r.Context()).Person.Agency, From: country(form.Get("from")), Language: languageCode(form.Get("language")), Now: form.Get("now") != "",
	}
	found, err := f.Hotlines(r.Context(), q)
	if err != nil {
		return err
	}
	page := hotlinesPage{Form: form, Froms: options(formCountries, []string{q.From}, p.Country), Langs: options(formLanguages, []string{q.Language}, p.LanguageName)}
	if q.From != "" {
		page.Country = p.Country(q.From)
	}
	for _, h := range found.Lines {
		page.Lines = append(page.Lines, hotlineLineOf(p, h, q.From))
	}
	for _, h := range found.Embassies {
		page.Embassies = append(page.Embassies, hotlineLineOf(p, h, q.From))
	}
	return f.pages.Render(w, r, http.StatusOK, "hotlines", page)
}

func hotlineLineOf(p *i18n.Printer, h Hotline, from string) hotlineLine {
	l := hotlineLine{Hotline: h, Said: Say(p, h.Result), Tongues: SayTongues(p, h.Result)}
	for _, ph := range h.Phones {
		n := numberLine{Phone: ph, Who: SayDialFrom(p, ph)}
		if from != "" {
			n.Reach = ph.reach(from)
		}
		l.Numbers = append(l.Numbers, n)
	}
	for _, c := range h.Citizens {
		l.Citizens = append(l.Citizens, p.Country(c))
	}
	return l
}

// SayTongues names the languages of a result, with the days on which one of
// them alone is spoken.
func SayTongues(p *i18n.Printer, r Result) []string {
	var out []string
	for _, t := range r.Languages {
		name := p.LanguageName(t.Code)
		switch {
		case t.Interpreter:
			name = p.T("directory.by_interpreter", "language", name)
		case len(t.Days) > 0:
			var days []string
			for _, d := range mondayFirst(t.Days) {
				days = append(days, p.Weekday(d))
			}
			name = p.T("directory.tongue.days", "language", name, "days", p.List(days))
		case t.Note != "":
			name = p.T("directory.tongue.note", "language", name, "note", t.Note)
		}
		out = append(out, name)
	}
	if r.Interpreter {
		out = append(out, p.T("directory.any_interpreter"))
	}
	return out
}

// SayDialFrom says who can dial a number; "" where nothing is known but its digits.
func SayDialFrom(p *i18n.Printer, ph Phone) string {
	free := ""
	if ph.TollFree {
		free = p.T("directory.dial.free")
	}
	switch {
	case ph.DialFrom == "abroad" && ph.Country != "":
		return p.T("directory.dial.abroad", "country", p.Country(ph.Country))
	case ph.DialFrom == "anywhere":
		return free
	case ph.E164 == "" || ph.TollFree || ph.DialFrom != "":
		if ph.Country == "" {
			return free
		}
		return joined(free, p.T("directory.dial.only", "country", p.Country(ph.Country)))
	}
	return ""
}
