package retention

import (
	"context"
	"maps"
	"slices"
	"testing"
	"time"

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
