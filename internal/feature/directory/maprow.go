package directory

import (
	"maps"
	"path"
	"slices"
	"strings"
)

// keptColumns is the field of a record in which columns are kept that mean
// nothing to HSDS. It is never published.
const keptColumns = "source_columns"

// checkColumns compares a table's header with the mapping: which columns it
// names in vain, and which it does not name.
func (t *tableReader) checkColumns(has map[string]bool) {
	named := map[string]bool{}
	kept := false
	for _, m := range t.maps {
		kept = kept || m.keep != ""
		for _, c := range m.order {
			if !has[c] && !named[c] {
				t.rep.add("map.column_missing", t.file, 1, 0, c)
			}
			named[c] = true
		}
		for c := range m.when {
			named[c] = true
		}
	}
	for i, c := range t.header {
		switch {
		case t.maps == nil || named[c]:
		case kept:
			t.rep.add("map.column_kept", t.file, 1, i+1, c)
		default:
			t.rep.add("map.column_unused", t.file, 1, i+1, c)
		}
	}
}

// spread makes the rows of HSDS that one row of somebody's table is.
func (t *tableReader) spread(line int, values Object) error {
	given := 0
	for _, m := range t.maps {
		if !m.fits(values) {
			continue
		}
		s := &spreading{t: t, m: m, line: line, values: values, made: map[string]*bundle{}, used: map[string]bool{}}
		for _, r := range s.rows() {
			given++
			if err := t.to(r); err != nil {
				return err
			}
		}
	}
	if given == 0 && len(values) > 0 {
		t.rep.add("map.no_row", t.file, line, 0, "")
	}
	return nil
}

// fits says whether a row is one of those that a block is for.
func (t *mapped) fits(values Object) bool {
	for column, words := range t.when {
		if !slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, str(values, column)) }) {
			return false
		}
	}
	return true
}

// spreading is one row of theirs on its way into rows of ours.
type spreading struct {
	t      *tableReader
	m      *mapped
	line   int
	values Object
	made   map[string]*bundle
	order  []*bundle
	used   map[string]bool // columns that stand somewhere as they are
}

// bundle is a row of a model, or several that differ in what a list gave.
type bundle struct {
	model string
	key   string // "" for the model's plain row
	one   Object
	many  []Object
}

func (s *spreading) rows() []row {
	for _, column := range s.m.order {
		for _, g := range s.m.columns[column] {
			s.put(column, g)
		}
	}
	for _, g := range s.m.set {
		if b := s.made[g.model+"/"+g.as]; b != nil && b.one[g.field] == nil {
			b.one[g.field] = g.value
		}
	}
	s.keepRest()
	return s.chosen()
}

// put takes a column's value to one of its targets.
func (s *spreading) put(column string, g target) {
	text := str(s.values, column)
	if text == "" {
		if g.required {
			s.t.rep.add("map.required", s.t.file, s.line, 0, column)
		}
		return
	}
	if g.private != "" && private(str(s.values, g.private)) {
		s.used[column] = true
		s.t.rep.add("map.private", s.t.file, s.line, 0, column)
		return
	}
	as, whole := text, true
	if g.values != nil {
		as, whole = g.values[text], false
		if as == "" {
			as = g.values["*"]
		}
		if as == "" {
			return
		}
	}
	if g.value != "" {
		as, whole = g.value, false
	}
	b := s.bundle(g)
	got, ok := readings[g.read](g, as)
	if !ok {
		s.t.rep.add("map.unreadable", s.t.file, s.line, 0, column)
		return
	}
	s.used[column] = s.used[column] || whole && g.read == ""
	if len(got) == 1 {
		s.join(b.one, got[0], g)
		maps.Copy(b.one, objectOf(g.with))
		return
	}
	for _, o := range got {
		maps.Copy(o, objectOf(g.with))
	}
	b.many = append(b.many, got...)
}

func objectOf(texts map[string]string) Object {
	o := Object{}
	for k, v := range texts {
		o[k] = v
	}
	return o
}

