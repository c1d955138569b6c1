package casework

import "github.com/clew-hotline/clew/internal/lib/i18n"

// Listing is how the directory says that a service is reached, in the words of
// one language. Nothing in it tells of a place that is kept confidential.
type Listing struct {
	Where     string   // as much of the place as may be told
	Hidden    bool     // where it is may not be told
	Hours     []string // lines; none when they are not known
	Languages []string
	Cost      string // as the source has it, in whatever language
}

// spoken is a listing as it is read out to the person.
type spoken struct {
	Lang, Dir string
	Lines     []listed
}

// listed is one line of it: numbers to call, or words.
type listed struct {
	Label, Value string
	Phones       []string
	Typed        bool
}

// spoken gives the listing's lines in a language. What the directory does not
// know is left out, but for the hours: whoever calls in vain may not call again.
func (s ServiceLine) spoken(p *i18n.Printer) spoken {
	out := spoken{Lang: p.Lang(), Dir: p.Dir()}
	add := func(what, value string, typed bool) {
		if value != "" {
			out.Lines = append(out.Lines, listed{Label: p.T("casework.listing." + what), Value: value, Typed: typed})
		}
	}
	if len(s.Phones) > 0 {
		out.Lines = append(out.Lines, listed{Label: p.T("casework.listing.phones"), Phones: s.Phones})
	}
	if s.Listed == nil {
		return out
	}
	l := s.Listed(p)
	if l.Hidden {
		l.Where = p.T("casework.listing.hidden")
	}
	if len(l.Hours) == 0 {
		l.Hours = []string{p.T("casework.listing.hours_unknown")}
	}
	add("where", l.Where, false)
	add("hours", p.List(l.Hours), false)
	add("languages", p.List(l.Languages), false)
	add("cost", l.Cost, true)
	return out
}
