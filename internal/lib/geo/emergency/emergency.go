// Package emergency gives the emergency numbers of countries, each with the
// law, regulator, public body or official statement that it comes from.
//
// It promises that a country whose number we could not source has none: a
// wrong number in danger is worse than a page that says "ask us".
//
// Its limits: no person has reviewed the table yet. It was compiled from
// published texts, read on the date in each row; some are old, and a number
// can change or fail in a region. An operator checks the rows of their own
// country before going live, as README.md here tells, and puts corrections
// beside the program with Load.
package emergency

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Service is what a number reaches.
type Service string

// The services. All is one number for every emergency; Text takes text
// messages, nearly always with a condition (see Who).
const (
	All       Service = "all"
	Police    Service = "police"
	Ambulance Service = "ambulance"
	Fire      Service = "fire"
	Text      Service = "text"

	// none is a row by which an operator takes all numbers of a country away.
	none Service = "none"
)

// Kind is how strong a source is.
type Kind string

// The kinds, strongest first. A Statement is an official one that we read in
// the press.
const (
	Law        Kind = "law"
	Regulator  Kind = "regulator"
	Government Kind = "government"
	Statement  Kind = "statement"
	Operator   Kind = "operator" // put right by whoever runs this hotline
)

// Who may use a number for text messages.
const (
	Anyone     = "anyone"
	Registered = "registered"  // only phones registered beforehand
	SomePlaces = "some places" // only where the local centre can
)

// Number is one emergency number and where it comes from.
type Number struct {
	Country string // ISO 3166-1
	Service Service
	Number  string // digits, as dialled
	Who     string // for Text: who may; otherwise empty
	Kind    Kind
	Source  string // title or legal citation
	URL     string
	Dated   string // of the source: 2006, 2006-01 or 2006-01-02; empty if it bears none
	Read    string // the day on which we read it
	Note    string // in English, for staff; never shown to the public untranslated
}

//go:embed numbers.csv
var file string

var shipped = sync.OnceValue(func() Table {
	t, err := Load(strings.NewReader(file))
	if err != nil {
		panic(err) // part of the program; every test reads it
	}
	return t
})

// Table is the numbers of every country that has any. A country with an empty
// list had its numbers taken away by an operator.
type Table map[string][]Number

// Shipped is the table inside the program.
func Shipped() Table { return shipped() }

// For gives the numbers of a country: one for everything first, then police,
// ambulance, fire, text. There are none when we know none.
func For(country string) []Number { return shipped().For(country) }

// For is the function For on this table.
func (t Table) For(country string) []Number {
	return slices.Clone(t[strings.ToUpper(country)])
}

// First gives the number to show first to somebody in danger: the one for
// everything, or else that of the police.
func (t Table) First(country string) (Number, bool) {
	for _, s := range []Service{All, Police} {
		for _, n := range t[strings.ToUpper(country)] {
			if n.Service == s {
				return n, true
			}
		}
	}
	return Number{}, false
}

// With gives the table in which every country of corrections has the
// corrected numbers and no others. A country is corrected as a whole, so that
// an old number does not stay beside the new one.
func (t Table) With(corrections Table) Table {
	out := Table{}
	maps.Copy(out, t)
	maps.Copy(out, corrections)
	return out
}

const mostRows = 2000

var header = []string{"country", "service", "number", "who", "kind", "source", "url", "dated", "read", "note"}

// Load reads a table of the form of numbers.csv. It refuses the whole table
// for one bad row, and says which: half a table of emergency numbers is none.
func Load(r io.Reader) (Table, error) {
	in := csv.NewReader(io.LimitReader(r, 1<<20))
	in.FieldsPerRecord = len(header)
	rows, err := in.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("emergency numbers: %w", err)
	}
	if len(rows) == 0 || !slices.Equal(rows[0], header) {
		return nil, fmt.Errorf("emergency numbers: the first line must be %s", strings.Join(header, ","))
	}
	if len(rows) > mostRows {
		return nil, errors.New("emergency numbers: too many rows")
	}
	t := Table{}
	for i, row := range rows[1:] {
		n := Number{row[0], Service(row[1]), row[2], row[3], Kind(row[4]), row[5], row[6], row[7], row[8], row[9]}
		if err := n.check(); err != nil {
			return nil, fmt.Errorf("emergency numbers, line %d: %w", i+2, err)
		}
		if n.Service == none {
			t[n.Country] = slices.Clip(t[n.Country]) // in the table, even when empty
			continue
		}
		t[n.Country] = append(t[n.Country], n)
	}
	rank := []Service{All, Police, Ambulance, Fire, Text}
	for _, list := range t {
		slices.SortStableFunc(list, func(a, b Number) int {
			return slices.Index(rank, a.Service) - slices.Index(rank, b.Service)
		})
	}
	return t, nil
}
