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

// limits bound what one import may bring.
type limits struct {
	file  int64 // bytes in one file
	field int   // bytes in one field
	rows  int   // rows in all files
	depth int   // nesting of JSON
	files int
}

var defaultLimits = limits{file: 256 << 20, field: 1 << 20, rows: 5_000_000, depth: 32, files: 1000}

// readCSV reads one table. Each fault is reported with line and column, and
// the reading goes on with the next row.
func readCSV(file, stem string, e *entity, data []byte, lim limits, rep *Report) []row {
	data = decode(file, data, rep)
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	r.Comma = delimiter(data)
	var header []string
	var rows []row
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			column := bad.Column
			if bad.Line != bad.StartLine { // an open quote swallows lines: where it began is what helps
				column = 0
			}
			rep.add("csv.quotes", file, bad.StartLine, column, "")
			continue
		}
		if err != nil {
			rep.add("file.unreadable", file, 0, 0, "")
			break
		}
		if header == nil {
			header = readHeader(file, e, cells, rep)
			continue
		}
		if len(rows) >= lim.rows {
			line, _ := r.FieldPos(0)
			rep.add("rows.too_many", file, line, 0, "")
			break
		}
		line, _ := r.FieldPos(0)
		o := Object{}
		for i, cell := range cells {
			if cell == "" {
				continue
			}
			_, column := r.FieldPos(i)
			if i >= len(header) {
				rep.add("csv.extra_cells", file, line, column, "")
				for len(header) <= i {
					header = append(header, "column_"+strconv.Itoa(len(header)+1))
				}
			}
			if v, ok := cellValue(file, line, column, header[i], cell, lim, rep); ok {
				o[header[i]] = v
			}
		}
		rows = append(rows, row{entity: e, table: stem, object: o, file: file, line: line})
	}
	return rows
}

// cellValue cleans one cell and makes a number of it where HSDS has one.
func cellValue(file string, line, column int, field, cell string, lim limits, rep *Report) (any, bool) {
	if len(cell) > lim.field {
		rep.add("text.too_long", file, line, column, field)
		return nil, false
	}
	text, changed := clean(cell)
	if changed {
		rep.add("text.control", file, line, column, field)
	}
	if text == "" {
		return nil, false
	}
	if numeric[field] {
		if isNumber(text) {
			return json.Number(text), true
		}
		rep.add("number.unreadable", file, line, column, field)
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

func readHeader(file string, e *entity, cells []string, rep *Report) []string {
	header := make([]string, len(cells))
	has := map[string]bool{}
	for _, c := range cells {
		has[strings.ToLower(strings.TrimSpace(c))] = true
	}
	seen := map[string]bool{}
	for i, c := range cells {
		c, _ = clean(c)
		c = strings.ToLower(c)
		if c == "" {
			rep.add("csv.header_empty", file, 1, i+1, "")
			c = "column_" + strconv.Itoa(i+1)
		}
		if to, ok := e.renames[c]; ok && !has[to] {
			c = to
		}
		for seen[c] {
			rep.add("csv.header_twice", file, 1, i+1, "")
			c += "_" + strconv.Itoa(i+1)
		}
		seen[c] = true
		header[i] = c
	}
	return header
}

// delimiter looks at the first line: some programs write semicolons or tabs
// and call it CSV.
func delimiter(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, d := range []rune{';', '\t'} {
		if n := bytes.Count(line, []byte(string(d))); n > most {
			best, most = d, n
		}
	}
	return best
}
