package directory

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// lineKey holds, while reading, the line on which an object begins. No JSON
// text can have it: clean takes NUL out of every key.
const lineKey = "\x00line"

// errDepth stops the reader of a document that is nested too deeply.
var errDepth = errors.New("nested too deeply")

// jsonReader reads values one token at a time, so that depth, repeated keys
// and lines are seen, which json.Unmarshal hides, and so that a list of a million
// records is never in memory as a whole.
type jsonReader struct {
	file, stem string
	text       *textReader
	lines      *lineCounter
	bounded    *boundedReader
	dec        *json.Decoder
	lim        limits
	rep        *Report
	to         sink
	rows       int
}

// readJSON gives the rows in a file: of a document, of a list or a page of
// them, of tables keyed by file name ("tabular"), of newline-delimited JSON.
func (r *jsonReader) readJSON(from io.Reader) error {
	r.text = newTextReader(r.file, from, r.lim.file, r.rep)
	r.bounded = &boundedReader{from: r.text, room: r.lim.row, most: r.lim.row}
	r.lines = &lineCounter{from: r.bounded, line: 1}
	r.dec = json.NewDecoder(r.lines)
	r.dec.UseNumber()
	for {
		r.bounded.room = r.lim.row
		tok, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = r.top(tok)
		}
		if err == nil {
			continue
		}
		if stop, ok := errors.AsType[stopped](err); ok {
			return stop.error
		}
		r.failed(err)
		return nil
	}
}

// stopped is an error of whoever takes the rows, not of the file.
type stopped struct{ error }

func (r *jsonReader) give(rows []row) error {
	for _, one := range rows {
		r.rows++
		if err := r.to(one); err != nil {
			return stopped{err}
		}
	}
	return nil
}

func (r *jsonReader) failed(err error) {
	line, column := r.lineAt(r.dec.InputOffset()), r.lines.column(r.dec.InputOffset())
	switch {
	case errors.Is(err, errFileTooLarge):
		r.rep.add("file.too_large", r.file, 0, 0, "")
	case errors.Is(err, errRowTooLong):
		r.rep.add("row.too_long", r.file, line, 0, "")
	case errors.Is(err, errDepth):
		r.rep.add("json.depth", r.file, line, column, "")
	default:
		r.rep.add("json.syntax", r.file, line, column, "")
	}
}

// top reads a value that stands in nothing: lists record by record.
func (r *jsonReader) top(tok json.Token) error {
	switch tok {
	case json.Delim('['):
		if err := r.list(func(v any) []row { return rowsOfItem(r.file, r.stem, v, r.here(), r.rep) }); err != nil {
			return err
		}
		return r.end()
	case json.Delim('{'):
		return r.document()
	}
	v, err := r.fromToken(tok, 0)
	if err != nil {
		return err
	}
	return r.give(rowsOfValue(r.file, r.stem, v, r.here(), r.rep))
}

// list reads the items of a list that has begun.
func (r *jsonReader) list(rows func(any) []row) error {
	for r.dec.More() {
		v, err := r.value(1)
		if err != nil {
			return err
		}
		if err := r.give(rows(v)); err != nil {
			return err
		}
		r.bounded.room = r.lim.row
	}
	return nil
}

// document reads an object that stands in nothing. Of a page and of tables the
// records are given as they come.
func (r *jsonReader) document() error {
	o, given := Object{lineKey: r.lineAt(r.dec.InputOffset())}, false
	for r.dec.More() {
		key, tok, err := r.member()
		if err != nil {
			return err
		}
		table := strings.TrimSuffix(key, ".csv")
		e := entityByFile[table]
		switch {
		case tok == json.Delim('[') && key == "contents":
			given = true
			err = r.list(func(v any) []row { return rowsOfItem(r.file, r.stem, v, r.here(), r.rep) })
		case tok == json.Delim('[') && table != key && e != nil:
			given = true
			err = r.list(func(v any) []row { return tableRow(r.file, table, e, v, r.here(), r.rep) })
		default:
			err = r.put(o, key, tok, 1)
			if err == nil {
				continue
			}
		}
		if err == nil {
			err = r.end()
		}
		if err != nil {
			return err
		}
	}
	if err := r.end(); err != nil || given {
		return err
	}
	return r.give(rowsOfObject(r.file, r.stem, o, r.rep))
}

// member reads a key and where its value begins.
func (r *jsonReader) member() (key string, value json.Token, err error) {
	tok, err := r.dec.Token()
	if err == nil {
		key, _ = tok.(string)
		key, _ = clean(key)
		value, err = r.dec.Token()
	}
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return key, value, err
}

func (r *jsonReader) put(o Object, key string, tok json.Token, depth int) error {
	v, err := r.fromToken(tok, depth)
	if err != nil {
		return err
	}
	if _, twice := o[key]; twice {
		r.rep.add("json.key_twice", r.file, r.lineAt(r.dec.InputOffset()), 0, "")
	}
	if key != "" {
		o[key] = v
	}
	return nil
}

func (r *jsonReader) lineAt(offset int64) int { return r.lines.at(offset) }

// here is the line that was read last.
func (r *jsonReader) here() int { return r.lineAt(r.dec.InputOffset()) }

// lineCounter knows on which line each byte of a stream was, for as long as
// somebody may ask.
type lineCounter struct {
	from  io.Reader
	got   int64
	line  int
	start int64   // where that line begins
	ends  []int64 // of the lines after it
}

