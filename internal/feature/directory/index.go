package directory

import (
	"context"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang/geo/s2"
	"golang.org/x/sync/errgroup"

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
	organization    string                 // its id
	text            string                 // the record with all changes, as JSON
	service         Object                 // the same, read, with its terms; nil in the index, where it would take most of the room
	terms           map[string]Object      // all of the agency's, shared: for the same reason the text has only their ids
	shapes          map[string]*s2.Polygon // areas that it draws; nil in the index, which has them all
	at              []string               // locations that the source names
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
	c.nameTerms()
	return &c
}

// closed is the entry as it is kept.
func (e *entry) closed() *entry {
	c := *e
	c.service, c.shapes = nil, nil
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
	*whereabouts
	link  link
	hours *Hours
}

// whereabouts are what is known of a location, once for all services there.
type whereabouts struct {
	id       string
	location Object // as much of the record as is searched
	text     string // all of it, as JSON: read when it is shown
	level    Visibility
	place    place
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
	var services, others []*stored
	for _, s := range records {
		if s.kind == entService {
			services = append(services, s)
		} else {
			others = append(others, s)
		}
	}
	if err := b.noteAll(others); err != nil {
		return nil, err
	}
	b.old = nil
	loaders, err := b.enterAll(services)
	if err != nil {
		return nil, err
	}
	ix.found.Load(loaders...)
	ix.keepShapes()
	ix.revision.Store(rev)
	return ix, nil
}

// noteAll takes all records that are no services. What takes long is done on
// all cores: reading them, and finding out where they are.
func (b *books) noteAll(records []*stored) error {
	read, at := make([]Object, len(records)), make([]placed, len(records))
	err := onAllCores(len(records), func(from, to int) (err error) {
		for i := from; i < to; i++ {
			if read[i], err = records[i].object(); err != nil {
				return err
			}
			at[i] = b.place(records[i], read[i])
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i, s := range records {
		b.note(s, read[i], at[i])
	}
	return nil
}

// enterAll makes the entries of all services, on all cores.
func (b *books) enterAll(services []*stored) (loaders []*match.Loader[*entry], err error) {
	var mu sync.Mutex
	err = onAllCores(len(services), func(from, to int) error {
		load, w := match.NewLoader[*entry](), factWriter{}
		for _, s := range services[from:to] {
			o, err := s.object()
			if err != nil {
				return err
			}
			e := b.entry(s, o)
			load.Add(w.of(e), e.closed())
			mu.Lock()
			b.enter(e)
			mu.Unlock()
		}
		mu.Lock()
		defer mu.Unlock()
		loaders = append(loaders, load)
		return nil
	})
	return loaders, err
}

// onAllCores does something with the numbers below n, in as many runs as there
// are cores.
func onAllCores(n int, run func(from, to int) error) error {
	var group errgroup.Group
	cores := runtime.GOMAXPROCS(0)
	for i := range cores {
		group.Go(func() error { return run(n*i/cores, n*(i+1)/cores) })
	}
	return group.Wait()
}
