package site

import (
	"slices"
	"strings"
)

// countryList is the chooser of the danger page.
type countryList struct {
	Choices []Choice
}

// countries is that chooser's content.
func (f *Feature) countries(p *page) any { return countryList{f.countryChoices(p)} }

// countryChoices lists the countries by their name in the reader's language.
func (f *Feature) countryChoices(p *page) (list []Choice) {
	if f.Countries == nil {
		return nil
	}
	for _, c := range f.Countries() {
		list = append(list, Choice{c, p.W.Country(c)})
	}
	slices.SortFunc(list, func(a, b Choice) int { return p.W.Compare(a.Label, b.Label) })
	return slices.CompactFunc(list, func(a, b Choice) bool { return strings.EqualFold(a.Value, b.Value) })
}
