package casework

import (
	"strings"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// said is a shared line in words.
type said struct {
	Label, Value string
	Typed        bool // the value is as somebody typed it, in whatever language
}

// valueIn is an item's value in the reader's words.
func valueIn(p *i18n.Printer, it Item) string {
	switch it.Field {
	case Language:
		return p.LanguageName(it.Value)
	case Interpreter:
		return p.T("casework.interpreter.yes")
	case AgeGroup:
		return p.T("casework.age." + it.Value)
	case Needs:
		var words []string
		for n := range strings.SplitSeq(it.Value, ",") {
			words = append(words, p.T("casework.need."+n))
		}
		return p.List(words)
	}
	return it.Value
}

// StateWord is a state in the words of a language, for lists elsewhere.
func (f *Feature) StateWord(lang string, s Step) string {
	return f.Web.Words.For(lang).T("casework.state." + string(s))
}

func fieldIn(p *i18n.Printer, f Field) string { return p.T("casework.field." + string(f)) }

// sayAll gives the lines of a release in the reader's words.
func sayAll(p *i18n.Printer, items []Item) (lines []said) {
	for _, it := range items {
		lines = append(lines, said{fieldIn(p, it.Field), valueIn(p, it), !it.Field.Coded()})
	}
	return lines
}

// known is what the contact's record knows of a field, as a value to share.
func (p Person) known(f Field, words *i18n.Printer) string {
	switch f {
	case AgeGroup:
		if p.AgeGroup == "adult" || p.AgeGroup == "child" {
			return p.AgeGroup
		}
	case Language:
		if facts.LanguageOf(p.Language) != facts.Unknown {
			return p.Language
		}
	case Interpreter:
		if p.Interpreter {
			return "yes"
		}
	case Needs:
		it := Item{Needs, strings.Join(p.Needs, ",")}
		if it.known() {
			return it.Value
		}
	case Where:
		return p.where(words)
	case Reach:
		return p.Safe.rules(words)
	case Summary:
		return p.Summary
	}
	return ""
}

// where is the place as the record has it, and the country in words.
func (p Person) where(words *i18n.Printer) string {
	var parts []string
	if p.Place != "" {
		parts = append(parts, p.Place)
	}
	if p.Country != "" && geo.IsCountry(p.Country) {
		parts = append(parts, words.Country(p.Country))
	}
	return words.List(parts)
}

// rules writes how to reach somebody safely: the address last, after every
// rule of its use. Without an address there is nothing to write.
func (s Safe) rules(p *i18n.Printer) string {
	if s.Address == "" {
		return ""
	}
	var lines []string
	switch s.Channel {
	case "phone", "text", "email":
		lines = append(lines, p.T("casework.reach."+s.Channel))
	}
	if s.From != "" || s.To != "" {
		lines = append(lines, p.T("casework.reach.hours", "from", s.From, "to", s.To))
	}
	for _, a := range []struct{ word, answer string }{{"speak", s.Speak}, {"voicemail", s.Voicemail}, {"texts", s.Text}} {
		if a.answer == "yes" || a.answer == "no" {
			lines = append(lines, p.T("casework.reach."+a.word+"."+a.answer))
		} else {
			lines = append(lines, p.T("casework.reach."+a.word+".unknown"))
		}
	}
	if s.WhoAnswers != "" {
		lines = append(lines, p.T("casework.reach.who", "who", s.WhoAnswers))
	}
	if s.CoverStory != "" {
		lines = append(lines, p.T("casework.reach.cover", "story", s.CoverStory))
	}
	if s.Note != "" {
		lines = append(lines, s.Note)
	}
	return strings.Join(append(lines, s.Address), "\n")
}
