package geo

import (
	"cmp"
	"slices"
	"sort"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

const (
	longest = 120 // bytes of a query: no place needs more
	most    = 20  // places in an answer
)

// Find gives the places that a person may mean by what they typed, likeliest
// first: "Austin TX", "Austin, Texas", "Chicago", "60601", "Москва",
// "krakow". Case, accents and punctuation do not matter; spelling does. Places
// of the hinted country (ISO 3166-1, or empty) come first, then those with more
// people. When nothing has the name, places whose name begins so are given.
// A number of five digits is a US ZIP code unless the hint says elsewhere.
func Find(query, hint string) []Place {
	if len(query) > longest {
		return nil
	}
	hint = strings.ToUpper(hint)
	if p, ok := postalIn(query, hint); ok {
		return []Place{p}
	}
	a := places()
	found := a.divided(query)
	if found == nil {
		found = a.exact(fold.Key(query))
	}
	if found == nil {
		found = a.trailing(strings.Fields(fold.Key(query)))
	}
	if found == nil {
		found = a.beginning(fold.Key(query))
	}
	return a.ranked(found, hint)
}

// divided reads "Austin, Texas, USA": commas say where the name ends. In an
// address the first part is a street, so the next is tried as the name.
func (a *atlas) divided(query string) []uint32 {
	parts := strings.FieldsFunc(query, func(r rune) bool { return r == ',' || r == '،' || r == '，' || r == ';' })
	for i := range parts {
		parts[i] = fold.Key(parts[i])
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	for i := 0; i+1 < len(parts); i++ {
		if found := a.within(a.exact(parts[i]), parts[i+1:]); found != nil {
			return found
		}
	}
	return nil
}

// trailing reads "austin tx" and "london ontario canada": the last words may
// name a region, a country, or both.
func (a *atlas) trailing(words []string) []uint32 {
	for i := len(words) - 1; i > 0; i-- {
		named := a.exact(strings.Join(words[:i], " "))
		if named == nil {
			continue
		}
		if found := a.within(named, []string{strings.Join(words[i:], " ")}); found != nil {
			return found
		}
		for j := i + 1; j < len(words); j++ {
			both := []string{strings.Join(words[i:j], " "), strings.Join(words[j:], " ")}
			if found := a.within(named, both); found != nil {
				return found
			}
		}
	}
	return nil
}

// within keeps the places that are in every one of the named areas.
func (a *atlas) within(found []uint32, areas []string) []uint32 {
	var in []uint32
	for _, i := range found {
		if !slices.ContainsFunc(areas, func(area string) bool { return !a.isIn(i, area) }) {
			in = append(in, i)
		}
	}
	return in
}

// exact gives the places that have this folded name, their own or another.
func (a *atlas) exact(key string) []uint32 {
	if key == "" {
		return nil
	}
	var found []uint32
	for i := a.from(key); i < a.Names.Len() && fold.Key(a.Names.At(i)) == key; i++ {
		found = append(found, uint32(i)) //nolint:gosec // an index: the file holds fewer than a million
	}
	for i := a.altFrom(key); i < a.AltKeys.Len() && a.AltKeys.At(i) == key; i++ {
		found = append(found, a.AltPlaces[i])
	}
	return found
}

// beginning gives the places with most people whose name begins with key.
func (a *atlas) beginning(key string) []uint32 {
	if len(key) < 2 {
		return nil
	}
	after := key + "\U0010FFFF"
	var found []uint32
	for i := a.from(key); i < a.from(after); i++ {
		found = append(found, uint32(i)) //nolint:gosec // an index: the file holds fewer than a million
	}
	for i := a.altFrom(key); i < a.altFrom(after); i++ {
		found = append(found, a.AltPlaces[i])
	}
	return found
}

// from is the first place whose folded name is not before key. Places are
// stored in that order, and folding twenty names is quicker than keeping
// two hundred thousand.
func (a *atlas) from(key string) int {
	return sort.Search(a.Names.Len(), func(i int) bool { return fold.Key(a.Names.At(i)) >= key })
}

func (a *atlas) altFrom(key string) int {
	return sort.Search(a.AltKeys.Len(), func(i int) bool { return a.AltKeys.At(i) >= key })
}

func (a *atlas) ranked(found []uint32, hint string) []Place {
	slices.Sort(found)
	found = slices.Compact(found)
	abroad := func(i uint32) int {
		if a.Admins[a.Admin[i]].Country == hint {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(found, func(i, j uint32) int {
		return cmp.Or(cmp.Compare(abroad(i), abroad(j)), cmp.Compare(a.Population[j], a.Population[i]))
	})
	var list []Place
	for _, i := range found[:min(most, len(found))] {
		list = append(list, a.place(i))
	}
	return list
}