func (l *lineCounter) Read(p []byte) (int, error) {
	n, err := l.from.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			l.ends = append(l.ends, l.got+int64(i))
		}
	}
	l.got += int64(n)
	return n, err
}

// at is the line of an offset; offsets only grow.
func (l *lineCounter) at(offset int64) int {
	n := 0
	for n < len(l.ends) && l.ends[n] < offset {
		n++
	}
	if n > 0 {
		l.line, l.start = l.line+n, l.ends[n-1]+1
		l.ends = append(l.ends[:0], l.ends[n:]...)
	}
	return l.line
}

func (l *lineCounter) column(offset int64) int { return int(offset-l.start) + 1 }

func (r *jsonReader) value(depth int) (any, error) {
	tok, err := r.dec.Token()
	if err != nil {
		if depth > 0 && errors.Is(err, io.EOF) {
			return nil, io.ErrUnexpectedEOF
		}
		return nil, err
	}
	return r.fromToken(tok, depth)
}

func (r *jsonReader) fromToken(tok json.Token, depth int) (any, error) {
	delim, ok := tok.(json.Delim)
	if !ok {
		if s, ok := tok.(string); ok {
			return r.said(s, ""), nil
		}
		return tok, nil
	}
	if depth >= r.lim.depth {
		return nil, errDepth
	}
	if delim == '[' {
		list := []any{}
		for r.dec.More() {
			v, err := r.value(depth + 1)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		return list, r.end()
	}
	o := Object{lineKey: r.lineAt(r.dec.InputOffset())}
	for r.dec.More() {
		key, tok, err := r.member()
		if err == nil {
			err = r.put(o, key, tok, depth+1)
		}
		if err != nil {
			return nil, err
		}
	}
	return o, r.end()
}

// end reads the closing bracket. A file that ends before it is cut off.
func (r *jsonReader) end() error {
	_, err := r.dec.Token()
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (r *jsonReader) said(s, field string) string {
	if len(s) > r.lim.field {
		r.rep.add("text.too_long", r.file, r.lineAt(r.dec.InputOffset()), 0, field)
		return ""
	}
	s, changed := clean(s)
	if changed {
		r.rep.add("text.control", r.file, r.lineAt(r.dec.InputOffset()), 0, field)
	}
	return s
}

// rowsOfItem is a record of a list.
func rowsOfItem(file, stem string, v any, line int, rep *Report) []row {
	if _, nested := v.([]any); nested {
		rep.add("json.not_record", file, line, 0, "")
		return []row{looseRow(file, stem, Object{"value": v})}
	}
	return rowsOfValue(file, stem, v, line, rep)
}

func rowsOfValue(file, stem string, v any, line int, rep *Report) []row {
	if o, ok := v.(Object); ok {
		return rowsOfObject(file, stem, o, rep)
	}
	rep.add("json.not_record", file, line, 0, "")
	return []row{looseRow(file, stem, Object{"value": v})}
}

// rowsOfObject are those of a document, or of a page within a list of pages.
func rowsOfObject(file, stem string, o Object, rep *Report) (rows []row) {
	if list, ok := o["contents"].([]any); ok {
		for _, v := range list {
			rows = append(rows, rowsOfItem(file, stem, v, lineOf(o), rep)...)
		}
		return rows
	}
	if _, ok := o["openapi_url"]; ok && o["id"] == nil {
		rep.add("file.api_root", file, lineOf(o), 0, "")
		return nil
	}
	e := entityOf(stem, o)
	if e == nil {
		rep.add("json.not_record", file, lineOf(o), 0, "")
		return []row{looseRow(file, stem, o)}
	}
	return []row{{entity: e, table: e.files[0], object: o, file: file, line: lineOf(o)}}
}

// tableRow is a row of one of the tables in a document.
func tableRow(file, table string, e *entity, v any, line int, rep *Report) []row {
	o, ok := v.(Object)
	if !ok {
		rep.add("json.not_record", file, line, 0, "")
		return nil
	}
	return []row{{entity: e, table: table, object: o, file: file, line: lineOf(o)}}
}

func looseRow(file, stem string, o Object) row {
	return row{entity: nil, table: stem, object: o, file: file, line: lineOf(o)}
}

func lineOf(o Object) int {
	n, _ := o[lineKey].(int)
	return n
}

// entityOf tells what an object is, by the file's name where it says so and
// by what only that entity has.
func entityOf(stem string, o Object) *entity {
	for _, suffix := range []string{"_full", "_list"} {
		stem = strings.TrimSuffix(stem, suffix)
	}
	if e := entityByFile[stem]; e != nil && e.record || e != nil && e.name == entSAL {
		return e
	}
	has := func(keys ...string) bool {
		for _, k := range keys {
			if _, ok := o[k]; ok {
				return true
			}
		}
		return false
	}
	switch {
	case has("location_type", "latitude", "addresses"):
		return entityByName[entLocation]
	case has("service_at_locations", "status", "organization", "fees_description"):
		return entityByName[entService]
	case has("location", "service", "location_id") && !has("name"):
		return entityByName[entSAL]
	case has("services", "website", "organization_identifiers", "legal_status", "year_incorporated", "programs"):
		return entityByName[entOrganization]
	case has("taxonomy_detail", "term_uri", "taxonomy_id", "code"):
		return entityByName[entTerm]
	case has("version", "uri") && has("name"):
		return entityByName[entTaxonomy]
	case has("organization_id") && has("name"):
		return entityByName[entService]
	}
	return nil
}
