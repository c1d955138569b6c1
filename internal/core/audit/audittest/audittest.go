// Package audittest gives tests of other packages a log to write into and a
// way to read what was written.
package audittest

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Log is the log of an agency with somebody who may read it.
type Log struct {
	t      testing.TB
	d      *db.DB
	agency string
	pair   *seal.Pair
}

// reader is the member that Make puts into the group.
const reader = "who reads the log in tests"

// Make makes the group "audit" and the log, as set-up does. The database
// needs the migrations of keyring and audit.
func Make(t testing.TB, d *db.DB, agency string) *Log {
	t.Helper()
	pair, err := seal.NewPair()
	if err != nil {
		t.Fatal(err)
	}
	l := &Log{t, d, agency, pair}
	err = d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := keyring.Create(ctx, tx, agency, keyring.Audit, keyring.Member{ID: reader, Public: pair.Public()}); err != nil {
			return err
		}
		return audit.Create(ctx, tx, agency)
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// Admit brings somebody into the group.
func (l *Log) Admit(who keyring.Member) {
	l.t.Helper()
	err := l.d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, l.agency, keyring.Audit)
		if err != nil {
			return err
		}
		ring, err := g.Open(ctx, tx, reader, l.pair)
		if err != nil {
			return err
		}
		return ring.Admit(ctx, tx, who)
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// All gives every entry, the oldest first by its time.
func (l *Log) All() (list []audit.Entry) {
	l.t.Helper()
	l.read(func(ctx context.Context, tx *db.Tx, r *audit.Reader) (err error) {
		list, err = r.Page(ctx, tx, audit.Newest, 1_000_000)
		return err
	})
	audit.ByTime(list)
	return list
}

// History is what the log says of the states of records.
func (l *Log) History() (h audit.History) {
	l.t.Helper()
	l.read(func(ctx context.Context, tx *db.Tx, r *audit.Reader) (err error) {
		h, err = r.History(ctx, tx)
		return err
	})
	return h
}

func (l *Log) read(do func(context.Context, *db.Tx, *audit.Reader) error) {
	l.t.Helper()
	ctx := context.Background()
	if err := audit.Sequence(ctx, l.d, l.agency); err != nil {
		l.t.Fatal(err)
	}
	err := l.d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := audit.Open(ctx, tx, l.agency, reader, l.pair)
		if err != nil {
			return err
		}
		return do(ctx, tx, r)
	})
	if err != nil {
		l.t.Fatal(err)
	}
}

// Of gives the entries about a record.
func (l *Log) Of(record string) (list []audit.Entry) {
	l.t.Helper()
	for _, e := range l.All() {
		if e.Record == record {
			list = append(list, e)
		}
	}
	return list
}

// Actions gives what was done to a record, the oldest first.
func (l *Log) Actions(record string) (list []string) {
	l.t.Helper()
	for _, e := range l.Of(record) {
		list = append(list, e.Action)
	}
	return list
}
