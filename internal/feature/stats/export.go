package stats

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// document is the JSON form:
//
//	{"month":"2026-11","language":"en","figures":"published","revision":1,"withheld_below":10,
//	 "sections":[{"id":"contacts","label":"Contacts","definition":"…","total":120,
//	   "tables":[{"id":"channel","label":"By channel","definition":"…",
//	     "values":[{"value":"phone","label":"Phone","count":80},
//	               {"value":"text","label":"Text message","count":null}],
//	     "withheld_together":40}]}],
//	 "notes":["…"]}
//
// A count of null is withheld. It has no time of making, so that the same
// figures are the same bytes.
type document struct {
	Month     string        `json:"month"`
	Language  string        `json:"language"`
	Figures   string        `json:"figures"` // "exact" or "published"
	Revision  int           `json:"revision"`
	Threshold int           `json:"withheld_below,omitempty"`
	Sections  []documentSet `json:"sections"`
	Notes     []string      `json:"notes"`
}

type documentSet struct {
	ID         string          `json:"id"`
	Label      string          `json:"label"`
	Definition string          `json:"definition"`
	Total      *int            `json:"total"`
	Tables     []documentTable `json:"tables"`
}

type documentTable struct {
	ID         string         `json:"id"`
	Label      string         `json:"label"`
	Definition string         `json:"definition"`
	Values     []documentCell `json:"values"`
	Rest       *int           `json:"withheld_together,omitempty"`
}

type documentCell struct {
	Value string `json:"value"`
	Label string `json:"label"`
	Count *int   `json:"count"`
}

func (n Number) pointer() *int {
	if n.Withheld {
		return nil
	}
	return &n.N
}

func (r Report) kind() string {
	if r.Threshold == 0 {
		return "exact"
	}
	return "published"
}

// notes are the sentences that belong to the figures as a whole.
func (r Report) notes(p *i18n.Printer) []string {
	if r.Threshold == 0 {
		return []string{p.T("stats.note.exact")}
	}
	return []string{p.T("stats.note.withheld", "below", r.Threshold), p.T("stats.note.revision")}
}

// JSON writes figures with names and definitions in the printer's language.
func (r Report) JSON(p *i18n.Printer) ([]byte, error) {
	d := document{
		Month: r.Month, Language: p.Lang(), Figures: r.kind(), Revision: r.Revision, Threshold: r.Threshold, Notes: r.notes(p),
	}
	for _, s := range r.Sections {
		set := documentSet{ID: s.ID, Label: name(p, s.ID), Definition: definition(p, s.ID), Total: s.Total.pointer()}
		for _, t := range s.Tables {
			table := documentTable{ID: t.ID, Label: name(p, t.ID), Definition: definition(p, t.ID), Values: []documentCell{}, Rest: t.Rest}
			for _, c := range t.Cells {
				table.Values = append(table.Values, documentCell{c.Value, label(p, t.ID, c.Value), c.pointer()})
			}
			set.Tables = append(set.Tables, table)
		}
		d.Sections = append(d.Sections, set)
	}
	b, err := json.MarshalIndent(d, "", " ")
	return append(b, '\n'), err
}

// CSV writes figures, one to a line, each with its definition. A count left
// empty is withheld; the line "withheld_together" has the sum of such.
func (r Report) CSV(p *i18n.Printer) ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	line := func(cells ...string) {
		for i := range cells {
			cells[i] = harmless(cells[i])
		}
		_ = w.Write(cells) // a bytes.Buffer takes everything; w.Error below
	}
	line("month", "figures", "revision", "section", "table", "value", "label", "count", "state", "definition")
	row := func(section, table, value, text string, n Number, define string) {
		count, state := strconv.Itoa(n.N), "shown"
		if n.Withheld {
			count, state = "", "withheld"
		}
		line(r.Month, r.kind(), strconv.Itoa(r.Revision), section, table, value, text, count, state, define)
	}
	for _, s := range r.Sections {
		row(s.ID, "", "total", name(p, s.ID), s.Total, definition(p, s.ID))
		for _, t := range s.Tables {
			define := definition(p, t.ID)
			for _, c := range t.Cells {
				row(s.ID, t.ID, c.Value, label(p, t.ID, c.Value), c.Number, define)
			}
			if t.Rest != nil {
				row(s.ID, t.ID, "withheld_together", p.T("stats.rest"), Number{N: *t.Rest}, define)
			}
		}
	}
	for _, note := range r.notes(p) {
		line(r.Month, r.kind(), strconv.Itoa(r.Revision), "", "", "note", note, "", "", "")
	}
	w.Flush()
	return b.Bytes(), w.Error()
}

// harmless keeps a spreadsheet from taking a cell for a formula. Nothing here
// was typed by a stranger, but words can be changed by an operator.
func harmless(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
