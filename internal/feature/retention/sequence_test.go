package retention

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// TestNoSequenceDeletesTooEarly changes rules, holds, asks, moves the clock and
// runs, in any order. A model that knows nothing of how it is computed says
// what must still be there.
func TestNoSequenceDeletesTooEarly(t *testing.T) {
	o := newOffice(t, dbtest.SQLite(t))
	ctx := t.Context()
	rapid.Check(t, func(rt *rapid.T) {
		o.t = rt
		clear(o.records)
		type model struct {
			closed time.Time
			holds  map[string]time.Time // zero: open
			freed  time.Time
			asked  time.Time
			sure   bool
		}
		all := map[string]*model{}
		var allowed int            // days of the shortest rule since allowedSince
		var allowedSince time.Time // since when it is as it is
		notice := 0
		pick := func() string { return rapid.SampledFrom(slices.Sorted(maps.Keys(o.records))).Draw(rt, "record") }
		rt.Repeat(map[string]func(*rapid.T){
			"close": func(rt *rapid.T) {
				if len(o.records) > 1 {
					rt.Skip() // so that what happens meets
				}
				all[o.closed()] = &model{closed: o.now, holds: map[string]time.Time{}}
			},
			"rules": func(rt *rapid.T) {
				terms, err := o.Terms(ctx)
				o.ok(err)
				terms.Notice = rapid.IntRange(MinNotice, MaxNotice).Draw(rt, "notice")
				n := rapid.SampledFrom([]int{0, 30, 31, 60}).Draw(rt, "days")
				for i := range terms.Rules {
					terms.Rules[i].Days = n
				}
				o.ok(o.SetTerms(ctx, o.admin, terms))
				if n != allowed || terms.Notice < notice {
					allowedSince = o.now
				}
				allowed, notice = n, terms.Notice
			},
			"hold": func(rt *rapid.T) {
				if len(o.records) == 0 {
					rt.Skip()
				}
				h := Hold{ID: ids.New(), Contact: pick(), Reason: "because"}
				if n := rapid.IntRange(0, 90).Draw(rt, "until"); n > 0 {
					h.Until = o.now.Add(days(n))
				}
				o.ok(o.Hold(ctx, o.super, h))
				all[h.Contact].holds[h.ID] = h.Until
			},
			"lift": func(rt *rapid.T) {
				if len(o.records) == 0 {
					rt.Skip()
				}
				id := pick()
				for h, until := range all[id].holds {
					m := all[id]
					if o.Lift(ctx, o.super, id, h, "over") == nil {
						m.freed = o.now
					} else if until.After(m.freed) { // it had ended before
						m.freed = until
					}
					delete(m.holds, h)
					return
				}
			},
			"ask": func(rt *rapid.T) {
				if len(o.records) == 0 {
					rt.Skip()
				}
				id := pick()
				o.ok(o.Ask(ctx, id))
				if all[id].asked.IsZero() {
					all[id].asked = o.now
				}
			},
			"confirm": func(rt *rapid.T) {
				if len(o.records) == 0 {
					rt.Skip()
				}
				id := pick()
				if o.Confirm(ctx, o.super, id, InPerson, "she came") == nil {
					all[id].sure = true
				}
			},
			"take back": func(rt *rapid.T) {
				if len(o.records) == 0 {
					rt.Skip()
				}
				id := pick()
				o.ok(o.TakeBack(ctx, id))
				all[id].asked, all[id].sure = time.Time{}, false
			},
			"move the clock": func(rt *rapid.T) {
				o.now = o.now.Add(time.Duration(rapid.IntRange(1, 24*50).Draw(rt, "hours")) * time.Hour)
			},
			"run": func(rt *rapid.T) {
				o.run()
				for id, m := range all {
					if o.there(id) {
						continue
					}
					held := false
					free := m.freed
					for _, until := range m.holds {
						held = held || until.IsZero() || until.After(o.now)
						if !until.IsZero() && until.After(free) {
							free = until
						}
					}
					byRule := allowed > 0 && !o.now.Before(m.closed.Add(days(allowed))) &&
						!o.now.Before(allowedSince.Add(days(notice))) && (free.IsZero() || !o.now.Before(free.Add(days(notice))))
					byPerson := m.sure && !o.now.Before(m.asked.Add(Wait))
					if held || !byRule && !byPerson {
						rt.Fatalf("deleted: held %v, by rule %v, by the person %v: %+v", held, byRule, byPerson, m)
					}
					delete(all, id)
				}
			},
		})
		for id := range o.records { // so that the next try begins with none
			o.records[id] = Record{}
		}
		clear(o.records)
		o.ok(o.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, table := range []string{"holds", "requests", "terms"} {
				if _, err := tx.Exec(ctx, `DELETE FROM retention_`+table); err != nil {
					return err
				}
			}
			return nil
		}))
	})
}
