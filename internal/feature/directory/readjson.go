package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strings"
)

// lineKey holds, while reading, the line on which an object begins. No JSON
// text can have it: clean takes NUL out of every key.
const lineKey = "\x00line"

// errDepth stops the reader of a document that is nested too deeply.
var errDepth = errors.New("nested too deeply")

// jsonReader reads values one token at a time, so that depth, repeated keys
// and lines are seen, which json.Unmarshal hides.
type jsonReader struct {
	file string
	data []byte
	dec  *json.Decoder
	lim  limits
	rep  *Report
	at   int64 // offset up to which lines are counted
	line int
}

// readJSON gives every top-level value of a file: one for a document, many
// for newline-delimited JSON.
func readJSON(file string, data []byte, lim limits, rep *Report) []any {
	data = decode(file, data, rep)
	r := &jsonReader{file: file, data: data, lim: lim, rep: rep, line: 1}
	r.dec = json.NewDecoder(bytes.NewReader(data))
	r.dec.UseNumber()
	var values []any
	for {
		v, err := r.value(0)
		if errors.Is(err, io.EOF) {
			return values
		}
		if err != nil {
			line := r.lineAt(r.dec.InputOffset())
			code := "json.syntax"
			if errors.Is(err, errDepth) {
				code = "json.depth"
			}
			start := bytes.LastIndexByte(r.data[:min(r.at, int64(len(r.data)))], '\n')
			rep.add(code, file, line, int(r.at)-start, "")
			return values
		}
		values = append(values, v)
	}
}

func (r *jsonReader) lineAt(offset int64) int {
	offset = min(offset, int64(len(r.data)))
	r.line += bytes.Count(r.data[r.at:offset], []byte("\n"))
	r.at = offset
	return r.line
}

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
			return r.text(s, ""), nil
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
		tok, err := r.dec.Token()
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return nil, err
		}
		key, _ := tok.(string)
		key, _ = clean(key)
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, twice := o[key]; twice {
			r.rep.add("json.key_twice", r.file, r.lineAt(r.dec.InputOffset()), 0, "")
		}
		if key != "" {
			o[key] = v
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

func (r *jsonReader) text(s, field string) string {
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

// rowsOf turns the values of a JSON file into rows: lists, pages, tables
// keyed by file name ("tabular"), and single documents.
func rowsOf(file string, values []any, rep *Report) []row {
	stem := strings.ToLower(strings.TrimSuffix(path.Base(file), path.Ext(file)))
	var rows []row
	for _, v := range values {
		rows = append(rows, rowsOfValue(file, stem, v, rep)...)
	}
	return rows
}

func rowsOfValue(file, stem string, v any, rep *Report) []row {
	switch v := v.(type) {
	case []any:
		var rows []row
		for _, item := range v {
			if _, nested := item.([]any); nested {
				rep.add("json.not_record", file, 0, 0, "")
				rows = append(rows, looseRow(file, stem, Object{"value": item}))
				continue
			}
			rows = append(rows, rowsOfValue(file, stem, item, rep)...)
		}
		return rows
	case Object:
		return rowsOfObject(file, stem, v, rep)
	}
	rep.add("json.not_record", file, 0, 0, "")
	return []row{looseRow(file, stem, Object{"value": v})}
}

func rowsOfObject(file, stem string, o Object, rep *Report) []row {
	if list, ok := o["contents"].([]any); ok {
		return rowsOfValue(file, stem, list, rep)
	}
	if _, ok := o["openapi_url"]; ok && o["id"] == nil {
		rep.add("file.api_root", file, lineOf(o), 0, "")
		return nil
	}
	var rows []row
	tables := false
	for _, key := range sortedKeys(o) {
		list, ok := o[key].([]any)
		e := entityByFile[strings.TrimSuffix(key, ".csv")]
		if !ok || e == nil || !strings.HasSuffix(key, ".csv") {
			continue
		}
		tables = true
		for _, item := range list {
			if c, ok := item.(Object); ok {
				rows = append(rows, row{entity: e, table: strings.TrimSuffix(key, ".csv"), object: c, file: file, line: lineOf(c)})
			} else {
				rep.add("json.not_record", file, lineOf(o), 0, "")
			}
		}
	}
	if tables {
		return rows
	}
	e := entityOf(stem, o)
	if e == nil {
		rep.add("json.not_record", file, lineOf(o), 0, "")
		return []row{looseRow(file, stem, o)}
	}
	return []row{{entity: e, table: e.files[0], object: o, file: file, line: lineOf(o)}}
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
