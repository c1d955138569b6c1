package admin

import (
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// What the forms offer to choose from, so that nobody has to know a code.

// spoken are the languages that callers of hotlines speak most. Others are
// typed as codes.
var spoken = []string{
	"am", "ar", "bg", "bn", "cs", "de", "el", "en", "es", "fa", "fil", "fr", "hi", "ht", "hu", "id", "it", "ja", "km", "ko", "ku", "mk", "my", "ne",
	"nl", "pa", "pl", "ps", "pt", "ro", "ru", "so", "sq", "sr", "sw", "th", "ti", "tr", "uk", "ur", "vi", "zh",
}

// languageChoices are check boxes: first those that are on, in their order,
// because the public pages name them in it, then the others by name.
func languageChoices(p *i18n.Printer, on []string) (list []desk.Option) {
	for _, code := range on {
		list = append(list, desk.Option{Value: code, Label: p.LanguageName(code), On: true})
	}
	var rest []desk.Option
	for _, code := range spoken {
		if !slices.Contains(on, code) {
			rest = append(rest, desk.Option{Value: code, Label: p.LanguageName(code)})
		}
	}
	slices.SortFunc(rest, func(a, b desk.Option) int { return p.Compare(a.Label, b.Label) })
	return append(list, rest...)
}

// zoneGroup is a part of the list of time zones.
type zoneGroup struct {
	Label string // of the country; empty for the rest
	Zones []string
}

// zonesOf are the time zones of a country, where most people live first, and all
// that there are for "".
func zonesOf(country string) (list []string) {
	for _, c := range geo.Countries(i18n.English) {
		if country != "" && c.Code != country {
			continue
		}
		for _, zone := range c.Zones {
			if !slices.Contains(list, zone) {
				list = append(list, zone)
			}
		}
	}
	return list
}

// zoneChoices are all time zones, those of the country first.
func (p factsPage) zoneChoices(country, now string) []zoneGroup {
	own := zoneGroup{Zones: zonesOf(country)}
	if len(own.Zones) > 0 {
		own.Label = p.words.Country(country)
	}
	rest := zonesOf("")
	if _, err := time.LoadLocation(now); err == nil && now != "" && now != "Local" && !slices.Contains(rest, now) { // an older name, or UTC
		rest = append(rest, now)
	}
	slices.Sort(rest)
	rest = slices.DeleteFunc(rest, func(zone string) bool { return slices.Contains(own.Zones, zone) })
	return []zoneGroup{own, {Zones: rest}}
}
