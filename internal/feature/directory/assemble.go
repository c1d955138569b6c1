package directory

import (
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
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

// assembly joins rows of many tables and documents into records. Rows may come
// in any order, and more of them than memory holds: what they say lies in a
// scratch, and in memory is only what names what, some hundred bytes a row.
type assembly struct {
	source string
	rep    *Report
	lim    limits
	keep   *scratch

	nodes   map[nodeKey]int32
	node    []node
	more    map[int32][]int32 // what a node lives in beyond its first
	pieces  []piece
	ties    []tie
	opens   [][16]byte // what rows name without saying what it is
	roots   []int32    // nodes that are records, in the order read
	files   []string
	fileNo  map[string]int32
	content map[[16]byte]int // how often rows without id said the same
	orgOf   map[int32]string // location → organization
	above   map[int32]nodeKey
	first   []int32 // where the pieces of each root begin in list; see byRoot
	list    []int32
	at      []int32 // position of a node among the roots
}

// nodeKey names a thing: the number of its entity and its UUID.
type nodeKey struct {
	entity uint8
	id     [16]byte
}

type node struct {
	entity uint8
	known  bool  // it was read, and not only named
	up     int32 // what it lives in; -1 for nothing yet
	times  int32 // rows that are about it
}

// piece is one row or document as it lies in the scratch.
type piece struct {
	span

	node       int32 // -1: it names nothing we know
	file, line int32
	record     bool
}

// tie is a name in a row of what the row lives in.
type tie struct {
	piece, parent int32 // the parent is a node, or a position in opens
	field         uint8 // position among the sorted names of the entity's parents
	open          bool
}

var uuidForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func newAssembly(source string, lim limits, keep *scratch, rep *Report) *assembly {
	return &assembly{
		source: source, rep: rep, lim: lim, keep: keep,
		nodes: map[nodeKey]int32{}, more: map[int32][]int32{}, fileNo: map[string]int32{},
		content: map[[16]byte]int{}, orgOf: map[int32]string{}, above: map[int32]nodeKey{},
	}
}

// assemble gives the records in rows that are few.
func assemble(source string, rows []row, rep *Report) (out []*record) {
	keep, err := newScratch("")
	if err != nil {
		return nil
	}
	defer keep.close()
	a := newAssembly(source, defaultLimits, keep, rep)
	for _, r := range rows {
		if a.read(r) != nil {
			return nil
		}
	}
	if a.finish(func(r *record) error { out = append(out, r); return nil }) != nil {
		return nil
	}
	return out
}

func keyOf(entity *entity, id string) nodeKey {
	k := nodeKey{entity: entity.number}
	_, _ = hex.Decode(k.id[:], []byte(strings.ReplaceAll(id, "-", ""))) // ids are UUIDs by now
	return k
}

func (a *assembly) nodeOf(k nodeKey) int32 {
	n, ok := a.nodes[k]
	if !ok {
		n = int32(len(a.node)) //nolint:gosec // rows are limited to far fewer
		a.nodes[k] = n
		a.node = append(a.node, node{entity: k.entity, up: -1})
	}
	return n
}

// meet says that a thing is there; parent is what it stands in, or -1.
func (a *assembly) meet(e *entity, id string, parent int32) int32 {
	n := a.nodeOf(keyOf(e, id))
	if !a.node[n].known {
		a.node[n].known = true
		if e.record {
			a.node[n].up = n
			a.roots = append(a.roots, n)
		} else {
			a.rep.Nested[e.name]++
		}
	}
	if parent >= 0 {
		a.within(n, parent)
	}
	return n
}

// within notes that a thing lives in another.
func (a *assembly) within(n, parent int32) {
	switch up := a.node[n].up; {
	case up < 0:
		a.node[n].up = parent
	case up != parent && !slices.Contains(a.more[n], parent):
		a.more[n] = append(a.more[n], parent)
	}
}

// rootsOf are the records in which a thing lives.
func (a *assembly) rootsOf(n int32) (list []int32) {
	for range 32 { // mostly one thing lives in one other
		switch up := a.node[n].up; {
		case len(a.more[n]) > 0:
			return a.allRoots(n)
		case up < 0:
			return nil
		case up == n:
			return []int32{n}
		default:
			n = up
		}
	}
	return a.allRoots(n)
}

// allRoots goes every way up, and none twice: what claims to live in itself
// ends here.
func (a *assembly) allRoots(n int32) (list []int32) {
	seen, next := map[int32]bool{n: true}, []int32{n}
	for len(next) > 0 {
		n, next = next[0], next[1:]
		up := a.node[n].up
		if up == n {
			list = append(list, n)
		}
		for _, one := range append([]int32{up}, a.more[n]...) {
			if one >= 0 && !seen[one] {
				seen[one] = true
				next = append(next, one)
			}
		}
	}
	return list
}

// read takes one row: ids, older forms, and what is nested in it.
func (a *assembly) read(r row) error {
	if r.entity == nil {
		stripLines(r.object)
		return a.putAside(r, -1)
	}
	_, err := a.take(r, "", -1)
	return err
}

// take reads a row or what is nested in one; parent is what it stands in.
func (a *assembly) take(r row, context string, parent int32) (Object, error) {
	r, err := a.oldTerm(r)
	if err != nil {
		return nil, err
	}
	e, o := r.entity, r.object
	delete(o, lineKey)
	asWritten(e, o)
	modernize(r, a.rep)
	a.setID(r, context)
	a.mapIDs(e, o)
	if e.name == entAddress && context == "" && str(o, "location_id") == "" && str(o, "organization_id") != "" {
		return o, a.addressLocation(r)
	}
	n := a.meet(e, str(o, "id"), parent)
	if err := a.takeNested(r, n); err != nil {
		return nil, err
	}
	if !e.record && context != "" {
		return o, nil
	}
	if a.node[n].times++; int(a.node[n].times) > a.lim.twice {
		a.rep.add("id.too_often", r.file, r.line, 0, "id")
		return o, nil
	}
	if e.record {
		a.noteRecord(n, e, o)
	} else {
		a.noteTies(e, o)
	}
	return o, a.putAside(r, n)
}

// noteRecord remembers of a record what others need of it.
func (a *assembly) noteRecord(n int32, e *entity, o Object) {
	field := ""
	switch e.name {
	case entLocation:
		if org := str(o, "organization_id"); org != "" && a.orgOf[n] == "" {
			a.orgOf[n] = org
		}
	case entOrganization:
		field = "parent_organization_id"
	case entTerm:
		field = "parent_id"
	}
	if id := str(o, field); id != "" {
		a.above[n] = keyOf(e, id)
	}
}

// noteTies remembers what a row says that it lives in, for when all is read.
func (a *assembly) noteTies(e *entity, o Object) {
	p := int32(len(a.pieces)) //nolint:gosec // rows are limited to far fewer
	for i, field := range e.parentFields {
		if id := str(o, field); id != "" {
			a.ties = append(a.ties, tie{piece: p, parent: a.nodeOf(keyOf(entityByName[e.parents[field]], id)), field: uint8(i)}) //nolint:gosec // a handful
		}
	}
	if id := str(o, e.openField()); id != "" {
		a.ties = append(a.ties, tie{piece: p, parent: int32(len(a.opens)), open: true}) //nolint:gosec // rows are limited to far fewer
		a.opens = append(a.opens, keyOf(e, id).id)
	}
}

// openField is the field by which an entity names anything at all.
func (e *entity) openField() string {
	switch e.name {
	case entAttribute:
		return "link_id"
	case entMetadata:
		return "resource_id"
	}
	return ""
}

// putAside writes a row into the scratch.
func (a *assembly) putAside(r row, n int32) error {
	where, err := a.keep.add(canonical(r.object))
	if err != nil {
		return err
	}
	file, ok := a.fileNo[r.file]
	if !ok {
		file = int32(len(a.files)) //nolint:gosec // files are limited to far fewer
		a.fileNo[r.file] = file
		a.files = append(a.files, r.file)
	}
	a.pieces = append(a.pieces, piece{span: where, node: n, file: file, line: int32(r.line), record: n >= 0 && r.entity.record}) //nolint:gosec // lines are limited by bytes
	return nil
}

// takeNested goes into what is inside a document. Records among it (the
// organization of a service, its locations) become records of their own, with
// their ids left in their place.
func (a *assembly) takeNested(r row, n int32) error {
	o := r.object
	for _, key := range sortedKeys(o) {
		switch v := o[key].(type) {
		case []any:
			child := entityByList[key]
			if child == nil {
				o[key] = stripLines(v)
				continue
			}
			if err := a.takeList(r, n, key, child, v); err != nil {
				return err
			}
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
			got, err := a.take(row{child, child.files[0], v, r.file, max(lineOf(v), r.line)}, "", -1)
			if err != nil {
				return err
			}
			delete(o, key)
			o[key+"_id"] = str(got, "id")
		}
	}
	return nil
}

func (a *assembly) takeList(r row, n int32, key string, child *entity, list []any) error {
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
			if _, err := a.take(row{child, child.files[0], c, r.file, line}, "", -1); err != nil {
				return err
			}
			continue
		}
		if _, err := a.take(row{child, child.files[0], c, r.file, line}, r.entity.name+"/"+str(o, "id")+"/"+key, n); err != nil {
			return err
		}
		kept = addTo(kept, c)
	}
	if len(kept) == 0 && child.record {
		delete(o, key)
		return nil
	}
	o[key] = kept
	return nil
}
