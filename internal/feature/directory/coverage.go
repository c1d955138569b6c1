package directory

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo"
)

// Coverage is how many services of each kind each region of a country has: it
// shows where somebody would be sent away with nothing.
type Coverage struct {
	Country   string   // ISO 3166
	Countries []string // that have any services, the one with most first
	Needs     []string
	Rows      []CoverageRow // by the region's name; the last is of the whole country, or of no region that is told
}

// CoverageRow is one region.
type CoverageRow struct {
	Region string // ISO 3166-2; empty for the whole country, and where the region is not known or not told
	Name   string
	Cells  []CoverageCell // by need
}

// CoverageCell counts services that are offered.
type CoverageCell struct {
	Public int // verified: those to which anybody may be sent
	All    int // and those that nobody has checked, or not for long
}

// Coverage counts; an empty country is the one with most services. A hidden
// place counts for its country alone. A service in two regions counts in both.
func (f *Feature) Coverage(ctx context.Context, agency, of string) (c Coverage, err error) {
	defer errs.Wrap(&err, "directory.Coverage")
	ix, err := f.current(ctx, agency)
	if err != nil {
		return c, err
	}
	services := map[string][]*entry{}
	ix.found.Each(func(e *entry) {
		if e.offered && e.country != "" {
			services[e.country] = append(services[e.country], e)
		}
	})
	c.Countries = sortedKeys(services)
	slices.SortStableFunc(c.Countries, func(a, b string) int { return cmp.Compare(len(services[b]), len(services[a])) })
	c.Country, c.Needs = country(of), Needs()
	if c.Country == "" && len(c.Countries) > 0 {
		c.Country = c.Countries[0]
	}
	if c.Country != "" {
		c.Rows = coverageRows(c.Country, services[c.Country], f.now())
	}
	return c, nil
}

func coverageRows(of string, services []*entry, now time.Time) []CoverageRow {
	var rows []CoverageRow
	at := map[string]int{}
	for _, r := range append(geo.Regions(of), geo.Region{}) {
		at[r.Code] = len(rows)
		rows = append(rows, CoverageRow{Region: r.Code, Name: r.Name, Cells: make([]CoverageCell, len(needCodes))})
	}
	for _, e := range services {
		for _, region := range e.regionsTold(of) {
			rows[at[region]].count(e, now)
		}
	}
	return rows
}

func (r *CoverageRow) count(e *entry, now time.Time) {
	for i, need := range needCodes {
		if (e.stated|e.derived)&needBit[need] == 0 {
			continue
		}
		r.Cells[i].All++
		if e.check.Public(now) {
			r.Cells[i].Public++
		}
	}
}

// regionsTold are the regions of a country in which a service has a place that
// may be told; the empty one if there is none.
func (e *entry) regionsTold(of string) []string {
	var out []string
	for i := range e.spots {
		if e.spots[i].link == oneOf { // nobody knows which
			continue
		}
		w := e.spots[i].told()
		if code, ok := geo.RegionCode(of, w.Region); ok && w.Region != "" && w.Country == of && !slices.Contains(out, code) {
			out = append(out, code)
		}
	}
	if len(out) == 0 {
		return []string{""}
	}
	return out
}
