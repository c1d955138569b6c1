package contact

import (
	"context"
	"math"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// findView is the services panel: what is asked for, and what there is.
type findView struct {
	frame
	ID     string // of the contact
	Q      ServiceQuery
	Found  ServiceResults
	Error  string // a word key
	Off    bool   // this hotline has no directory
	Caller *i18n.Printer
	Box    bool // whether anybody can read a reply
}

// shownServices is how many services the panel lists; the first of them have
// keys, and are marked to be told.
const (
	shownServices = 12
	keyedServices = 3
)

// soughtAges are the age groups by which services differ.
var soughtAges = []string{"adult", "child"}

// prefill asks for what the contact's record says, so that an advocate who is
// talking types nothing.
func prefill(c Contact) ServiceQuery {
	q := ServiceQuery{
		Place: c.Record.Place, Country: c.Record.Country, Language: c.Record.Language,
		OpenNow: c.Severity == SeverityCrisis || c.Record.Danger == Yes,
	}
	if q.Country == NoCountry {
		q.Country = ""
	}
	if q.Language == "und" {
		q.Language = ""
	}
	if slices.Contains(soughtAges, c.Record.AgeGroup) {
		q.AgeGroup = c.Record.AgeGroup
	}
	if len(c.Record.Needs) > 0 {
		q.Need = c.Record.Needs[0]
	}
	return q
}

// find never fails the page: the conversation goes on without the panel.
func (f *Feature) find(ctx context.Context, fr frame, c Contact, q ServiceQuery) findView {
	v := findView{frame: fr, ID: c.ID, Q: q, Caller: f.callerWords(c, fr.W), Box: c.Mailbox && f.Tell != nil}
	if f.Services == nil {
		v.Off = true
		return v
	}
	q.Limit, q.Caller = shownServices, v.Caller
	var err error
	if v.Found, err = f.Services(ctx, fr.Me.Agency, q); err != nil {
		v.Error = errs.Of(err).Word
	}
	return v
}

// Needs, Countries and Languages are the lists of the panel's form.
func (v findView) Needs() []desk.Option { return codeOptions(v.W, "contact.need.", needCodes) }

// Ages are the age groups that can be asked for.
func (v findView) Ages() []desk.Option { return codeOptions(v.W, "contact.age_group.", soughtAges) }

// Countries are in the order of the reader's language.
func (v findView) Countries() []desk.Option { return countryOptions(v.W) }

// Languages are those of the record's list.
func (v findView) Languages() []desk.Option { return languageOptions(v.W, v.Q.Language) }

// Words of the search in the form of a sentence: what the list below was asked.
func (v findView) Asked() string {
	var parts []string
	add := func(s string) {
		if s != "" {
			parts = append(parts, s)
		}
	}
	add(v.Q.Words)
	if v.Q.Need != "" && slices.Contains(needCodes, v.Q.Need) {
		add(v.W.T("contact.need." + v.Q.Need))
	}
	if v.Q.AgeGroup != "" {
		add(v.W.T("contact.age_group." + v.Q.AgeGroup))
	}
	add(v.Q.Place)
	if v.Q.Country != "" {
		add(v.W.Country(v.Q.Country))
	}
	if v.Q.Language != "" {
		add(v.Language(v.Q.Language))
	}
	if v.Q.OpenNow {
		add(v.W.T("contact.services.open_now"))
	}
	return v.W.List(parts)
}

// Distance is how far a service is, in words; empty if not known or not to be told.
func (v findView) Distance(s Service) string {
	switch {
	case s.DistanceKm < 0:
		return ""
	case s.DistanceKm < 1:
		return v.W.T("contact.services.under_km")
	}
	return v.W.T("contact.services.km", "count", int(math.Round(s.DistanceKm)))
}

// Tongues are a service's languages for the reader.
func (v findView) Tongues(s Service) string {
	names := make([]string, len(s.Languages))
	for i, code := range s.Languages {
		names[i] = v.Language(code)
	}
	return v.W.List(names)
}

// Say is a word in the language of who is on the line, to be read out.
func (v findView) Say(key string) string { return v.Caller.T(key) }

// Aloud is a service in that language.
func (v findView) Aloud(s Service) []toldLine { return s.Told.lines(v.Caller) }

// Picked says whether a line is marked to begin with: the three that fit best.
func (findView) Picked(line int) bool { return line < keyedServices }

// Key is the key of a line's button: "v 1" reads the first out, "f 1" refers
// to it. Lines after the third have none.
func (findView) Key(letter string, line int) string {
	if line >= keyedServices {
		return ""
	}
	return letter + " " + itoa(int64(line+1))
}

// readable bounds what a search form may hold.
func readable(s string) string {
	const most = 200
	if r := []rune(strings.TrimSpace(s)); len(r) > most {
		return string(r[:most])
	}
	return strings.TrimSpace(s)
}
