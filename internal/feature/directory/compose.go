package directory

import (
	"bytes"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/geo/fold"
)

// Here answers are put together of fragments. Nothing is decoded or encoded
// any more, so that a page of a large directory costs a few copies.

// appendField appends a field to others, whose braces are not there yet.
func appendField(b []byte, name string, value []byte) []byte {
	if n := len(b); n > 0 && b[n-1] != '{' {
		b = append(b, ',')
	}
	b = append(b, '"')
	b = append(b, name...)
	b = append(b, '"', ':')
	return append(b, value...)
}

// appendFields appends the fields of a fragment.
func appendFields(b, fields []byte) []byte {
	if len(fields) == 0 {
		return b
	}
	if n := len(b); n > 0 && b[n-1] != '{' {
		b = append(b, ',')
	}
	return append(b, fields...)
}

func (f *fragment) appendTo(b []byte, full bool) []byte {
	b = appendFields(b, f.base)
	if full {
		b = appendFields(b, f.lists)
	}
	return b
}

// items are the elements of a list without its brackets.
func items(list []any) []byte {
	if len(list) == 0 {
		return nil
	}
	var out bytes.Buffer
	writeJSON(&out, list)
	return bytes.Clone(out.Bytes()[1 : out.Len()-1])
}

// service appends a service: with one-to-one fields, or with everything.
func (p *Published) service(b []byte, s *pubService, full bool) []byte {
	b = append(b, '{')
	b = serviceFields(b, s, full)
	if full {
		b = serviceAt(b, s)
	}
	if s.owner != nil {
		b = appendField(b, "organization", []byte{'{'})
		b = s.owner.appendTo(b, full)
		if full {
			b = locations(b, p.org(s.owner.id))
		}
		b = append(b, '}')
	}
	return append(b, '}')
}

// serviceFields appends what a service says of itself alone.
func serviceFields(b []byte, s *pubService, full bool) []byte {
	b = appendFields(b, s.base)
	b = appendField(b, "assured_date", s.checked.AppendFormat(nil, `"2006-01-02"`))
	b = appendField(b, "last_modified", s.modified.AppendFormat(nil, `"2006-01-02T15:04:05.000Z"`))
	if s.program != "" && s.owner != nil {
		if program := s.owner.programs[s.program]; program != nil {
			b = appendField(b, "program", whole(program))
		}
	}
	if !full {
		return b
	}
	b = appendFields(b, s.lists)
	if len(s.metadata)+len(s.changes) > 0 {
		b = appendField(b, "metadata", []byte{'['})
		b = append(b, s.metadata...)
		if len(s.metadata) > 0 && len(s.changes) > 0 {
			b = append(b, ',')
		}
		b = append(append(b, s.changes...), ']')
	}
	return b
}

// serviceAt appends where a service is given. Of a confidential place there is
// only the fact that there is one: HSDS has no address in part.
func serviceAt(b []byte, s *pubService) []byte {
	if len(s.sals) == 0 {
		return b
	}
	b = appendField(b, "service_at_locations", []byte{'['})
	for i, sal := range s.sals {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(atLocation(append(b, '{'), sal, s.places[i], true), '}')
	}
	return append(b, ']')
}

// atLocation appends the fields of a service at a location.
func atLocation(b []byte, sal *salFragment, place *placeFragment, full bool) []byte {
	if place != nil && place.level != Full {
		b = appendField(b, "id", nil)
		return append(append(append(b, '"'), sal.id...), '"')
	}
	b = sal.appendTo(b, full)
	if place != nil {
		b = appendField(b, "location", []byte{'{'})
		b = append(place.appendTo(b, full), '}')
	}
	return b
}

// serviceAtLocation appends one as a record of its own, with its service inside.
func serviceAtLocation(b []byte, at pubSAL, full bool) []byte {
	b = atLocation(append(b, '{'), at.sal(), at.place(), full)
	b = appendField(b, "service", []byte{'{'})
	b = serviceFields(b, at.service, full)
	if owner := at.service.owner; owner != nil {
		b = appendField(b, "organization", []byte{'{'})
		b = append(owner.appendTo(b, full), '}')
	}
	return append(b, '}', '}')
}

// organization appends an organization; withServices has all of its services in it.
func organizationOf(b []byte, o *pubOrg, full, withServices bool) []byte {
	b = o.appendTo(append(b, '{'), full)
	if full {
		b = locations(b, o)
	}
	if withServices {
		b = appendField(b, "services", []byte{'['})
		for i, s := range o.services {
			if i > 0 {
				b = append(b, ',')
			}
			b = serviceFields(append(b, '{'), s, true)
			b = append(serviceAt(b, s), '}')
		}
		b = append(b, ']')
	}
	return append(b, '}')
}

// locations appends those of an organization that may be told.
func locations(b []byte, o *pubOrg) []byte {
	if o == nil || len(o.places) == 0 {
		return b
	}
	b = appendField(b, "locations", []byte{'['})
	for i, place := range o.places {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(place.appendTo(append(b, '{'), true), '}')
	}
	return append(b, ']')
}

// minimal is what tells a copy whether it is old.
func (s *pubService) minimal(b []byte) []byte {
	b = append(append(append(b, `{"id":"`...), s.id...), `","modified_date":`...)
	return append(s.modified.AppendFormat(b, `"2006-01-02T15:04:05.000Z"`), '}')
}

// areaKeys are the names of the areas that a service is for, folded.
func areaKeys(service Object) (keys []string) {
	for _, a := range objects(service, "service_areas") {
		for _, f := range []string{"name", "extent"} {
			for part := range strings.SplitSeq(str(a, f), ",") {
				if key := fold.Key(strings.TrimSpace(part)); key != "" && len(key) < 100 {
					keys = append(keys, key)
				}
			}
		}
	}
	return keys
}
