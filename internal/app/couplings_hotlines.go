package app

import (
	"context"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// findHotlines gives the verified hotlines that can be reached from a country,
// those first that answer now in the reader's language.
func (a *App) findHotlines(ctx context.Context, lang, country string) (found site.Hotlines, err error) {
	h, err := a.features.directory.Hotlines(ctx, directory.HotlineQuery{Agency: homeAgency, From: country, Language: lang, Public: true})
	if err != nil {
		return found, err
	}
	words := a.Words.For(lang)
	found.Lines = publicHotlines(words, h.Lines, country)
	found.Embassies = publicHotlines(words, h.Embassies, country)
	return found, nil
}

func publicHotlines(words *i18n.Printer, list []directory.Hotline, from string) (out []site.Hotline) {
	for _, h := range list {
		if h.Reached == directory.No {
			continue
		}
		line := site.Hotline{
			ID: h.ID, Name: h.Name, Site: h.URL, Opening: openingOf(h.Result), Languages: directory.SayTongues(words, h.Result), For: h.Eligibility, Checked: h.Checked,
		}
		if !h.StandIn {
			line.Organization = h.Organization
		}
		if h.Where.Country != "" && h.Where.Country != from {
			line.Country = words.Country(h.Where.Country)
		}
		for _, c := range h.Citizens {
			line.Citizens = append(line.Citizens, words.Country(c))
		}
		for _, p := range h.Phones {
			if reach := p.Reach(from); reach != directory.No {
				line.Numbers = append(line.Numbers, site.HotlineNumber{
					Number: p.Number, Text: p.Type == "text" || p.Type == "sms", Note: directory.SayDialFrom(words, p), Unsure: reach == directory.Unknown,
				})
			}
		}
		if len(line.Numbers) > 0 || line.Site != "" {
			out = append(out, line)
		}
	}
	return out
}

func openingOf(r directory.Result) site.Opening {
	return site.Opening{Known: r.Open != directory.Unknown, Open: r.Open == directory.Yes, Until: r.OpenUntil, Next: r.OpensAt}
}
