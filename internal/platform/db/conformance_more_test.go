package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func testNested(t *testing.T, d *db.DB) {
	nothing := func(context.Context, *db.Tx) error { return nil }
	for name, inner := range map[string]func(ctx context.Context) error{
		"Update": func(ctx context.Context) error { return d.Update(ctx, nothing) },
		"View":   func(ctx context.Context) error { return d.View(ctx, nothing) },
	} {
		err := d.Update(t.Context(), func(ctx context.Context, _ *db.Tx) error { return inner(ctx) })
		if err == nil || !strings.Contains(err.Error(), "inside another one") {
			t.Errorf("%s in Update gave %v", name, err)
		}
		err = d.View(t.Context(), func(ctx context.Context, _ *db.Tx) error { return inner(ctx) })
		if err == nil || !strings.Contains(err.Error(), "inside another one") {
			t.Errorf("%s in View gave %v", name, err)
		}
	}
	// With a foreign context it cannot be seen at once, but on SQLite, where
	// it would wait for itself for ever, it ends.
	if d.Engine() == db.SQLite {
		err := d.Update(t.Context(), func(context.Context, *db.Tx) error { return d.Update(t.Context(), nothing) })
		if err == nil || !strings.Contains(err.Error(), "inside another one") {
			t.Errorf("Update in Update with a foreign context gave %v", err)
		}
	}
}

func testCancelledBefore(t *testing.T, d *db.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := d.Update(ctx, func(context.Context, *db.Tx) error { t.Error("ran"); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}

	// Also while waiting behind another one, on SQLite.
	if d.Engine() != db.SQLite {
		return
	}
	ctx, cancel = context.WithCancel(t.Context())
	var wg sync.WaitGroup
	err = d.Update(t.Context(), func(context.Context, *db.Tx) error {
		wg.Go(func() {
			err := d.Update(ctx, func(context.Context, *db.Tx) error { t.Error("ran"); return nil })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("waiting: got %v", err)
			}
		})
		cancel()
		wg.Wait()
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func testCancelledRunning(t *testing.T, d *db.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		cancel()
		return insert(ctx, tx, "1")
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

// testCancelledView: a View ends with its context, in the middle of a
// statement that would run for ever, and the connection is good afterwards.
func testCancelledView(t *testing.T, d *db.DB) {
	ctx, cancel := context.WithCancel(t.Context())
	err := d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM note`).Scan(new(int)); err != nil {
			return err
		}
		time.AfterFunc(20*time.Millisecond, cancel)
		return tx.QueryRow(ctx, `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 0 FROM n) SELECT count(*) FROM n`).Scan(new(int))
	})
	if !errors.Is(err, context.Canceled) || errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	for range 20 { // over every connection
		count(t, d)
	}
}

// testSerial lets many add to one number after reading it: a lost update shows.
func testSerial(t *testing.T, d *db.DB) {
	const workers, rounds = 8, 10
	add(t, d, "1")
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					var n int64
					if err := tx.QueryRow(ctx, `SELECT amount FROM note WHERE id = $1`, "1").Scan(&n); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, `UPDATE note SET amount = $1 WHERE id = $2`, n+1, "1")
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var n int
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT amount FROM note WHERE id = $1`, "1").Scan(&n)
	})
	if err != nil || n != workers*rounds {
		t.Fatalf("counted %d of %d, %v", n, workers*rounds, err)
	}
}

// testGroup mixes good, failing and panicking updates: exactly the good stay.
func testGroup(t *testing.T, d *db.DB) {
	const all = 300
	var hooks atomic.Int64
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			defer func() {
				if v := recover(); (v != nil) != (i%3 == 2) {
					t.Errorf("%d recovered %v", i, v)
				}
			}()
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				tx.AfterCommit(func() { hooks.Add(1) })
				if err := insert(ctx, tx, fmt.Sprint(i)); err != nil {
					return err
				}
				switch i % 3 {
				case 1:
					return insert(ctx, tx, fmt.Sprint(i)) // a duplicate
				case 2:
					panic("mine")
				}
				return nil
			})
			if (i%3 == 0 && err != nil) || (i%3 == 1 && !db.IsUnique(err)) {
				t.Errorf("%d gave %v", i, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, d); n != all/3 || hooks.Load() != all/3 {
		t.Fatalf("%d rows and %d hooks of %d", n, hooks.Load(), all/3)
	}
}

func testMigrateAgain(t *testing.T, d *db.DB) {
	add(t, d, "1")
	for range 2 {
		if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func testClosed(t *testing.T, d *db.DB) {
	for range 2 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	nothing := func(context.Context, *db.Tx) error { return nil }
	for _, err := range []error{d.Update(t.Context(), nothing), d.View(t.Context(), nothing)} {
		if !errs.Is(err, errs.Unavailable) {
			t.Errorf("got %v", err)
		}
	}
}

func testErrorsHoldNoValues(t *testing.T, d *db.DB) {
	const secret = "Rosa"
	check := func(what string, err error) {
		t.Helper()
		if err == nil {
			t.Errorf("%s: no error", what)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error says %q", what, err)
		}
	}
	add(t, d, secret)
	update := func(query string, args ...any) error {
		return d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, query, args...)
			return err
		})
	}
	check("unique", update(`INSERT INTO note (id, agency) VALUES ($1, $2)`, secret, "a"))
	check("foreign key", update(`INSERT INTO page (note, n) VALUES ($1, $2)`, secret+"x", 1))
	check("not null", update(`INSERT INTO note (id, text, agency) VALUES ($1, $2, $3)`, "n", secret, nil))
	check("bad text", update(`INSERT INTO note (id, agency) VALUES ($1, $2)`, secret+"\x00", "a"))
	check("too few", update(`INSERT INTO note (id, agency) VALUES ($1, $2)`, secret))
	check("struct", update(`INSERT INTO note (id, agency) VALUES ($1, $2)`, struct{ Name string }{secret}, "a"))
	if d.Engine() == db.Postgres { // SQLite keeps it as text
		check("wrong type", update(`INSERT INTO note (id, agency, amount) VALUES ($1, $2, $3)`, "t", "a", secret))
	}
	check("cast", d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if d.Engine() == db.Postgres {
			return tx.QueryRow(ctx, `SELECT CAST(id AS BIGINT) FROM note`).Scan(new(int64))
		}
		return tx.QueryRow(ctx, `SELECT id FROM note`).Scan(new(int64))
	}))
	check("scan", d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id FROM note`).Scan(new(int64))
	}))
	check("row struct", d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT id FROM note WHERE id = $1 AND amount = $2`, "a", struct{ Name string }{secret}).Scan(new(string))
	}))
}
