package directory

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/match/invent"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// InventedSource is the name under which services are kept that do not exist.
const InventedSource = "invented"

// mostInvented bounds them: the whole directory has to fit into memory.
const mostInvented = 200_000

// inventTogether is how many are written at once, so that others can write in between.
const inventTogether = 2000

// Invent puts services of a seed into the directory that do not exist, and gives
// how many records are new for that. Their organizations say in their names that
// they are invented. It goes batch by batch: what is there when it ends early
// stays, and asking again adds the rest. Nobody has verified any of them.
func (f *Feature) Invent(ctx context.Context, agency string, seed uint64, n int, progress func(done int)) (added int, err error) {
	return f.invent(ctx, agency, seed, n, inventTogether, progress)
}

func (f *Feature) invent(ctx context.Context, agency string, seed uint64, n, together int, progress func(done int)) (added int, err error) {
	defer errs.Wrap(&err, "directory.Invent")
	if n < 1 || n > mostInvented {
		return 0, fmt.Errorf("from 1 to %d services can be invented", mostInvented)
	}
	maker := invent.New(seed, f.now().UTC().Truncate(24*time.Hour)) // free places differ from day to day, and from nothing else
	for from := 0; from < n; from += together {
		to := min(from+together, n)
		rep, err := f.Import(ctx, inventedFiles(maker, from, to), InventedSource, Options{Agency: agency})
		if err != nil {
			return added, err
		}
		added += rep.Added
		progress(to)
	}
	return added, nil
}

// Uninvent takes every invented record out, and gives their number.
func (f *Feature) Uninvent(ctx context.Context, agency string) (n int, err error) {
	defer errs.Wrap(&err, "directory.Uninvent")
	err = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		in := &importing{f: f, opt: Options{Agency: agency, Replace: true}, src: source{Name: InventedSource}, rep: newReport()}
		if err := in.run(ctx, tx); err != nil {
			return err
		}
		n = in.rep.Removed
		return f.log(ctx, tx, agency, staff.EditDirectory, "")
	})
	return n, err
}

// inventedFiles are some of a maker's services as a set of HSDS.
func inventedFiles(maker *invent.Maker, from, to int) Files {
	list, next := []string{"taxonomies.csv", "taxonomy_terms.csv", "services.ndjson"}, from
	return func() (string, io.Reader, error) {
		if len(list) == 0 {
			return "", nil, io.EOF
		}
		name := list[0]
		list = list[1:]
		if name != "services.ndjson" { // our own needs, as the starter directory has them
			table, err := starterFiles.ReadFile("starter/" + name)
			return name, bytes.NewReader(table), err
		}
		return name, &lineReader{next: func() []byte {
			if next >= to {
				return nil
			}
			next++
			return append(canonical(inventedService(maker.Service(next-1))), '\n')
		}}, nil
	}
}

// lineReader reads lines as they are made.
type lineReader struct {
	next func() []byte
	rest []byte
}

func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.rest = l.next(); l.rest == nil {
			return 0, io.EOF
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func inventedID(id match.ID) string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// inventedService is one as a document of HSDS.
func inventedService(s *invent.Service) Object {
	id := inventedID(s.ID)
	o := Object{
		"id": id, "name": s.Name, "description": s.About, "status": "active",
		"organization": Object{
			"id": inventedID(s.Org), "name": s.Organization + " (invented)",
			"description": "This organization does not exist. It was made to try the directory with.",
		},
		"service_at_locations": []any{Object{"id": ids.DeriveUUID(id, "at"), "location": inventedPlace(s)}},
		"attributes":           inventedMarks(s),
	}
	var languages []any
	for _, l := range s.Spoken {
		languages = append(languages, Object{"code": l})
	}
	setAll(o, "languages", languages)
	if s.Interpreter {
		o["interpretation_services"] = "any language, by telephone"
	}
	if s.MinAge > 0 {
		o["minimum_age"] = s.MinAge
	}
	if s.MaxAge >= 0 {
		o["maximum_age"] = s.MaxAge
	}
	switch s.Fee {
	case "free":
		o["fees_description"] = "Free"
	case "sliding":
		o["fees_description"] = "By income"
	}
	if s.Phone != "" {
		phone := Object{"number": s.Phone, "type": "voice"}
		if s.TollFree {
			phone["toll_free"] = true
		}
		o["phones"] = []any{phone}
	}
	setAll(o, "schedules", inventedHours(s.Hours))
	if s.Free >= 0 {
		o["capacities"] = []any{Object{
			"unit": Object{"id": ids.DeriveUUID(InventedSource, "bed"), "name": "Bed"}, "available": s.Free,
			"updated": s.FreeUntil.Add(-believed).UTC().Format(time.RFC3339),
		}}
	}
	return o
}

func setAll(o Object, key string, list []any) {
	if len(list) > 0 {
		o[key] = list
	}
}

func inventedPlace(s *invent.Service) Object {
	id := inventedID(s.Place)
	p := Object{
		"id": id, "location_type": "physical", "name": s.Town.Name, "organization_id": inventedID(s.Org),
		"addresses": []any{Object{
			"id": ids.DeriveUUID(id, "address"), "city": s.Town.Name, "state_province": s.Town.Region, "country": s.Town.Country, "address_type": "physical",
		}},
	}
	if s.Exact {
		p["latitude"], p["longitude"] = s.Lat, s.Lon
	}
	switch s.Wheelchair {
	case "yes":
		p["accessibility"] = []any{Object{"description": "Wheelchair ramp"}}
	case "no":
		p["accessibility"] = []any{Object{"description": "Not wheelchair accessible"}}
	}
	return p
}

// inventedMarks are what is said by attributes: needs, whom it takes.
func inventedMarks(s *invent.Service) (list []any) {
	for _, n := range s.Needs {
		list = append(list, Object{"link_type": needLink, "value": n, "taxonomy_term_id": n})
	}
	if s.Gender != "" {
		list = append(list, Object{"link_type": genderLink, "value": s.Gender})
	}
	switch s.Papers {
	case "any":
		list = append(list, Object{"link_type": immigrationLink, "value": string(AnyStatus)})
	case "resident":
		list = append(list, Object{"link_type": immigrationLink, "value": string(StatusNeeded)})
	}
	return list
}

// inventedHours writes a week as schedules, the same days together.
func inventedHours(week *match.Week) (list []any) {
	if week == nil {
		return nil
	}
	days := map[match.Span][]string{}
	var order []match.Span
	for d, spans := range week.Days {
		for _, s := range spans {
			if days[s] == nil {
				order = append(order, s)
			}
			days[s] = append(days[s], []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}[d])
		}
	}
	for _, s := range order {
		closes := int(s.To)
		if closes > 24*60 {
			closes -= 24 * 60
		}
		list = append(list, Object{
			"freq": "WEEKLY", "byday": strings.Join(days[s], ","), "timezone": week.Zone.String(),
			"opens_at": pad2(int(s.From)/60) + ":" + pad2(int(s.From)%60), "closes_at": pad2(closes/60) + ":" + pad2(closes%60),
		})
	}
	return list
}
