package retention

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// office is a hotline whose clock a test moves, with closed contacts that are
// no more than what retention knows of them.
type office struct {
	*Feature
	t       rapid.TB
	now     time.Time
	records map[string]Record
	keys    *keyring.Keys
	safe    Safe
	log     *audittest.Log
	admin   *staff.Session
	super   *staff.Session
}

var start = time.Date(2026, 3, 15, 10, 0, 0, 0, time.UTC)

var tables = []db.Migrations{staff.Migrations, keyring.Migrations, audit.Migrations, Migrations}

func each(t *testing.T, story func(t *testing.T, o *office)) {
	t.Parallel()
	for engine, config := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			story(t, newOffice(t, config(t)))
		})
	}
}

func newOffice(t *testing.T, cfg db.Config) *office {
	o := &office{t: t, now: start, records: map[string]Record{}}
	cfg.Clock = func() time.Time { return o.now }
	d := dbtest.Open(t, cfg, tables...)
	o.log = audittest.Make(t, d, "home")
	person := func(name string, role staff.Role) *staff.Session {
		return &staff.Session{Person: staff.Person{ID: ids.New(), Agency: "home", Name: name, Role: role}}
	}
	o.admin, o.super = person("Max", staff.Administrator), person("Sue", staff.Supervisor)
	o.Feature = &Feature{DB: d, Agency: "home"}
	o.ok(d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, "home", keyring.Audit)
		if err != nil {
			return err
		}
		p, err := new(keyring.Maker).Prepare(g, "all contacts of a test")
		o.keys = p.Keys()
		return err
	}))
	o.Keys = func(_ context.Context, _ *db.Tx, _ *staff.Session, id string) (*keyring.Keys, error) {
		if _, there := o.records[id]; !there {
			return nil, errs.New(errs.NotFound, "", nil)
		}
		return o.keys, nil
	}
	o.Freshen = func(context.Context, *db.Tx, *keyring.Keys) error { return nil }
	o.Closed = func(_ context.Context, _ *db.Tx, _ string, before time.Time, after string, limit int) (list []Record, err error) {
		for _, id := range slices.Sorted(maps.Keys(o.records)) {
			if r := o.records[id]; id > after && r.Month.Before(before) && len(list) < limit {
				list = append(list, r)
			}
		}
		return list, nil
	}
	o.Record = func(_ context.Context, _ *db.Tx, _, id string) (Record, error) {
		r, there := o.records[id]
		if !there {
			return r, errs.New(errs.NotFound, "", nil)
		}
		return r, nil
	}
	o.Date = func(context.Context, *db.Tx, string) error { return nil }
	o.Safe = func(context.Context, *staff.Session, string) (Safe, error) { return o.safe, nil }
	o.Shred = []func(context.Context, *db.Tx, string, string) error{func(_ context.Context, tx *db.Tx, _, id string) error {
		tx.AfterCommit(func() { delete(o.records, id) })
		return nil
	}}
	return o
}

func (o *office) ok(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) refused(err error, word string) {
	o.t.Helper()
	if err == nil || errs.Of(err).Word != word {
		o.t.Fatalf("got %v, want %s", err, word)
	}
}

// closed makes a contact that is closed now.
func (o *office) closed() string {
	id := ids.New()
	o.records[id] = Record{ID: id, Month: time.Date(o.now.Year(), o.now.Month(), 1, 0, 0, 0, 0, time.UTC), Noted: true}
	return id
}

func (o *office) days(n int) { o.now = o.now.Add(days(n)) }

func (o *office) run() {
	o.t.Helper()
	o.ok(o.Run(context.Background()))
}

func (o *office) there(id string) bool { _, there := o.records[id]; return there }

// accept puts the rules in force that keep everything but what is said.
func (o *office) accept(whole int) {
	o.t.Helper()
	t, err := o.Terms(context.Background())
	o.ok(err)
	for i := range t.Rules {
		t.Rules[i].Days = 0
		if t.Rules[i].Part == Whole {
			t.Rules[i].Days = whole
		}
	}
	o.ok(o.SetTerms(context.Background(), o.admin, t))
}

