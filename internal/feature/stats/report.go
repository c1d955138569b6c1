package stats

import (
	"context"
	"sort"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Number is a figure, or that it is withheld.
type Number struct {
	N        int  `json:"n"`
	Withheld bool `json:"withheld,omitempty"`
}

// Cell is one line of a table.
type Cell struct {
	Value string `json:"value"`
	Number
}

// Table is the facts of a section by one code.
type Table struct {
	ID    string `json:"id"`
	Open  bool   `json:"open,omitempty"`
	Cells []Cell `json:"cells"`
	Rest  *int   `json:"rest,omitempty"` // what is withheld, together
}

// Section is one set of facts, counted in several ways.
type Section struct {
	ID     string  `json:"id"`
	Total  Number  `json:"total"`
	Tables []Table `json:"tables"`
}

// Report is a month's figures. Its fields name codes and no language.
type Report struct {
	Month string `json:"month"`
	// Revision counts, in exact figures, the corrections of the month's facts;
	// in published ones, how often the month has been published.
	Revision  int       `json:"revision"`
	Threshold int       `json:"threshold"` // 0: exact
	Sections  []Section `json:"sections"`
}

// exact counts a month.
func exact(ctx context.Context, tx *db.Tx, agency, month string) (Report, error) {
	r := Report{Month: month}
	revisions := map[string]int{}
	for _, s := range sections {
		q := facts.Query{Kind: s.Kind, From: month, Where: s.Where}
		for _, f := range s.Tables {
			q.By = append(q.By, f.Code)
		}
		c, err := facts.Count(ctx, tx, agency, q)
		if err != nil {
			return r, err
		}
		revisions[s.Kind] = c.Revision
		if s.Except != "" {
			by := c.By[s.Tables[0].Code]
			c.Total -= by[s.Except]
			delete(by, s.Except)
		}
		out := Section{ID: s.ID, Total: Number{N: c.Total}}
		for _, f := range s.Tables {
			out.Tables = append(out.Tables, s.table(f, c.By[f.Code]))
		}
		r.Sections = append(r.Sections, out)
	}
	for _, n := range revisions {
		r.Revision += n
	}
	return r, nil
}

// table puts counts in order: a closed list in its own, an open one with the
// largest first.
func (s section) table(f figure, counts map[string]int) Table {
	t := Table{ID: f.ID, Open: f.Open, Cells: []Cell{}}
	if !f.Open {
		for _, v := range s.values(f) {
			t.Cells = append(t.Cells, Cell{v, Number{N: counts[v]}})
		}
		return t
	}
	for v, n := range counts {
		if n != 0 {
			t.Cells = append(t.Cells, Cell{v, Number{N: n}})
		}
	}
	sort.Slice(t.Cells, func(i, j int) bool {
		a, b := t.Cells[i], t.Cells[j]
		return a.N > b.N || a.N == b.N && a.Value < b.Value
	})
	return t
}

// publishable is what may be published of exact figures. What it withholds is
// gone from it, so that no mistake further on can show it.
func (r Report) publishable(threshold int) Report {
	out := Report{Month: r.Month, Threshold: threshold}
	for _, s := range r.Sections {
		p := Section{ID: s.ID, Total: s.Total}
		if s.Total.N > 0 && s.Total.N < threshold {
			p.Total = Number{Withheld: true}
		}
		for _, t := range s.Tables {
			p.Tables = append(p.Tables, t.publishable(threshold, p.Total.Withheld))
		}
		out.Sections = append(out.Sections, p)
	}
	return out
}

func (t Table) publishable(threshold int, all bool) Table {
	counts := make(map[string]int, len(t.Cells))
	for _, c := range t.Cells {
		counts[c.Value] = c.N
	}
	withheld := withhold(counts, t.Open, threshold)
	out := Table{ID: t.ID, Open: t.Open, Cells: []Cell{}}
	rest := 0
	for _, c := range t.Cells {
		switch {
		case !all && !withheld[c.Value]:
			out.Cells = append(out.Cells, c)
			continue
		case !t.Open:
			out.Cells = append(out.Cells, Cell{c.Value, Number{Withheld: true}})
		}
		rest += c.N
	}
	if rest > 0 && !all {
		out.Rest = &rest
	}
	return out
}
