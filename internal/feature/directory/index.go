package directory

import (
	"context"
	"maps"
	"sync/atomic"
	"time"

	"github.com/golang/geo/s2"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// index is the directory of one agency in memory. It follows the changes in
// the database; what is searched is [match.Index], which readers share without
// a lock.
type index struct {
	found    *match.Index[*entry]
	revision atomic.Int64
	shapes   atomic.Pointer[map[string]*s2.Polygon] // areas that services draw, by key
	books    *books                                 // touched only by who holds the agency's build lock
}

// entry is one service with all that a result says of it, worked out once. It
// never changes: another takes its place.
type entry struct {
	id, source      string
	organization    string   // its id
	text            string   // the record with all changes, as JSON
	service         Object   // the same, read; nil in the index, where it would take most of the room
	at              []string // locations that the source names
	org             Object
	name, orgName   string
	offered         bool
	country         string
	stated, derived uint32
	tongues         tongues
	phones          []Phone
	spots           []spot
	hours           *Hours // of the service itself; nil if only its places have hours
	check           *Verification
	updated         time.Time
	minAge, maxAge  float64 // maxAge < 0: no limit known
	intake          intake
}

// opened is the entry with its record read.
func (e *entry) opened() *entry {
	if e.service != nil {
		return e
	}
	o, err := parse(e.text)
	if err != nil {
		o = Object{} // it was read when the entry was made
	}
	c := *e
	c.service = o
	return &c
}

// closed is the entry as it is kept.
func (e *entry) closed() *entry {
	c := *e
	c.service = nil
	return &c
}

// link says how we know that a service is given at a location.
type link uint8

const (
	linked   link = iota // the source says so
	sameName             // same organization, same name
	onlyOne              // the organization has one location
	oneOf                // one of the organization's locations, unknown which
)

// spot is a place where a service is, or may be, given.
type spot struct {
	id       string
	location Object // as much of the record as is searched
	text     string // all of it, as JSON: read when it is shown
	level    Visibility
	link     link
	place    place
	hours    *Hours
}

// searched are the fields of a location by which something is found. What else
// a location has would take most of the room.
var searched = []string{"name", "location_type", "languages", "phones", "accessibility"}

// found is as much of a location as is searched.
func found(location Object) Object {
	o := Object{}
	for _, field := range searched {
		if v := location[field]; !empty(v) {
			o[field] = v
		}
	}
	return o
}

// whole is the record of the location with everything.
func (sp *spot) whole() Object {
	o, err := parse(sp.text)
	if err != nil {
		return Object{} // it was read when the spot was made
	}
	return o
}

func newIndex() *index {
	return &index{found: match.New(func(e *entry) string { return e.name }), books: newBooks()}
}

// keepShapes makes the areas known that the books have met.
func (ix *index) keepShapes() {
	if have := ix.shapes.Load(); have == nil || len(*have) != len(ix.books.shapes) {
		shapes := maps.Clone(ix.books.shapes)
		ix.shapes.Store(&shapes)
	}
}

// entry finds a service; nil if there is none.
func (ix *index) entry(id string) *entry {
	e, _ := ix.found.Get(matchID(id))
	return e
}

// current gives an agency's index as new as the database is now.
func (f *Feature) current(ctx context.Context, agency string) (ix *index, err error) {
	defer errs.Wrap(&err, "directory.current")
	var now int64
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		now, err = revision(ctx, tx, agency)
		return err
	})
	if err != nil {
		return nil, err
	}
	fresh := func(ix *index) bool { return ix != nil && ix.revision.Load() >= now }
	return f.indexes.get(agency, fresh, func(old *index) (ix *index, err error) {
		err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			ix = old
			if ix != nil {
				if followed, err := ix.follow(ctx, tx, agency); err != nil || followed {
					return err
				}
			}
			ix, err = buildIndex(ctx, tx, agency, ix)
			return err
		})
		return ix, err
	})
}

// buildIndex makes an index of all records, which takes a second for some
// thousands: at the start, and when more has changed than is worth following.
func buildIndex(ctx context.Context, tx *db.Tx, agency string, old *index) (*index, error) {
	rev, err := revision(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	srcs, err := sources(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	done, err := checks(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	records, err := allRecords(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	return makeIndex(rev, records, srcs, done, old)
}

// makeIndex makes an index of records, without asking the database. It takes
// from an older one the places that have not changed, since finding out where
// something is takes longest.
func makeIndex(rev int64, records []*stored, srcs map[string]source, done map[string]*Verification, old *index) (*index, error) {
	ix := newIndex()
	b := ix.books
	b.sources, b.checks = srcs, done
	if old != nil {
		b.old = old.books
	}
	var services []*stored
	for _, s := range records {
		if s.kind == entService {
			services = append(services, s)
			continue
		}
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		b.note(s, o)
	}
	load := match.NewLoader[*entry]()
	for _, s := range services {
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		e := b.entry(s, o)
		load.Add(b.facts(e), e.closed())
	}
	b.old = nil
	ix.found.Load(load)
	ix.keepShapes()
	ix.revision.Store(rev)
	return ix, nil
}
