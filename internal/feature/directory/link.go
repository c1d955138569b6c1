package directory

import (
	"slices"
	"sort"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// finish joins what was read and gives the records.
func (a *assembly) finish(emit func(*record) error) error {
	loose := a.tieUp()
	a.byRoot()
	a.checkCycles()
	for _, root := range a.roots {
		if err := a.finishOne(root, emit); err != nil {
			return err
		}
	}
	return a.finishLoose(loose, emit)
}

// tieUp puts each row where it says that it belongs, and gives those that
// belong nowhere.
func (a *assembly) tieUp() (loose []int32) {
	next := 0
	for i := range a.pieces {
		p := &a.pieces[i]
		named, attached := 0, 0
		for ; next < len(a.ties) && int(a.ties[next].piece) == i; next++ {
			named++
			parent := a.ties[next].parent
			if a.ties[next].open {
				parent = a.anyWith(a.opens[parent])
			}
			if parent >= 0 && a.node[parent].known {
				attached++
				a.within(p.node, parent)
				continue
			}
			e := entities[a.node[p.node].entity]
			field := e.openField()
			if !a.ties[next].open {
				field = e.parentFields[a.ties[next].field]
			}
			a.rep.add("link.parent", a.files[p.file], int(p.line), 0, field)
		}
		if p.record || attached > 0 {
			continue
		}
		if p.node >= 0 && named == 0 {
			a.rep.add("link.none", a.files[p.file], int(p.line), 0, "")
		}
		loose = append(loose, int32(i)) //nolint:gosec // rows are limited to far fewer
	}
	return loose
}

// anyWith finds what has the id that a link names without saying what it is.
func (a *assembly) anyWith(id [16]byte) int32 {
	for _, e := range entities {
		if n, ok := a.nodes[nodeKey{e.number, id}]; ok && e.openField() == "" && a.node[n].known {
			return n
		}
	}
	return -1
}

// byRoot sorts the pieces by the records in which they end.
func (a *assembly) byRoot() {
	a.at = make([]int32, len(a.node))
	for i, n := range a.roots {
		a.at[n] = int32(i) //nolint:gosec // rows are limited to far fewer
	}
	a.first = make([]int32, len(a.roots)+1)
	each := func(do func(root, piece int32)) {
		for i := range a.pieces {
			if a.pieces[i].node < 0 {
				continue
			}
			for _, root := range a.rootsOf(a.pieces[i].node) {
				do(a.at[root], int32(i)) //nolint:gosec // rows are limited to far fewer
			}
		}
	}
	each(func(root, _ int32) { a.first[root+1]++ })
	for i := range a.roots {
		a.first[i+1] += a.first[i]
	}
	a.list = make([]int32, a.first[len(a.roots)])
	fill := slices.Clone(a.first)
	each(func(root, piece int32) {
		a.list[fill[root]] = piece
		fill[root]++
	})
}

// of are the pieces of a record, in the order read.
func (a *assembly) of(root int32) []int32 {
	i := a.at[root]
	return a.list[a.first[i]:a.first[i+1]]
}

// joining is one record on its way, with all that lives in it.
type joining struct {
	a      *assembly
	root   int32
	items  map[string]*item
	joined map[string]bool // parent, list and child already put together
}

// finishOne makes one record of its pieces.
func (a *assembly) finishOne(root int32, emit func(*record) error) error {
	j := &joining{a: a, root: root, items: map[string]*item{}, joined: map[string]bool{}}
	var whole *item
	var rows []*item
	room := a.lim.one
	for _, i := range a.of(root) {
		p := a.pieces[i]
		it := &item{entities[a.node[p.node].entity], nil, a.files[p.file], int(p.line)}
		if room -= int(p.len); room < 0 {
			a.rep.add("record.too_large", it.file, it.line, 0, "")
			break
		}
		raw, err := a.keep.get(p.span)
		if err != nil {
			return err
		}
		if it.o, err = parse(string(raw)); err != nil {
			return err
		}
		switch {
		case !p.record:
			rows = append(rows, it)
		case whole == nil:
			whole = it
		case !merge(whole.o, it.o):
			a.rep.add("id.twice", it.file, it.line, 0, "")
		}
	}
	if whole == nil {
		return nil
	}
	j.register(whole)
	sort.SliceStable(rows, func(x, y int) bool { return depth(rows[x].entity) < depth(rows[y].entity) })
	for _, it := range rows {
		j.link(it)
	}
	return a.complete(whole, emit)
}

// depth is the order in which rows are put into each other: what others live in
// comes first.
func depth(e *entity) int {
	switch e.name {
	case entSAL:
		return 0
	case entContact:
		return 1
	case entPhone:
		return 2
	case entAttribute, entMetadata:
		return 4
	}
	return 3
}

// register notes what stands inside a document, so that rows can join it.
func (j *joining) register(it *item) {
	key := it.entity.name + "/" + str(it.o, "id")
	if j.items[key] == nil {
		j.items[key] = it
	}
	for _, field := range sortedKeys(it.o) {
		child := entityByList[field]
		if child == nil || child.record {
			continue
		}
		for _, c := range objects(it.o, field) {
			j.register(&item{child, c, it.file, it.line})
		}
	}
}

// link puts a row that lives inside others into each of them: an HSDS phone
// may name a service, its location and its organization at once.
func (j *joining) link(it *item) {
	e, o := it.entity, it.o
	key := e.name + "/" + str(o, "id")
	if known := j.items[key]; known != nil {
		if !merge(known.o, o) && j.a.rootsOf(j.a.nodeOf(keyOf(e, str(o, "id"))))[0] == j.root {
			j.a.rep.add("id.twice", it.file, it.line, 0, "")
		}
		o = known.o
	} else {
		j.items[key] = it
	}
	for _, field := range e.parentFields {
		if id := str(it.o, field); id != "" {
			j.attach(e.parents[field], id, e, o)
		}
	}
	if id := str(it.o, e.openField()); id != "" {
		for _, other := range entities {
			if other.openField() == "" && j.attach(other.name, id, e, o) {
				break
			}
		}
	}
}

func (j *joining) attach(parent, id string, e *entity, o Object) bool {
	p := j.items[parent+"/"+id]
	if p == nil {
		return false // it is in another record
	}
	list := e.list
	if e.name == "url" {
		list = map[string]string{entOrganization: "additional_websites", entService: "additional_urls"}[parent]
	}
	have, _ := p.o[list].([]any)
	join := parent + id + list
	if !j.joined[join] { // the first time, the document itself may have brought some
		j.joined[join] = true
		for _, c := range objects(p.o, list) {
			j.joined[join+str(c, "id")] = true
		}
	}
	if join += str(o, "id"); j.joined[join] {
		p.o[list] = addTo(have, o)
		return true
	}
	j.joined[join] = true
	p.o[list] = append(have, o)
	return true
}

// addressLocation makes the postal location that HSDS 3 wants around an
// address which older data ties to an organization. It gets the name of that
// organization when all is read.
func (a *assembly) addressLocation(r row) error {
	o := r.object
	org := a.ref(entOrganization, str(o, "organization_id"))
	o["organization_id"] = org
	id := ids.DeriveUUID(a.source, "address-of/"+org+"/"+str(o, "id"))
	loc := Object{"id": id, "location_type": first(str(o, "address_type"), "postal"), "organization_id": org, "addresses": []any{o}, ownerKey: true}
	e := entityByName[entLocation]
	n := a.meet(e, id, -1)
	a.meet(r.entity, str(o, "id"), n)
	a.noteRecord(n, e, loc)
	a.rep.add("address.location", r.file, r.line, 0, "organization_id")
	return a.putAside(row{entity: e, table: "locations", object: loc, file: r.file, line: r.line}, n)
}

// ownerKey marks a location that shall have the name of its organization.
const ownerKey = "\x00owner"

// nameOf is the name of an organization, if it is in the data.
func (a *assembly) nameOf(org string) (string, error) {
	n, ok := a.nodes[keyOf(entityByName[entOrganization], org)]
	if !ok || a.node[n].times == 0 {
		return "", nil
	}
	for _, i := range a.of(n) {
		if !a.pieces[i].record {
			continue
		}
		raw, err := a.keep.get(a.pieces[i].span)
		if err != nil {
			return "", err
		}
		o, err := parse(string(raw))
		if name := str(o, "name"); err != nil || name != "" {
			return name, err
		}
	}
	return "", nil
}

// complete sees that every organization and location that a record names is
// there, and gives it on. A missing organization gets a stand-in, so that what
// it offers can be listed.
func (a *assembly) complete(it *item, emit func(*record) error) (err error) {
	o := it.o
	if o[ownerKey] != nil {
		delete(o, ownerKey)
		if str(o, "name") == "" {
			if o["name"], err = a.nameOf(str(o, "organization_id")); err != nil {
				return err
			}
		}
	}
	if it.entity.name == entService || it.entity.name == entLocation {
		if err := a.needOrganization(it, emit); err != nil {
			return err
		}
	}
	for _, sal := range objects(o, "service_at_locations") {
		id := str(sal, "location_id")
		n, ok := a.nodes[keyOf(entityByName[entLocation], id)]
		switch {
		case id == "":
		case !ok || !a.node[n].known:
			a.rep.add("link.location", it.file, it.line, 0, "location_id")
		case str(o, "organization_id") == "" && a.orgOf[n] != "": // older sets say it at the location alone
			o["organization_id"] = a.orgOf[n]
		}
	}
	a.needName(it)
	return a.give(it, emit)
}

func (a *assembly) give(it *item, emit func(*record) error) error {
	a.rep.Records[it.entity.name]++
	return emit(&record{
		kind: it.entity.name, id: str(it.o, "id"), organization: str(it.o, "organization_id"),
		original: str(it.o, "original_id"), doc: it.o, file: it.file, line: it.line,
	})
}

func (a *assembly) needOrganization(it *item, emit func(*record) error) error {
	id := str(it.o, "organization_id")
	e := entityByName[entOrganization]
	if id == "" {
		return nil
	}
	n := a.nodeOf(keyOf(e, id))
	if a.node[n].known {
		return nil
	}
	a.node[n].known = true
	original := first(str(it.o, "original_organization_id"), id)
	a.rep.add("link.organization", it.file, it.line, 0, "organization_id")
	return a.give(&item{e, Object{"id": id, "name": "Organization " + original, "description": "", "stand_in": true, "original_id": original}, it.file, it.line}, emit)
}

func (a *assembly) needName(it *item) {
	o := it.o
	switch it.entity.name {
	case entService:
		switch status := strings.ToLower(str(o, "status")); {
		case str(o, "name") == "":
			o["name"], o["status"], o["stand_in"] = "Service "+first(str(o, "original_id"), str(o, "id")), "inactive", true
			a.rep.add("service.no_name", it.file, it.line, 0, "name")
		case status == "":
			o["status"] = "active"
			a.rep.add("status.missing", it.file, it.line, 0, "status")
		case status != "active" && status != "inactive" && status != "defunct" && status != "temporarily closed":
			a.rep.add("status.unknown", it.file, it.line, 0, "status")
		}
	case entOrganization:
		if str(o, "name") == "" {
			o["name"], o["stand_in"] = "Organization "+first(str(o, "original_id"), str(o, "id")), true
			a.rep.add("name.missing", it.file, it.line, 0, "name")
		}
	}
}

// checkCycles reports organizations and terms that are their own ancestors.
func (a *assembly) checkCycles() {
	const deepest = 100 // no real hierarchy is; a longer chain is somebody's joke
	for _, n := range a.roots {
		if len(a.of(n)) == 0 || !a.aboveItself(n, deepest) {
			continue
		}
		field := "parent_organization_id"
		if entities[a.node[n].entity].name == entTerm {
			field = "parent_id"
		}
		p := a.pieces[a.of(n)[0]]
		a.rep.add("link.cycle", a.files[p.file], int(p.line), 0, field)
	}
}

func (a *assembly) aboveItself(n int32, deepest int) bool {
	at := n
	for range deepest {
		key, ok := a.above[at]
		if !ok {
			return false
		}
		if at, ok = a.nodes[key]; !ok || at == n {
			return ok
		}
	}
	return false
}

// finishLoose gives what belongs to nothing.
func (a *assembly) finishLoose(loose []int32, emit func(*record) error) error {
	had := map[string]bool{}
	for _, i := range loose {
		p := a.pieces[i]
		raw, err := a.keep.get(p.span)
		if err != nil {
			return err
		}
		o, err := parse(string(raw))
		if err != nil {
			return err
		}
		id := str(o, "id")
		if !uuidForm.MatchString(id) {
			id = ids.DeriveUUID(a.source, "loose/"+a.files[p.file]+"/"+string(raw))
		}
		if had[id] {
			continue
		}
		had[id] = true
		doc := Object{"object": o}
		if p.node >= 0 {
			doc["entity"] = entities[a.node[p.node].entity].name
		}
		a.rep.Records[entLoose]++
		if err := emit(&record{kind: entLoose, id: id, doc: doc, file: a.files[p.file], line: int(p.line)}); err != nil {
			return err
		}
	}
	return nil
}
