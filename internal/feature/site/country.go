package site

import (
	"slices"
	"strings"
)

// countryList is the chooser of the danger page.
type countryList struct {
	Choices []Choice
}

// countries lists the countries by their name in the reader's language.
func (f *Feature) countries(p *page) any {
	var list countryList
	if f.Countries == nil {
		return list
	}
	for _, c := range f.Countries() {
		list.Choices = append(list.Choices, Choice{c, p.W.Country(c)})
	}
	slices.SortFunc(list.Choices, func(a, b Choice) int { return p.W.Compare(a.Label, b.Label) })
	list.Choices = slices.CompactFunc(list.Choices, func(a, b Choice) bool {
		return strings.EqualFold(a.Value, b.Value)
	})
	return list
}
