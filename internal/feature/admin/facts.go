package admin

import (
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Facts are what the hotline says of itself, in one language. What is empty
// has not been set, and no page may state it.
type Facts struct {
	General
	Local
}

// General is the same in every language.
type General struct {
	Country   string   `json:"country,omitempty"` // ISO 3166
	Zone      string   `json:"zone,omitempty"`    // IANA name
	Numbers   []string `json:"numbers,omitempty"` // to call, the main one first
	Text      string   `json:"text,omitempty"`    // number for text messages
	Always    bool     `json:"always,omitempty"`  // open day and night, every day
	Week      Week     `json:"week,omitzero"`
	Languages []string `json:"languages,omitempty"` // BCP 47, in which it answers
	Interpret bool     `json:"interpret,omitempty"` // finds an interpreter for others
	NoName    bool     `json:"no_name,omitempty"`   // nobody has to give a name

	// Codes, each one of Codes[name]: the public pages have sentences for them.
	Cost        string `json:"cost,omitempty"`
	Recording   string `json:"recording,omitempty"`
	Told        string `json:"told,omitempty"`
	Police      string `json:"police,omitempty"`
	Immigration string `json:"immigration,omitempty"`
	Limits      string `json:"limits,omitempty"`

	// Public are the languages that are turned on for everybody.
	Public []string `json:"public,omitempty"`
}

// Local is what differs between languages.
type Local struct {
	Name     string `json:"name,omitempty"`
	Title    string `json:"title,omitempty"`     // of the site, neutral
	WhoCalls string `json:"who_calls,omitempty"` // in words: who may call
	ExitURL  string `json:"exit_url,omitempty"`  // where "leave this page" goes
	Duties   string `json:"duties,omitempty"`    // what the law obliges the hotline to report

	// Own holds the hotline's own wording for a question (see Questions). It
	// goes before the code.
	Own map[string]string `json:"own,omitempty"`
}

// Codes are the answers for which the public pages have sentences.
var Codes = map[string][]string{
	"cost":        {"free", "standard"},
	"recording":   {"none", "asked", "calls"},
	"told":        {"consent"},
	"police":      {"consent", "duty"},
	"immigration": {"never", "consent"},
	"limits":      {"child_danger", "danger", "none"},
}

// Questions may be answered in the hotline's own words in each language.
var Questions = []string{"cost", "hours", "languages", "recording", "told", "police", "immigration", "limits"}

func (g *General) code(name string) *string {
	return map[string]*string{
		"cost": &g.Cost, "recording": &g.Recording, "told": &g.Told,
		"police": &g.Police, "immigration": &g.Immigration, "limits": &g.Limits,
	}[name]
}

// Missing names the facts that nobody has set in this language, in the order
// of the forms: keys of "admin.fact.…". A hotline may have no text number and
// no duty to report, so those are not missed.
func (f Facts) Missing() (list []string) {
	have := map[string]bool{
		"country": f.Country != "", "zone": f.Zone != "", "numbers": len(f.Numbers) > 0,
		"hours":     f.Always || !f.Week.Empty() || f.Own["hours"] != "",
		"languages": len(f.Languages) > 0 || f.Own["languages"] != "",
		"name":      f.Name != "", "title": f.Title != "", "who_calls": f.WhoCalls != "", "exit_url": f.ExitURL != "",
	}
	for name := range Codes {
		have[name] = *f.code(name) != "" || f.Own[name] != ""
	}
	for _, name := range []string{
		"country", "zone", "numbers", "hours", "languages", "cost", "recording", "told", "police", "immigration", "limits",
		"name", "title", "who_calls", "exit_url",
	} {
		if !have[name] {
			list = append(list, name)
		}
	}
	return list
}

// IsPublic says whether a language is turned on for everybody.
func (g General) IsPublic(lang string) bool { return slices.Contains(g.Public, lang) }

// Location is the hotline's zone, UTC as long as nobody has set one.
func (g General) Location() *time.Location {
	if loc, err := time.LoadLocation(g.Zone); err == nil && g.Zone != "" {
		return loc
	}
	return time.UTC
}

// Hours are the opening hours in words, empty when they are not set or the
// hotline is always open.
func (f Facts) Hours(p *i18n.Printer) string {
	if f.Always {
		return ""
	}
	return strings.Join(f.Week.words(p), p.List([]string{"", ""}))
}
