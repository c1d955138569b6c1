package stats

import (
	"strings"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// label names a value of a table in the reader's language.
func label(p *i18n.Printer, table, value string) string {
	if key := "stats." + table + "." + value; p.Has(key) {
		return p.T(key)
	}
	switch value {
	case facts.Unknown, facts.Declined, facts.NotAsked:
		return p.T("stats.value." + value)
	}
	switch table {
	case "language":
		return p.LanguageName(value)
	case "region":
		country, part, divided := strings.Cut(value, "-")
		if !divided {
			return p.Country(country)
		}
		if region, known := geo.RegionOf(value); known {
			part = region.Name
		}
		return p.List([]string{p.Country(country), part})
	}
	return p.T("stats." + table + "." + value)
}

// name is the heading of a section or table, by its id.
func name(p *i18n.Printer, id string) string { return p.T("stats.figure." + id) }

// definition says what exactly a section or table counts.
func definition(p *i18n.Printer, id string) string { return p.T("stats.define." + id) }
