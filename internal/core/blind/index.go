package blind

import (
	"context"
	"embed"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the index's tables. All of them belong with the keys in a
// backup: what was deleted from them must be gone from every backup in time.
var Migrations = db.Embedded("blind", files)

// Index is an agency's index in one running program. New makes one; it may be
// used by many goroutines. The nil Index finds nothing and keeps nothing.
type Index struct {
	db     *db.DB
	agency string
	group  string

	// Linked is told, in the transaction that links it, of a record that named
	// something. It is set before Run.
	Linked func(tx *db.Tx, record string)

	maker  keyring.Maker
	public atomic.Pointer[publicKey] // the one to seal to
	wanted atomic.Bool               // a member's key would help
	woken  chan struct{}             // holds one token when there is work
	work   sync.Mutex                // one Work at a time

	mu    sync.RWMutex // for those below
	keys  ring         // empty while the index is sealed
	table *table       // nil until it is loaded
	epoch int          // under which the table's marks are made
	seq   int64        // the news that the table has
	old   [2]int64     // the news of the last minutes, see sweep
}

// New makes the index of an agency. Members of the named group can unlock it.
func New(d *db.DB, agency, group string) *Index {
	i := &Index{db: d, agency: agency, group: group, woken: make(chan struct{}, 1)}
	i.wanted.Store(true)
	return i
}

// Topic is published when the index has something to do. On each node Run
// wants to be woken by it; see Wake.
func Topic(agency string) string { return "blind:" + agency }

// Wake makes Run look for work.
func (i *Index) Wake() {
	if i == nil {
		return
	}
	select {
	case i.woken <- struct{}{}:
	default:
	}
}

// Run loads the index once it is unlocked, links what waits and puts rows of
// old keys in order, until ctx ends. What fails is told to report, and tried
// again within the minute.
func (i *Index) Run(ctx context.Context, report func(error)) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := i.Work(ctx); err != nil && ctx.Err() == nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-i.woken:
		case <-tick.C:
			if err := i.sweep(ctx); err != nil && ctx.Err() == nil {
				report(err)
			}
		}
	}
}

// Open says whether the index can be asked: somebody unlocked it and it is
// loaded.
func (i *Index) Open() bool {
	if i == nil {
		return false
	}
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.table != nil
}

// held are the keys in memory.
func (i *Index) held() ring {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return i.keys
}
