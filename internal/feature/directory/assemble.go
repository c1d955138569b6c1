package directory

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// record is what is stored: one HSDS object with everything that lives in it.
type record struct {
	kind         string // entity name
	id           string // UUID
	organization string // id, of services and locations
	original     string // id in the source, if it was no UUID
	doc          Object
	sealed       []byte // what a confidential location may not show; see hidden.go
	file         string
	line         int
}

// item is an object on its way into a record, with where it was first read.
type item struct {
	entity *entity
	o      Object
	file   string
	line   int
}

// assembly joins rows of many tables and documents into records.
type assembly struct {
	source  string
	rep     *Report
	items   map[string]*item // by entity and id
	order   []*item          // records in the order read
	rows    []row            // rows that live inside others, to be linked last
	loose   []*item
	content map[string]int // how often rows without id said the same
	counted map[string]bool
	joined  map[string]bool // parent, list and child already put together
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// assemble gives the records in rows. Rows may come in any order.
func assemble(source string, rows []row, rep *Report) []*record {
	a := &assembly{source: source, rep: rep, items: map[string]*item{}, content: map[string]int{}, counted: map[string]bool{}, joined: map[string]bool{}}
	for _, r := range rows {
		a.take(r, "")
	}
	for _, r := range a.rows {
		a.link(r)
	}
	a.checkLinks()
	a.checkCycles()
	return a.records()
}

// take reads one row: ids, older forms, and what is nested in it.
func (a *assembly) take(r row, context string) Object {
	if r.entity == nil {
		stripLines(r.object)
		a.keepLoose(r)
		return r.object
	}
	r = a.oldTerm(r)
	e, o := r.entity, r.object
	delete(o, lineKey)
	asWritten(e, o)
	modernize(r, a.rep)
	a.setID(r, context)
	a.mapIDs(e, o)
	a.takeNested(r)
	if e.record {
		a.put(r)
		return o
	}
	if context == "" {
		a.rows = append(a.rows, r)
	} else {
		a.count(e, o)
		if key := e.name + "/" + str(o, "id"); a.items[key] == nil {
			a.items[key] = &item{e, o, r.file, r.line}
		}
	}
	return o
}

// setID makes the id a UUID that is the same at every import.
func (a *assembly) setID(r row, context string) {
	o := r.object
	id := str(o, "id")
	if low := strings.ToLower(id); uuidForm.MatchString(low) {
		o["id"] = low
		return
	}
	if id != "" {
		o["id"] = ids.DeriveUUID(a.source, idTable(r)+"/"+id)
		o["original_id"] = id
		a.rep.add("id.derived", r.file, r.line, 0, "id")
		return
	}
	delete(o, "id")
	said, err := json.Marshal(stripLines(o))
	if err != nil {
		said = []byte(r.file + strconv.Itoa(r.line))
	}
	name := idTable(r) + "//" + context + "/" + string(said)
	a.content[name]++
	if n := a.content[name]; n > 1 {
		name += "#" + strconv.Itoa(n)
	}
	o["id"] = ids.DeriveUUID(a.source, name)
	a.rep.add("id.missing", r.file, r.line, 0, "id")
}

// idTable is the table whose ids a row's id is one of. Things that others
// refer to have one table; regular and holiday schedules number on their own.
func idTable(r row) string {
	switch r.entity.name {
	case entSchedule, entAddress, entAttribute:
		return r.table
	}
	return r.entity.files[0]
}

// ref is the UUID that an id of an entity stands for.
func (a *assembly) ref(entity, id string) string {
	low := strings.ToLower(id)
	if uuidForm.MatchString(low) {
		return low
	}
	return ids.DeriveUUID(a.source, entityByName[entity].files[0]+"/"+id)
}

func (a *assembly) mapIDs(e *entity, o Object) {
	for _, fields := range []map[string]string{e.parents, e.refs} {
		for field, target := range fields {
			id := str(o, field)
			if id == "" {
				delete(o, field)
				continue
			}
			mapped := a.ref(target, id)
			o[field] = mapped
			if mapped != strings.ToLower(id) && target == entOrganization {
				o["original_"+field] = id
			}
		}
	}
	switch e.name {
	case entAttribute:
		a.mapOpen(o, "link_id", "link_entity")
	case entMetadata:
		a.mapOpen(o, "resource_id", "resource_type")
	}
}

// mapOpen maps an id whose entity another field names.
func (a *assembly) mapOpen(o Object, idField, kindField string) {
	id := str(o, idField)
	if id == "" {
		return
	}
	kind := str(o, kindField)
	if entityByName[kind] == nil {
		kind = entService
	}
	o[idField] = a.ref(kind, id)
}

// takeNested goes into what is inside a document. Records among it (the
// organization of a service, its locations) become records of their own, with
// their ids left in their place.
func (a *assembly) takeNested(r row) {
	o := r.object
	for _, key := range sortedKeys(o) {
		switch v := o[key].(type) {
		case []any:
			child := entityByList[key]
			if child == nil {
				o[key] = stripLines(v)
				continue
			}
			a.takeList(r, key, child, v)
		case Object:
			child := entityByName[key]
			if child == nil || key == entTerm || key == entUnit || key == entProgram {
				o[key] = stripLines(v)
				if key == entProgram && str(o, "program_id") == "" && str(v, "id") != "" {
					o["program_id"] = a.ref(entProgram, str(v, "id"))
				}
				continue
			}
			if !child.record {
				o[key] = stripLines(v)
				continue
			}
			got := a.take(row{child, child.files[0], v, r.file, max(lineOf(v), r.line)}, "")
			delete(o, key)
			o[key+"_id"] = str(got, "id")
		}
	}
}

func (a *assembly) takeList(r row, key string, child *entity, list []any) {
	o := r.object
	kept := make([]any, 0, len(list))
	for _, v := range list {
		c, ok := v.(Object)
		if !ok {
			kept = append(kept, stripLines(v))
			continue
		}
		line := max(lineOf(c), r.line)
		if child.record {
			if r.entity.name == entOrganization && str(c, "organization_id") == "" {
				c["organization_id"] = str(o, "id")
			}
			a.take(row{child, child.files[0], c, r.file, line}, "")
			continue
		}
		a.take(row{child, child.files[0], c, r.file, line}, r.entity.name+"/"+str(o, "id")+"/"+key)
		kept = addTo(kept, c)
	}
	if len(kept) == 0 && child.record {
		delete(o, key)
		return
	}
	o[key] = kept
}

// put adds a record, or merges it into the one with its id.
func (a *assembly) put(r row) {
	key := r.entity.name + "/" + str(r.object, "id")
	if known := a.items[key]; known != nil {
		if !merge(known.o, r.object) {
			a.rep.add("id.twice", r.file, r.line, 0, "")
		}
		return
	}
	it := &item{r.entity, r.object, r.file, r.line}
	a.items[key] = it
	a.order = append(a.order, it)
}

func (a *assembly) count(e *entity, o Object) {
	key := e.name + "/" + str(o, "id")
	if !a.counted[key] {
		a.counted[key] = true
		a.rep.Nested[e.name]++
	}
}

func (a *assembly) keepLoose(r row) {
	a.loose = append(a.loose, &item{r.entity, r.object, r.file, r.line})
}

// merge adds to old what only new says. It is false if they contradict.
func merge(old, add Object) bool {
	agree := true
	for k, v := range add {
		was, ok := old[k]
		if !ok || empty(was) {
			old[k] = v
			continue
		}
		if empty(v) {
			continue
		}
		wasList, a := was.([]any)
		list, b := v.([]any)
		if a && b {
			for _, item := range list {
				wasList = addTo(wasList, item)
			}
			old[k] = wasList
			continue
		}
		if !equal(was, v) {
			agree = false
		}
	}
	return agree
}

// addTo appends to a list, merging objects that have the same id.
func addTo(list []any, v any) []any {
	c, ok := v.(Object)
	if !ok {
		for _, w := range list {
			if equal(w, v) {
				return list
			}
		}
		return append(list, v)
	}
	id := str(c, "id")
	for _, w := range list {
		if o, ok := w.(Object); ok && id != "" && str(o, "id") == id {
			merge(o, c)
			return list
		}
	}
	return append(list, v)
}

func equal(a, b any) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && string(x) == string(y)
}

// stripLines takes the reader's line marks out of a value.
func stripLines(v any) any {
	switch v := v.(type) {
	case Object:
		delete(v, lineKey)
		for _, c := range v {
			stripLines(c)
		}
	case []any:
		for _, c := range v {
			stripLines(c)
		}
	}
	return v
}
