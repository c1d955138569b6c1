package directory

import (
	"strings"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// link puts a row that lives inside others into each record that it names: an
// HSDS phone may name a service, its location and its organization at once.
func (a *assembly) link(r row) {
	e, o := r.entity, r.object
	a.count(e, o)
	key := e.name + "/" + str(o, "id")
	if known := a.items[key]; known != nil {
		if !merge(known.o, o) {
			a.rep.add("id.twice", r.file, r.line, 0, "")
		}
		o = known.o
	} else {
		a.items[key] = &item{e, o, r.file, r.line}
	}
	named, attached := 0, 0
	for _, field := range sortedKeys(e.parents) {
		id := str(o, field)
		if id == "" {
			continue
		}
		named++
		if a.attach(e.parents[field], id, e, o) {
			attached++
		} else {
			a.rep.add("link.parent", r.file, r.line, 0, field)
		}
	}
	switch {
	case e.name == entAttribute:
		named, attached = a.linkOpen(r, o, "link_id")
	case e.name == entMetadata:
		named, attached = a.linkOpen(r, o, "resource_id")
	case e.name == entAddress && named == 0 && str(o, "organization_id") != "":
		a.addressLocation(r, o)
		named, attached = 1, 1
	}
	if attached > 0 {
		return
	}
	if named == 0 {
		a.rep.add("link.none", r.file, r.line, 0, "")
	}
	a.keepLoose(r)
}

func (a *assembly) attach(parent, id string, e *entity, o Object) bool {
	p := a.items[parent+"/"+id]
	if p == nil {
		return false
	}
	list := e.list
	if e.name == "url" {
		list = map[string]string{entOrganization: "additional_websites", entService: "additional_urls"}[parent]
	}
	have, _ := p.o[list].([]any)
	join := parent + id + list
	if !a.joined[join] { // the first time, the document itself may have brought some
		a.joined[join] = true
		for _, c := range objects(p.o, list) {
			a.joined[join+str(c, "id")] = true
		}
	}
	if join += str(o, "id"); a.joined[join] {
		p.o[list] = addTo(have, o)
		return true
	}
	a.joined[join] = true
	p.o[list] = append(have, o)
	return true
}

// linkOpen attaches a row to whatever has the id that it names.
func (a *assembly) linkOpen(r row, o Object, field string) (named, attached int) {
	id := str(o, field)
	if id == "" {
		return 0, 0
	}
	for _, e := range entities {
		if e.name == entAttribute || e.name == entMetadata {
			continue
		}
		if a.attach(e.name, id, r.entity, o) {
			return 1, 1
		}
	}
	a.rep.add("link.parent", r.file, r.line, 0, field)
	return 1, 0
}

// addressLocation makes the postal location that HSDS 3 wants around an
// address which older data ties to an organization.
func (a *assembly) addressLocation(r row, o Object) {
	org := a.ref(entOrganization, str(o, "organization_id"))
	o["organization_id"] = org
	id := ids.DeriveUUID(a.source, "address-of/"+org+"/"+str(o, "id"))
	loc := Object{"id": id, "location_type": first(str(o, "address_type"), "postal"), "organization_id": org, "addresses": []any{o}}
	if owner := a.items[entOrganization+"/"+org]; owner != nil {
		loc["name"] = str(owner.o, "name")
	}
	a.put(row{entity: entityByName[entLocation], table: "locations", object: loc, file: r.file, line: r.line})
	a.rep.add("address.location", r.file, r.line, 0, "organization_id")
}

// checkLinks sees that every organization and location named is there. A
// missing organization gets a stand-in, so that what it offers can be listed.
func (a *assembly) checkLinks() {
	for next := 0; next < len(a.order); { // stand-ins are added while we go
		it := a.order[next]
		next++
		a.rep.Records[it.entity.name]++
		if it.entity.name == entService || it.entity.name == entLocation {
			a.needOrganization(it)
		}
		for _, sal := range objects(it.o, "service_at_locations") {
			id := str(sal, "location_id")
			at := a.items[entLocation+"/"+id]
			switch {
			case id == "":
			case at == nil:
				a.rep.add("link.location", it.file, it.line, 0, "location_id")
			case str(it.o, "organization_id") == "" && str(at.o, "organization_id") != "": // older sets say it at the location alone
				it.o["organization_id"] = at.o["organization_id"]
			}
		}
		a.needName(it)
	}
}

func (a *assembly) needOrganization(it *item) {
	id := str(it.o, "organization_id")
	if id == "" || a.items[entOrganization+"/"+id] != nil {
		return
	}
	original := first(str(it.o, "original_organization_id"), id)
	a.rep.add("link.organization", it.file, it.line, 0, "organization_id")
	a.put(row{
		entity: entityByName[entOrganization], file: it.file, line: it.line,
		object: Object{"id": id, "name": "Organization " + original, "description": "", "stand_in": true, "original_id": original},
	})
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
	for kind, field := range map[string]string{entOrganization: "parent_organization_id", entTerm: "parent_id"} {
		for _, it := range a.order {
			if it.entity.name != kind {
				continue
			}
			seen := map[string]bool{str(it.o, "id"): true}
			for next := str(it.o, field); next != "" && len(seen) < deepest; {
				if seen[next] {
					if next == str(it.o, "id") {
						a.rep.add("link.cycle", it.file, it.line, 0, field)
					}
					break
				}
				seen[next] = true
				parent := a.items[kind+"/"+next]
				if parent == nil {
					break
				}
				next = str(parent.o, field)
			}
		}
	}
}

// records closes the assembly.
func (a *assembly) records() []*record {
	out := make([]*record, 0, len(a.order)+len(a.loose))
	for _, it := range a.order {
		out = append(out, &record{
			kind: it.entity.name, id: str(it.o, "id"), organization: str(it.o, "organization_id"),
			original: str(it.o, "original_id"), doc: it.o, file: it.file, line: it.line,
		})
	}
	twice := map[string]int{}
	for _, it := range a.loose {
		id := str(it.o, "id")
		if !uuidForm.MatchString(id) {
			id = ids.DeriveUUID(a.source, "loose/"+it.file+"/"+string(canonical(it.o)))
		}
		if twice[id]++; twice[id] > 1 {
			continue
		}
		doc := Object{"object": it.o}
		if it.entity != nil {
			doc["entity"] = it.entity.name
		}
		a.rep.Records[entLoose]++
		out = append(out, &record{kind: entLoose, id: id, doc: doc, file: it.file, line: it.line})
	}
	return out
}
