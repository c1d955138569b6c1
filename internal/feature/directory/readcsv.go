package directory

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
)

// row is one object of one table with the place it was read from.
type row struct {
	entity *entity
	table  string // file stem, which is part of a derived id
	object Object
	file   string
	line   int
}

// sink takes rows as they are read. An error ends the reading.
type sink func(row) error

// limits bound what one import may bring.
type limits struct {
	file  int64 // bytes in one file
	field int   // bytes in one field
	row   int   // bytes in one row, or in one record of JSON
	rows  int   // rows in all files
	depth int   // nesting of JSON
	files int
	one   int // bytes of all that belongs to one record
	twice int // rows with one id
}

var defaultLimits = limits{
	file: 4 << 30, field: 1 << 20, row: 8 << 20, rows: 5_000_000, depth: 32, files: 1000, one: 64 << 20, twice: 1000,
}

// tableReader turns the rows of a table into rows of HSDS.
type tableReader struct {
	file, stem string
	entity     *entity   // of the whole table; nil if maps say what a row is
	maps       []*mapped // how the columns become HSDS, from a mapping; nil for tables of HSDS
	lim        limits
	rep        *Report
	to         sink
	header     []string
	rows       int
}

// readCSV reads one table. Each fault is reported with line and column, and
// the reading goes on with the next row. Nothing but the row at hand is in
// memory.
func (t *tableReader) readCSV(from io.Reader) error {
	text := newTextReader(t.file, from, t.lim.file, t.rep)
	comma := delimiter(text.peek())
	bounded := &boundedReader{from: text, room: t.lim.row, most: t.lim.row}
	r := csv.NewReader(bounded)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	r.Comma = comma
	last := 0
	for {
		bounded.room = bounded.most
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			column := bad.Column
			if bad.Line != bad.StartLine { // an open quote swallows lines: where it began is what helps
				column = 0
			}
			t.rep.add("csv.quotes", t.file, bad.StartLine, column, "")
			last = bad.Line
			continue
		}
		switch {
		case errors.Is(err, errRowTooLong):
			t.rep.add("row.too_long", t.file, last+1, 0, "")
			return nil
		case errors.Is(err, errFileTooLarge):
			t.rep.add("file.too_large", t.file, 0, 0, "")
			return nil
		case err != nil:
			t.rep.add("file.unreadable", t.file, 0, 0, "")
			return nil //nolint:nilerr // it is in the report
		}
		line, _ := r.FieldPos(0)
		last, _ = r.FieldPos(len(cells) - 1)
		if err := t.take(line, cells, func(i int) int { _, column := r.FieldPos(i); return column }); err != nil {
			return err
		}
	}
}

// take reads one row: the first is the header.
func (t *tableReader) take(line int, cells []string, column func(i int) int) error {
	if t.header == nil {
		t.readHeader(cells)
		return nil
	}
	t.rows++
	values := Object{}
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		if i >= len(t.header) {
			t.rep.add("csv.extra_cells", t.file, line, column(i), "")
			for len(t.header) <= i {
				t.header = append(t.header, "column_"+strconv.Itoa(len(t.header)+1))
			}
		}
		if v, ok := t.cell(line, column(i), t.header[i], cell); ok {
			values[t.header[i]] = v
		}
	}
	if len(values) == 0 {
		return nil // office programs write rows of commas behind the last
	}
	if t.maps != nil {
		return t.spread(line, values)
	}
	return t.to(row{entity: t.entity, table: t.stem, object: values, file: t.file, line: line})
}

// cell cleans one cell and makes a number of it where HSDS has one.
func (t *tableReader) cell(line, column int, field, cell string) (any, bool) {
	if len(cell) > t.lim.field {
		t.rep.add("text.too_long", t.file, line, column, field)
		return nil, false
	}
	text, changed := clean(cell)
	if changed {
		t.rep.add("text.control", t.file, line, column, field)
	}
	if text == "" {
		return nil, false
	}
	if guarded(text) {
		text = text[1:]
		t.rep.add("text.guard", t.file, line, column, field)
	}
	if t.maps == nil && numeric[field] {
		if isNumber(text) {
			return json.Number(text), true
		}
		t.rep.add("number.unreadable", t.file, line, column, field)
	}
	return text, true
}

// isNumber says whether s is a JSON number as it stands: "0123" is not, and
// so keeps its nought.
func isNumber(s string) bool {
	if len(s) > 40 {
		return false
	}
	var n json.Number
	if json.Unmarshal([]byte(s), &n) != nil || n.String() != s || s[0] == '"' {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

func (t *tableReader) readHeader(cells []string) {
	t.header = make([]string, len(cells))
	has := map[string]bool{}
	for _, c := range cells {
		has[strings.ToLower(strings.TrimSpace(c))] = true
	}
	seen := map[string]bool{}
	for i, c := range cells {
		c, _ = clean(c)
		if guarded(c) {
			c = c[1:]
			t.rep.add("text.guard", t.file, 1, i+1, "")
		}
		if t.maps == nil {
			c = strings.ToLower(c)
		}
		if c == "" {
			t.rep.add("csv.header_empty", t.file, 1, i+1, "")
			c = "column_" + strconv.Itoa(i+1)
		}
		if t.maps == nil {
			if to, ok := t.entity.renames[c]; ok && !has[to] {
				c = to
			}
		}
		for seen[c] {
			t.rep.add("csv.header_twice", t.file, 1, i+1, "")
			c += "_" + strconv.Itoa(i+1)
		}
		seen[c] = true
		t.header[i] = c
	}
	t.checkColumns(seen)
}

// delimiter looks at the first line: some programs write semicolons or tabs
// and call it CSV.
func delimiter(head []byte) rune {
	line, _, _ := bytes.Cut(head, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, d := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}

// boundedReader stops a row that does not end: one quote that is not closed
// would otherwise take the rest of the file into memory.
type boundedReader struct {
	from       io.Reader
	room, most int
}

var errRowTooLong = errors.New("the row is longer than the limit")

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.room <= 0 {
		return 0, errRowTooLong
	}
	n, err := b.from.Read(p)
	b.room -= n
	return n, err
}