func TestNothingIsDeletedBeforeSomebodyAcceptedTheRules(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id := o.closed()
		o.days(20 * 365)
		o.run()
		p, err := o.Plan(t.Context())
		o.ok(err)
		if !o.there(id) || p.Terms.Version != 0 {
			t.Fatalf("deleted by rules that nobody has accepted: %+v", p)
		}
		// The plan shows what would be, if somebody accepted them now.
		if l := p.line(Told, Whole); l.Soon != 1 {
			t.Errorf("the plan says %+v", l)
		}
		t0, err := o.Terms(t.Context())
		o.ok(err)
		o.ok(o.SetTerms(t.Context(), o.admin, t0))
		o.run()
		if !o.there(id) {
			t.Error("deleted without notice")
		}
		list, _, err := o.Notices(t.Context(), o.super)
		o.ok(err)
		if len(list) != 1 || list[0].ID != id || list[0].Part != Whole || !list[0].At.Equal(o.now.Add(days(14))) {
			t.Errorf("on the desk stands %+v", list)
		}
		o.days(14)
		o.run()
		if o.there(id) {
			t.Error("still there after rule and notice")
		}
	})
}

func (p Plan) line(k Kind, part Part) Line {
	i := slices.IndexFunc(p.Lines, func(l Line) bool { return l.Kind == k && l.Part == part })
	return p.Lines[i]
}

func TestAHoldKeepsAndSaysWhy(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		id := o.closed()
		o.accept(30)
		h := Hold{ID: ids.New(), Contact: id, Reason: "order 14/26 of the district court"}
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: id}), "retention.error.reason")
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: id, Reason: "x", Until: o.now}), "retention.error.until")
		o.refused(o.Hold(ctx, o.super, Hold{ID: ids.New(), Contact: ids.New(), Reason: "x"}), "error.not_found")
		o.ok(o.Hold(ctx, o.super, h))
		o.ok(o.Hold(ctx, o.super, h)) // the form came again
		list, err := o.Holds(ctx, o.super, "")
		o.ok(err)
		if len(list) != 1 || list[0].Reason != h.Reason || list[0].Staff != o.super.Person.ID {
			t.Fatalf("holds: %+v", list)
		}
		o.days(1000)
		o.run()
		notices, _, err := o.Notices(ctx, o.super)
		o.ok(err)
		if !o.there(id) || len(notices) != 1 || !notices[0].Held {
			t.Fatalf("held, and there is %v, %+v", o.there(id), notices)
		}
		o.ok(o.Lift(ctx, o.super, id, h.ID, "the court is done"))
		o.refused(o.Lift(ctx, o.super, id, h.ID, "again"), "retention.error.lifted")
		o.run()
		o.days(13)
		o.run()
		if !o.there(id) {
			t.Error("deleted without notice after the hold")
		}
		o.days(1)
		o.run()
		if o.there(id) {
			t.Error("still there after the notice")
		}
		if all := fmt.Sprint(o.log.All()); !strings.Contains(all, "retention.hold held") || !strings.Contains(all, "the court is done") || !strings.Contains(all, "retention.edit shredded") {
			t.Errorf("the log has %s", all)
		}
	})
}

func TestTheCertificateSaysNumbersAndIsSigned(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		var gone []string
		for range 3 {
			gone = append(gone, o.closed())
		}
		referred := o.closed()
		r := o.records[referred]
		r.Referred = true
		o.records[referred] = r
		o.accept(30)
		o.days(100)
		o.run()
		list, err := o.Certificates(ctx)
		o.ok(err)
		if len(list) != 1 || fmt.Sprint(list[0].Counts) != "[{contact record 30 3} {referred record 30 1}]" {
			t.Fatalf("certificates: %+v", list)
		}
		key, err := audit.Verifier(ctx, o.DB, "home")
		o.ok(err)
		v, err := note.NewVerifier(key)
		o.ok(err)
		n, err := note.Open([]byte(list[0].Note), note.VerifierList(v))
		o.ok(err)
		for _, want := range []string{"clew retention certificate\n", "\ncontact record, closed for 30 days: 3\n", "\nreferred record, closed for 30 days: 1\n", "\nlog "} {
			if !strings.Contains(n.Text, want) {
				t.Errorf("it does not say %q: %s", want, n.Text)
			}
		}
		for _, id := range gone {
			if strings.Contains(n.Text, id) {
				t.Error("it names a contact")
			}
		}
		o.days(1)
		o.run() // nothing is due: no certificate of nothing
		if again, err := o.Certificates(ctx); err != nil || len(again) != 1 {
			t.Errorf("%d certificates, %v", len(again), err)
		}
		if broken, err := audit.Verify(ctx, o.DB, "home", nil); err != nil || !broken.Whole() {
			t.Errorf("the log: %+v %v", broken, err)
		}
	})
}

