package admin

import (
	"net/url"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// factsPage is a form of facts, with what was typed.
type factsPage struct {
	Lang  string // empty for the general form
	Form  url.Values
	Wrong map[string]string // in words

	words *i18n.Printer
}

// Value is what stands in a field.
func (p factsPage) Value(field string) string { return p.Form.Get(field) }

// Error is what is wrong with a field.
func (p factsPage) Error(field string) string { return p.Wrong[field] }

// Say is a text of the reader's language whose key ends in a field's name.
func (p factsPage) Say(prefix, field string) string { return p.words.T(prefix + field) }

// Questions may be answered in the hotline's own words.
func (p factsPage) Questions() []string { return Questions }

// Coded are the questions that have answers to choose from.
func (p factsPage) Coded() []string {
	return []string{"cost", "recording", "told", "police", "immigration", "limits"}
}

// Codes are the answers to choose from, and that none is set.
func (p factsPage) Codes(name string) (list []desk.Option) {
	list = []desk.Option{{Label: p.words.T("admin.not_set"), On: p.Value(name) == ""}}
	for _, code := range Codes[name] {
		list = append(list, desk.Option{Value: code, Label: p.words.T("admin.code." + name + "." + code), On: p.Value(name) == code})
	}
	return list
}

// Countries are all, by their names in the reader's language.
func (p factsPage) Countries() (list []desk.Option) {
	for _, c := range geo.Countries(p.words.Lang()) {
		list = append(list, desk.Option{Value: c.Code, Label: c.Name})
	}
	return list
}

// day is a row of the opening hours.
type day struct{ Name, From, To string }

// Week are the days from Monday, with the names of their fields.
func (p factsPage) Week() (list []day) {
	for i := 1; i <= 7; i++ {
		n := strconv.Itoa(i % 7)
		list = append(list, day{p.words.Weekday(time.Weekday(i % 7)), "from" + n, "to" + n})
	}
	return list
}

// Spoken are the languages to tick, those that are ticked first.
func (p factsPage) Spoken() []desk.Option {
	g, _ := parseGeneral(p.Form)
	return languageChoices(p.words, g.Languages)
}

// More are codes of languages that were typed and could not be taken.
func (p factsPage) More() string {
	if p.Wrong["languages"] == "" {
		return ""
	}
	return p.Form.Get("more")
}

// Zones are all time zones.
func (p factsPage) Zones() []zoneGroup {
	return p.zoneChoices(p.Value("country"), p.Value("zone"))
}
