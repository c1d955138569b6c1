package directory

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

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
	if r.entity.name != entSAL { // the same service at the same place is the same
		sum := sha256.Sum256([]byte(name))
		mark := [16]byte(sum[:16])
		if a.content[mark]++; a.content[mark] > 1 {
			name += "#" + strconv.Itoa(a.content[mark])
		}
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