// Somebody who holds the code asks, and takes it back; asks again, and an
// advocate is not sure; and asks at last, is asked over the safe way, and is gone.
func TestWhatThePersonAskedForIsDeleted(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		o.safe = Safe{Channel: "phone", Address: "+1 555 0100"}
		id := o.closed()
		o.ok(o.Ask(ctx, id))
		o.ok(o.Ask(ctx, id))
		o.ok(o.TakeBack(ctx, id))
		if r, err := o.Asked(ctx, id); r != nil || err != nil {
			t.Fatalf("taken back, and there is %+v %v", r, err)
		}
		o.refused(o.Confirm(ctx, o.super, id, BySafe, "called"), "retention.error.no_request")

		o.ok(o.Ask(ctx, id))
		o.days(30)
		o.run()
		if !o.there(id) {
			t.Fatal("deleted although nobody has confirmed it")
		}
		o.refused(o.Confirm(ctx, o.super, id, ByWord, "said the word"), "retention.error.way")
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "no way to ask"), "retention.error.way")
		o.ok(o.Decline(ctx, o.super, id, "she did not ask for it"))
		if r, err := o.Asked(ctx, id); err != nil || r.State != Declined {
			t.Fatalf("declined, and it is %+v %v", r, err)
		}

		o.ok(o.Ask(ctx, id))
		o.ok(o.Confirm(ctx, o.super, id, BySafe, "called at 18:00, she wants it"))
		hold := ids.New()
		o.ok(o.Hold(ctx, o.super, Hold{ID: hold, Contact: id, Reason: "an order of a court"}))
		for range 7 {
			o.run()
			o.days(1)
			if !o.there(id) {
				t.Fatal("deleted before seven days were over")
			}
		}
		o.days(1)
		o.run()
		if !o.there(id) {
			t.Fatal("deleted although it is held")
		}
		o.ok(o.Lift(ctx, o.super, id, hold, "the order ended"))
		o.run()
		list, err := o.Certificates(ctx)
		o.ok(err)
		if o.there(id) || len(list) != 1 || !list[0].Counts[0].Asked() || !strings.Contains(list[0].Note, "contact record, the person asked: 1") {
			t.Errorf("there is %v, certificates %+v", o.there(id), list)
		}
	})
}

// Who gave no safe way cannot be asked. A word that they chose does; else a
// supervisor decides, and not before the seven days.
func TestWithoutASafeWayASupervisorDecides(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		advocate := &staff.Session{Person: staff.Person{ID: ids.New(), Agency: "home", Role: staff.Advocate}}
		id := o.closed()
		o.ok(o.Ask(ctx, id))
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.days(8)
		o.refused(o.Confirm(ctx, advocate, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, ""), "retention.error.reason")
		o.safe.SafeWord = "heron"
		o.refused(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"), "retention.error.way")
		o.safe.SafeWord = ""
		tasks, err := o.Tasks(ctx, o.super)
		o.ok(err)
		if len(tasks) != 1 || !tasks[0].Waited {
			t.Fatalf("tasks: %+v", tasks)
		}
		o.ok(o.Confirm(ctx, o.super, id, Supervisor, "nobody can be asked"))
		o.run()
		if o.there(id) {
			t.Error("still there")
		}
	})
}

// TestARunThatWasKilledIsDoneAgain stops the run in the midst: what it deleted
// is counted once, and the next run does the rest with one certificate.
func TestARunThatWasKilledIsDoneAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		for range 6 {
			o.closed()
		}
		o.accept(30)
		o.days(100)
		ctx, kill := context.WithCancel(t.Context())
		shred, n := o.Shred[0], 0
		o.Shred = append(o.Shred, func(context.Context, *db.Tx, string, string) error {
			if n++; n < 3 {
				return nil
			}
			kill()
			return context.Canceled // what it did of this one is not kept
		})
		if err := o.Run(ctx); err == nil {
			t.Fatal("it was not killed")
		}
		left := len(o.records)
		if left != 4 {
			t.Fatalf("%d are left, so nothing was tried", left)
		}
		o.Shred = []func(context.Context, *db.Tx, string, string) error{shred}
		o.run()
		list, err := o.Certificates(t.Context())
		o.ok(err)
		if len(o.records) != 0 || len(list) != 1 || list[0].Counts[0].N != 6 {
			t.Errorf("%d left, certificates %+v", len(o.records), list)
		}
	})
}

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