// join puts fields into a row: the first says it, unless it is to be added to.
func (s *spreading) join(into, o Object, g target) {
	for k, v := range o {
		have := str(into, k)
		if g.add && have != "" {
			into[k] = have + g.between + str(o, k)
			continue
		}
		if have == "" {
			into[k] = v
		}
	}
}

// private reads a column that says whether another is for nobody. A word that
// we do not know hides: whoever wrote it meant something by it.
func private(text string) bool {
	switch strings.ToLower(text) {
	case "", "no", "false", "0", "n", "f", "public":
		return false
	}
	return true
}

func (s *spreading) bundle(g target) *bundle {
	key := g.model + "/" + g.as
	b := s.made[key]
	if b == nil {
		b = &bundle{model: g.model, key: g.as, one: Object{}}
		s.made[key] = b
		s.order = append(s.order, b)
	}
	return b
}

// keepRest keeps in the row of one model what no target holds as it was
// written, unless it is marked as private.
func (s *spreading) keepRest() {
	b := s.made[s.m.keep+"/"]
	if s.m.keep == "" || b == nil {
		return
	}
	rest := Object{}
	for column, v := range s.values {
		if !s.used[column] && !s.isPrivate(column) {
			rest[column] = v
		}
	}
	if len(rest) > 0 {
		b.one[keptColumns] = rest
	}
}

func (s *spreading) isPrivate(column string) bool {
	for by, patterns := range s.m.private {
		if !private(str(s.values, by)) {
			continue
		}
		for _, p := range patterns {
			if ok, _ := path.Match(p, column); ok {
				return true
			}
		}
	}
	return false
}

// chosen leaves out the rows that say nothing but what they belong to: a second
// number that is not there, a place without an address and what leads to it.
func (s *spreading) chosen() (out []row) {
	wanted := map[string]bool{} // locations that something lives in
	for _, b := range s.order {
		if name := b.entity(); b.key == "" || name != entLocation && name != entSAL && !b.bare() {
			wanted[str(b.one, "location_id")] = true
		}
	}
	gone := map[string]bool{}
	for _, b := range s.order {
		if b.entity() == entLocation && b.key != "" && b.bare() && !wanted[str(b.one, "id")] {
			gone[b.key] = true
		}
	}
	for _, b := range s.order {
		switch name := b.entity(); {
		case name == entSchedule && b.bare(): // no hours are said
			continue
		case b.key == "":
		case name == entLocation || name == entSAL:
			if gone[b.key] {
				continue
			}
		case b.bare():
			continue
		}
		out = append(out, s.rowsOf(b)...)
	}
	return out
}

func (b *bundle) entity() string {
	if e := entityByFile[b.model]; e != nil {
		return e.name
	}
	return ""
}

// bare says that a row has nothing but names: its own and of others.
func (b *bundle) bare() bool {
	e := entityByFile[b.model]
	if b.many != nil || e == nil {
		return false
	}
	for k := range b.one {
		switch {
		case k == "id", k == "location_type", k == "address_visibility", k == e.openField(), e.parents[k] != "", e.refs[k] != "":
		default:
			return false
		}
	}
	return true
}

// rowsOf gives a bundle's rows.
func (s *spreading) rowsOf(b *bundle) (out []row) {
	e := entityByFile[b.model]
	list := []Object{b.one}
	if b.many != nil {
		list = b.many
		for _, o := range list {
			for k, v := range b.one {
				if o[k] == nil {
					o[k] = v
				}
			}
		}
	}
	for _, o := range list {
		out = append(out, row{entity: e, table: b.model, object: s.numbers(e, o), file: s.t.file, line: s.line})
	}
	return out
}

// numbers makes numbers where HSDS has them, and writes the names of HSDS 3.1.
func (s *spreading) numbers(e *entity, o Object) Object {
	if e == nil {
		return o
	}
	out := Object{}
	for k, v := range o {
		if to := e.renames[k]; to != "" && o[to] == nil {
			k = to
		}
		text, isText := v.(string)
		if isText && numeric[k] {
			if n, ok := numberOf(text); ok {
				v = n
			} else {
				s.t.rep.add("number.unreadable", s.t.file, s.line, 0, k)
			}
		}
		out[k] = v
	}
	return out
}
