package directory

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"hash/maphash"
	"io"
	"maps"
	"slices"
)

// tables writes what is published as a tabular data package: a CSV file for
// each table of HSDS that has rows, and datapackage.json, in a ZIP archive.
// Each table is a walk of its own through the records, of which one is decoded
// at a time.
func (p *Published) tables(w io.Writer) error {
	z := zip.NewWriter(w)
	var resources []any
	for _, e := range entities {
		columns := p.columnsOf(e)
		if columns == nil {
			continue
		}
		file, err := z.Create(e.files[0] + ".csv")
		if err != nil {
			return err
		}
		if err := p.writeTable(file, e, columns); err != nil {
			return err
		}
		resources = append(resources, resourceOf(e, columns))
	}
	file, err := z.Create("datapackage.json")
	if err != nil {
		return err
	}
	enc := json.NewEncoder(file)
	enc.SetIndent("", "  ")
	if err := enc.Encode(Object{"name": "hsds", "profile": "tabular-data-package", "title": "Human Services Data Specification 3.1", "resources": append([]any{}, resources...)}); err != nil {
		return err
	}
	return z.Close()
}

func resourceOf(e *entity, columns []string) Object {
	fields := []any{}
	for _, c := range columns {
		kind := "string"
		if numeric[c] && slices.Contains(e.columns, c) {
			kind = "number"
		}
		fields = append(fields, Object{"name": guard(c), "type": kind})
	}
	return Object{
		"name": e.files[0], "path": e.files[0] + ".csv", "profile": "tabular-data-resource", "format": "csv", "mediatype": "text/csv",
		"schema": Object{"primaryKey": "id", "fields": fields},
	}
}

// columnsOf are the columns of a table: those of HSDS, and whatever else its
// rows have. Nil if it has no rows.
func (p *Published) columnsOf(e *entity) []string {
	more, rows := map[string]bool{}, 0
	_ = p.rows(e, func(o Object) error {
		rows++
		for k := range o {
			if !slices.Contains(e.columns, k) {
				more[k] = true
			}
		}
		return nil
	})
	if rows == 0 {
		return nil
	}
	return append(slices.Clone(e.columns), sortedKeys(more)...)
}

func (p *Published) writeTable(w io.Writer, e *entity, columns []string) error {
	out := csv.NewWriter(w)
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = guard(c) // one that HSDS does not have is named as somebody liked
	}
	if err := out.Write(names); err != nil {
		return err
	}
	seed, seen := maphash.MakeSeed(), map[uint64]bool{} // a phone of a service and of its place is one row
	cells := make([]string, len(columns))
	err := p.rows(e, func(o Object) error {
		var h maphash.Hash
		h.SetSeed(seed)
		for i, c := range columns {
			cells[i] = guard(cell(o[c]))
			_, _ = h.WriteString(cells[i])
			_ = h.WriteByte(0)
		}
		if seen[h.Sum64()] {
			return nil
		}
		seen[h.Sum64()] = true
		return out.Write(cells)
	})
	if err != nil {
		return err
	}
	out.Flush()
	return out.Error()
}

func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	var b bytes.Buffer
	writeJSON(&b, v)
	return b.String()
}

// rows gives the rows of one table.
func (p *Published) rows(want *entity, emit func(Object) error) error {
	w := &walk{want: want, emit: emit, marks: marksOf(want)}
	for _, o := range p.orgs {
		w.record(entOrganization, whole(o.appendTo(nil, true)), nil)
	}
	for _, s := range p.services {
		var extra Object
		if s.program != "" {
			extra = Object{"program_id": s.program}
		}
		w.record(entService, whole(serviceFields(nil, s, true)), extra)
	}
	told := map[string]bool{}
	place := func(f *placeFragment) {
		if f != nil && f.level == Full && !told[f.id] {
			told[f.id] = true
			w.record(entLocation, whole(f.appendTo(nil, true)), nil)
		}
	}
	for _, at := range p.sals {
		f := at.place()
		if f == nil || f.level == Full {
			w.record(entSAL, whole(at.sal().appendTo(nil, true)), Object{"service_id": at.service.id})
		}
		place(f)
	}
	for _, o := range p.orgs {
		for _, f := range o.places {
			place(f)
		}
	}
	for _, t := range p.terms {
		w.record(entTerm, whole(t.appendTo(nil, true)), nil)
	}
	for _, t := range p.taxonomies {
		w.record(entTaxonomy, whole(t.appendTo(nil, true)), nil)
	}
	for _, note := range p.notes {
		w.record(entTableNote, whole(note.appendTo(nil, true)), nil)
	}
	return w.err
}

// walk goes through records for the rows of one table.
type walk struct {
	want  *entity
	marks [][]byte // a record without any of these has no row of the table
	emit  func(Object) error
	err   error
}

// marksOf are the fields in which rows of a table stand.
func marksOf(e *entity) (marks [][]byte) {
	for list, child := range entityByList {
		if child == e {
			marks = append(marks, []byte(`"`+list+`"`))
		}
	}
	for field, kind := range objectFields {
		if kind == e.name {
			marks = append(marks, []byte(`"`+field+`"`))
		}
	}
	return marks
}

func (w *walk) record(kind string, text []byte, more Object) {
	if w.err != nil || kind != w.want.name && !slices.ContainsFunc(w.marks, func(m []byte) bool { return bytes.Contains(text, m) }) {
		return
	}
	o, err := parse(string(text))
	if err != nil {
		w.err = err
		return
	}
	maps.Copy(o, more)
	w.object(entityByName[kind], o)
}

// object emits an object if it is a row of the table, and what lives in it.
func (w *walk) object(e *entity, o Object) {
	flat := Object{}
	for _, k := range sortedKeys(o) {
		switch v := o[k].(type) {
		case []any:
			if child := entityByList[k]; child != nil {
				w.list(e, o, child, v)
				continue
			}
			flat[k] = v
		case Object:
			kind := objectFields[k]
			if kind == "" {
				flat[k] = v
				continue
			}
			named := map[string]string{"taxonomy_detail": "taxonomy_id"}[k]
			flat[first(named, k+"_id")] = str(v, "id")
			if kind == entProgram {
				v["organization_id"] = first(str(v, "organization_id"), str(o, "organization_id"))
			}
			if kind == entProgram || kind == entUnit { // terms have rows of their own
				w.object(entityByName[kind], v)
			}
		default:
			flat[k] = v
		}
	}
	if e == w.want && w.err == nil {
		w.err = w.emit(flat)
	}
}

func (w *walk) list(parent *entity, o Object, child *entity, list []any) {
	for _, v := range list {
		c, ok := v.(Object)
		if !ok {
			continue
		}
		switch field := parent.name + "_id"; {
		case child.name == entAttribute:
			c["link_id"], c["link_entity"] = str(o, "id"), parent.name
		case child.name == entMetadata:
			c["resource_id"], c["resource_type"] = str(o, "id"), parent.name
		case child.parents[field] != "":
			c[field] = str(o, "id")
		}
		w.object(child, c)
	}
}
