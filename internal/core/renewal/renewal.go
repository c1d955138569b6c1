package renewal

import (
	"context"
	"embed"
	"errors"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations are the renewal's tables.
var Migrations = db.Embedded("renewal", files)

// Kind is something that a group's key opens.
type Kind struct {
	Name string
	// Records says that the ids are of records in the keyring: then their keys show
	// whether what stands as renewed is.
	Records bool
	// IDs gives some that the group opens, after one, in an order that stays.
	IDs func(ctx context.Context, tx *db.Tx, g keyring.Group, after string, limit int) ([]string, error)
	// Count says how many there are.
	Count func(ctx context.Context, tx *db.Tx, g keyring.Group) (int64, error)
	// Renew seals one anew, or leaves it if it needs nothing. It is NotFound or a
	// Conflict where the holder of the ring cannot open all of it; then it has
	// changed nothing.
	Renew func(ctx context.Context, tx *db.Tx, ring *keyring.Ring, id string) error
}

// Renewals are those of one database.
type Renewals struct {
	db     *db.DB
	kinds  []Kind
	failed func(error)

	mu      sync.Mutex
	lent    chan *staff.Session
	looked  map[string]time.Time // when somebody was last asked
	working bool

	checked map[string]bool // what is renewed as it says; for work alone
}

// New makes what renews the given kinds. failed is told what keeps it from that.
func New(d *db.DB, failed func(error), kinds ...Kind) *Renewals {
	return &Renewals{db: d, kinds: kinds, failed: failed, lent: make(chan *staff.Session, 1), looked: map[string]time.Time{}, checked: map[string]bool{}}
}

// Run works with the keys that it is lent until ctx ends.
func (n *Renewals) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-n.lent:
			if err := n.work(ctx, s); err != nil && ctx.Err() == nil {
				n.failed(err)
			}
			n.mu.Lock()
			n.working = false
			n.mu.Unlock()
		}
	}
}

// again is how long nobody is asked twice whether there is something to do.
const again = 5 * time.Second

// Lend takes the key of a colleague who is at work, and works with it beside
// their requests until they lock or leave, if there is something that it can
// renew. It returns at once.
func (n *Renewals) Lend(_ context.Context, s *staff.Session) {
	now := n.db.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	if since := now.Sub(n.looked[s.Person.ID]); n.working || since >= 0 && since < again {
		return
	}
	n.looked[s.Person.ID], n.working = now, true
	n.lent <- s
}

// step is how many are renewed in one transaction, which others wait for.
const step = 8

// work renews what the colleague can, until there is no more or their screen is locked.
func (n *Renewals) work(ctx context.Context, s *staff.Session) error {
	due, err := n.check(ctx, s)
	if err != nil || !due {
		return err // who only looks keeps no writer waiting
	}
	for {
		more := false
		err := n.db.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			unlocked, err := s.StillUnlocked(ctx, tx)
			if err != nil || !unlocked {
				more = false
				return err
			}
			more, err = n.step(ctx, tx, s)
			return err
		})
		if errors.Is(err, keyring.ErrTurned) {
			continue // somebody else left in this very moment
		}
		if err != nil || !more {
			return err
		}
	}
}

// step renews a few. It says whether there was something to do.
func (n *Renewals) step(ctx context.Context, tx *db.Tx, s *staff.Session) (bool, error) {
	groups, err := keyring.GroupsOf(ctx, tx, s.Person.Agency, s.Person.ID)
	if err != nil {
		return false, err
	}
	for _, g := range groups {
		if g.Epoch == 1 {
			continue // nobody ever left
		}
		for _, k := range n.kinds {
			p, err := n.begin(ctx, tx, g, k)
			if err != nil {
				return false, err
			}
			if !p.dueFor(s.Person) {
				continue
			}
			return true, n.some(ctx, tx, s, g, k, p)
		}
	}
	return false, nil
}

// some renews the next of a kind, and writes down how far that went.
func (n *Renewals) some(ctx context.Context, tx *db.Tx, s *staff.Session, g keyring.Group, k Kind, p Progress) error {
	ring, err := g.Open(ctx, tx, s.Person.ID, s.Pair)
	if err != nil {
		return err
	}
	if p.tried != "" { // another went through all, and could not open some
		p.Renewed, p.LeftOver, p.tried = 0, 0, ""
	}
	ids, err := k.IDs(ctx, tx, g, p.reached, step)
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := k.Renew(ctx, tx, ring, id)
		switch {
		case errs.Is(err, errs.NotFound) || errs.Is(err, errs.Conflict):
			p.LeftOver++
		case err != nil:
			return err
		}
		p.reached, p.Renewed = id, p.Renewed+1
	}
	if len(ids) == step {
		return p.save(ctx, tx)
	}
	if err := p.end(ctx, tx, s.Person.ID); err != nil {
		return err
	}
	return s.Log(ctx, tx, audit.Entry{Action: "keys.renewed", Record: g.ID})
}
