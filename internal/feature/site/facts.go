package site

import (
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Facts are what a hotline says about itself, in one language. The zero value
// of each says that it is not set, and then no page states it.
//
// Cost, Recording, Told, Police, Immigration and Limits are codes for which
// there are sentences in every language (see [Answers]). Own holds the
// hotline's own wording in this language for any of the seven questions, by
// the same names and "hours" and "languages"; it goes before the code.
type Facts struct {
	Name      string
	Country   string   // ISO 3166, where the hotline is
	Numbers   []string // to call, the main one first
	Text      string   // number for text messages
	Always    bool     // open day and night, every day
	Hours     string   // in words, when not always
	Opening   Opening
	Languages []string // BCP 47 codes of the languages it answers in
	Interpret bool     // finds an interpreter for others
	NoName    bool     // callers need not give a name
	WhoCalls  string   // in words: who may call
	ExitURL   string   // a neutral site in this language
	Title     string   // neutral name of the site, for the browser's tab
	Duties    string   // in words: what the law obliges the hotline to report

	Cost, Recording, Told, Police, Immigration, Limits string

	Own map[string]string
}

// Opening says whether somebody answers now. Known is false when nobody has
// said; Until and Next are zero when there is nothing to say.
type Opening struct {
	Known bool
	Open  bool
	Until time.Time // when open: until when
	Next  time.Time // when closed: from when
}

// Answers lists, for each fact that is a code, the codes there are words for.
func Answers() map[string][]string {
	return map[string][]string{
		"cost":        {"free", "standard"},
		"recording":   {"none", "asked", "calls"},
		"told":        {"consent"},
		"police":      {"consent", "duty"},
		"immigration": {"never", "consent"},
		"limits":      {"child_danger", "danger", "none"},
	}
}

// Missing names the facts that nobody has set, for whoever runs the hotline.
// A fact of which a hotline has none (a number for texts) is not missed.
func (f Facts) Missing() []string {
	var out []string
	for _, fact := range []struct {
		name string
		set  bool
	}{
		{"name", f.Name != ""},
		{"country", f.Country != ""},
		{"numbers", len(f.Numbers) > 0},
		{"hours", f.Always || f.Hours != "" || f.Own["hours"] != ""},
		{"languages", len(f.Languages) > 0 || f.Own["languages"] != ""},
		{"who_calls", f.WhoCalls != ""},
		{"exit_url", f.ExitURL != ""},
		{"cost", f.Cost != "" || f.Own["cost"] != ""},
		{"recording", f.Recording != "" || f.Own["recording"] != ""},
		{"told", f.Told != "" || f.Own["told"] != ""},
		{"police", f.Police != "" || f.Own["police"] != ""},
		{"immigration", f.Immigration != "" || f.Own["police"] != ""},
		{"limits", f.Limits != "" || f.Own["limits"] != ""},
	} {
		if !fact.set {
			out = append(out, fact.name)
		}
	}
	return out
}

// question is one of the seven and what the facts answer to it.
type question struct {
	Name      string
	Sentences []string
}

// questions are the seven of "what happens when you contact us", without
// those to which the hotline has not given an answer.
func (f Facts) questions(p *i18n.Printer) []question {
	all := []question{
		{"cost", f.code(p, "cost", f.Cost)},
		{"hours", f.hours(p)},
		{"languages", f.languages(p)},
		{"recording", f.code(p, "recording", f.Recording)},
		{"told", f.limited(p, "told", f.Told)},
		{"police", append(f.limited(p, "police", f.Police), f.code(p, "immigration", f.Immigration)...)},
		{"limits", f.limits(p)},
	}
	return slices.DeleteFunc(all, func(q question) bool { return len(q.Sentences) == 0 })
}

// limits are those of keeping things to ourselves, with what the law obliges
// us to report.
func (f Facts) limits(p *i18n.Printer) []string {
	out := f.code(p, "limits", f.Limits)
	if f.Duties != "" {
		out = append(out, f.Duties)
	}
	return out
}

func (f Facts) code(p *i18n.Printer, name, code string) []string {
	if own := f.Own[name]; own != "" {
		return []string{own}
	}
	if !slices.Contains(Answers()[name], code) {
		return nil
	}
	return []string{p.T("site.answer." + name + "." + code)}
}

// limited is code for a promise to tell nobody without consent. It is not made
// before the hotline has said what limits it has, and never without them.
func (f Facts) limited(p *i18n.Printer, name, code string) []string {
	out := f.code(p, name, code)
	if len(out) == 0 || f.Own[name] != "" || code != "consent" {
		return out
	}
	switch limits := f.code(p, "limits", f.Limits); {
	case len(limits) == 0:
		return nil
	case f.Own["limits"] != "" || f.Limits != "none":
		return append(out, p.T("site.answer.limited"))
	}
	return out
}

func (f Facts) hours(p *i18n.Printer) []string {
	switch {
	case f.Own["hours"] != "":
		return []string{f.Own["hours"]}
	case f.Always:
		return []string{p.T("site.answer.hours.always")}
	case f.Hours != "":
		return []string{f.Hours}
	}
	return nil
}

func (f Facts) languages(p *i18n.Printer) (out []string) {
	if own := f.Own["languages"]; own != "" {
		return []string{own}
	}
	if len(f.Languages) > 0 {
		out = append(out, p.T("site.answer.languages.list", "languages", f.names(p)))
	}
	if f.Interpret {
		out = append(out, p.T("site.answer.languages.interpreters"))
	}
	return out
}

// names lists the hotline's languages, each in its own script.
func (f Facts) names(p *i18n.Printer) string {
	var names []string
	for _, l := range f.Languages {
		names = append(names, i18n.OwnName(l))
	}
	return p.List(names)
}
