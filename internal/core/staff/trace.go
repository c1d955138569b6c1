package staff

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Trace writes what a route leaves in the log: a list is one entry, with the
// action that the route needs. web sends nothing before it is on disk. What is
// done to a record is not its business; see Session.Log.
func Trace(d *db.DB) func(*http.Request, web.Route) error {
	return func(r *http.Request, route web.Route) error {
		e := audit.Entry{Action: string(route.Access)}
		switch route.Trace {
		case web.ByRoute:
			return From(r.Context()).Read(r.Context(), d, e)
		case web.OnPage:
			return From(r.Context()).ReadOn(r.Context(), d, e)
		}
		return nil
	}
}

// Log writes what the colleague does into the log, in the transaction that
// does it.
func (s *Session) Log(ctx context.Context, tx *db.Tx, e audit.Entry) error {
	e.Staff = s.Person.ID
	return audit.Write(ctx, tx, s.Person.Agency, e)
}

// Read writes what the colleague is about to be shown into the log.
func (s *Session) Read(ctx context.Context, d *db.DB, e audit.Entry) error {
	return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		tx.AfterCommit(func() { glancesOf(d).add(s.glance(e), tx.Now) })
		return s.Log(ctx, tx, e)
	})
}

// Stands is how long an entry stands for a page that stays open and fetches
// what is new. After that, the next fetch leaves another.
const Stands = 15 * time.Minute

// ReadOn is Read for part of a page that is open: it writes an entry only
// where the same session left none like it within Stands. It does not ask
// whether a script or a person fetches, because a browser can say either.
func (s *Session) ReadOn(ctx context.Context, d *db.DB, e audit.Entry) error {
	if glancesOf(d).stands(s.glance(e), d.Now()) {
		return nil
	}
	return s.Read(ctx, d, e)
}

// glance is one colleague, at one screen, looking at one thing.
type glance struct{ session, staff, action, record string }

func (s *Session) glance(e audit.Entry) glance {
	return glance{s.hash, s.Person.ID, e.Action, e.Record}
}

// glances are the entries that still stand. They are in memory only: after a
// start there is an entry more.
type glances struct {
	mu    sync.Mutex
	since map[glance]time.Time
}

type glancesKey struct{}

func glancesOf(d *db.DB) *glances {
	return d.Keep(glancesKey{}, func() any { return &glances{since: map[glance]time.Time{}} }).(*glances) //nolint:forcetypeassert // made here
}

func (g *glances) add(what glance, now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.since[what] = now
}

func (g *glances) stands(what glance, now time.Time) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	since, there := g.since[what]
	return there && now.Sub(since) < Stands && !now.Before(since)
}

// sweep forgets those that stand no more.
func (g *glances) sweep(now time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for what, since := range g.since {
		if now.Sub(since) >= Stands {
			delete(g.since, what)
		}
	}
}
