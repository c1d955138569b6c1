package directory

import (
	"context"
	"fmt"
	"hash/fnv"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// index is the directory of one agency in memory, as it was at a revision. It
// never changes once built, so searches share it without a lock.
type index struct {
	revision int64
	entries  []*entry
	byID     map[string]*entry
	words    map[string][]posting
	orgs     map[string]Object
	places   map[string]Object

	// What the next index takes over where nothing changed.
	made    map[string]madeSpot // by location
	sources map[string]source
	print   uint64 // of the versions of all records
}

// madeSpot is a spot with the version of the record that it was made from.
type madeSpot struct {
	spot
	updated time.Time
}

type posting struct {
	entry  int32
	weight float32
}

// entry is one service with all that a search asks of it, worked out once.
type entry struct {
	id, source      string
	service, org    Object
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
	location Object
	level    Visibility
	link     link
	place    place
	hours    *Hours
}

// current gives an agency's index, building it anew if something changed.
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
	if ix = f.snapshot(agency); ix != nil && ix.revision >= now {
		return ix, nil
	}
	lock := f.buildLock(agency)
	lock.Lock() // one builds, the others wait for it and then find it built
	defer lock.Unlock()
	old := f.snapshot(agency)
	if old != nil && old.revision >= now {
		return old, nil
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		ix, err = buildIndex(ctx, tx, agency, old)
		return err
	})
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.snapshots == nil {
		f.snapshots = map[string]*index{}
	}
	f.snapshots[agency] = ix
	return ix, nil
}

func (f *Feature) snapshot(agency string) *index {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.snapshots[agency]
}

func (f *Feature) buildLock(agency string) *sync.Mutex {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.building == nil {
		f.building = map[string]*sync.Mutex{}
	}
	if f.building[agency] == nil {
		f.building[agency] = &sync.Mutex{}
	}
	return f.building[agency]
}

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
	now, err := fingerprint(ctx, tx, agency, srcs)
	if err != nil {
		return nil, err
	}
	if old != nil && old.print == now {
		return old.rechecked(rev, done), nil
	}
	records, err := allRecords(ctx, tx, agency)
	if err != nil {
		return nil, err
	}
	ix, err := makeIndex(rev, records, srcs, done, old)
	if err != nil {
		return nil, err
	}
	ix.print = now
	return ix, nil
}

// fingerprint changes when any record or source does.
func fingerprint(ctx context.Context, tx *db.Tx, agency string, srcs map[string]source) (uint64, error) {
	rows, err := tx.Query(ctx, `SELECT kind, id, updated FROM directory_record WHERE agency = $1 ORDER BY kind, id`, agency)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	h := fnv.New64a()
	for rows.Next() {
		var kind, id string
		var at int64
		if err := rows.Scan(&kind, &id, &at); err != nil {
			return 0, err
		}
		fmt.Fprintln(h, kind, id, at)
	}
	for _, name := range sortedKeys(srcs) {
		fmt.Fprintln(h, name, srcs[name].Country, srcs[name].Region)
	}
	return h.Sum64(), rows.Err()
}

// rechecked is the index with other verifications and all else as it was,
// which is what changes most often.
func (ix *index) rechecked(rev int64, done map[string]*Verification) *index {
	next := *ix
	next.revision = rev
	next.entries = make([]*entry, len(ix.entries))
	next.byID = make(map[string]*entry, len(ix.byID))
	for i, e := range ix.entries {
		if e.check != done[e.id] {
			copied := *e
			copied.check = done[e.id]
			e = &copied
		}
		next.entries[i], next.byID[e.id] = e, e
	}
	return &next
}

// makeIndex makes an index of records, without asking the database. It takes
// from an older one the places that have not changed, since finding out where
// something is takes longest.
func makeIndex(rev int64, records []*stored, srcs map[string]source, done map[string]*Verification, old *index) (*index, error) {
	ix := &index{
		revision: rev, byID: map[string]*entry{}, words: map[string][]posting{}, orgs: map[string]Object{}, places: map[string]Object{},
		made: map[string]madeSpot{}, sources: srcs,
	}
	b := &builder{ix: ix, old: old, sources: srcs, byOrg: map[string][]string{}, spots: map[string]spot{}, terms: map[string]Object{}}
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
	for _, s := range services {
		o, err := s.object()
		if err != nil {
			return nil, err
		}
		b.add(s, o, done[s.id])
	}
	return ix, nil
}
