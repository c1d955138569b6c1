package db_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// note is a feature with one table.
var note = db.Migrations{Name: "note", FS: fstest.MapFS{
	"00001_note.sql": {Data: []byte(`-- +goose Up
CREATE TABLE note (
	id     TEXT NOT NULL PRIMARY KEY,
	agency TEXT NOT NULL,
	text   TEXT NOT NULL DEFAULT '',
	body   BYTEA,
	seen   BIGINT NOT NULL DEFAULT 0,
	at     BIGINT NOT NULL DEFAULT 0,
	amount BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE page (
	note TEXT NOT NULL REFERENCES note (id),
	n    BIGINT NOT NULL,
	PRIMARY KEY (note, n)
);
`)},
}}

func insert(ctx context.Context, tx *db.Tx, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO note (id, agency) VALUES ($1, $2)`, id, "a")
	return err
}

func add(t testing.TB, d *db.DB, id string) {
	t.Helper()
	if err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, id) }); err != nil {
		t.Fatal(err)
	}
}

func count(t testing.TB, d *db.DB) (n int) {
	t.Helper()
	if err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM note`).Scan(&n)
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestConformance is what every engine does alike.
func TestConformance(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, d *db.DB)
	}{
		{"Visible after Update", testVisible},
		{"View is one moment", testSnapshot},
		{"View cannot write", testReadOnly},
		{"An error rolls back", testRollback},
		{"A panic rolls back and goes on", testPanic},
		{"FailNow ends only the test", testGoexit},
		{"Unique", testUnique},
		{"Foreign keys hold", testForeignKey},
		{"A failed statement ends the transaction", testFailedStatement},
		{"Values keep", testValues},
		{"Bad text is refused", testBadText},
		{"Placeholders", testPlaceholders},
		{"Order and LIKE mind case", testCollation},
		{"RETURNING and ON CONFLICT", testReturning},
		{"AfterCommit", testAfterCommit},
		{"Now", testNow},
		{"Nested", testNested},
		{"Cancelled before", testCancelledBefore},
		{"Cancelled while running", testCancelledRunning},
		{"Cancelled View", testCancelledView},
		{"As if one after another", testSerial},
		{"Group isolation", testGroup},
		{"Migrate again", testMigrateAgain},
		{"Closed", testClosed},
		{"Errors hold no values", testErrorsHoldNoValues},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, c.test, note)
		})
	}
}

func testVisible(t *testing.T, d *db.DB) {
	for i := range 20 {
		add(t, d, fmt.Sprint(i))
		if n := count(t, d); n != i+1 {
			t.Fatalf("after %d updates a view saw %d", i+1, n)
		}
	}
}

func testSnapshot(t *testing.T, d *db.DB) {
	add(t, d, "1")
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var before, after int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM note`).Scan(&before); err != nil {
			return err
		}
		add(t, d, "2") // with the test's context, as another request would
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM note`).Scan(&after); err != nil {
			return err
		}
		if before != 1 || after != 1 {
			t.Errorf("saw %d, then %d", before, after)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testReadOnly(t *testing.T, d *db.DB) {
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, "1") })
	if err == nil {
		t.Fatal("a view wrote")
	}
	if n := count(t, d); n != 0 {
		t.Fatalf("%d rows", n)
	}
	add(t, d, "1") // and the connection still works
}

func testRollback(t *testing.T, d *db.DB) {
	mine := errors.New("mine")
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := insert(ctx, tx, "1"); err != nil {
			return err
		}
		return mine
	})
	if !errors.Is(err, mine) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, d); n != 0 {
		t.Fatalf("%d rows", n)
	}
}

func testPanic(t *testing.T, d *db.DB) {
	func() {
		defer func() {
			if v := recover(); v != "mine" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := insert(ctx, tx, "1"); err != nil {
				return err
			}
			panic("mine")
		})
	}()
	add(t, d, "2")
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func testGoexit(t *testing.T, d *db.DB) {
	var wg sync.WaitGroup
	wg.Go(func() {
		_ = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := insert(ctx, tx, "1"); err != nil {
				return err
			}
			t.SkipNow() // ends the goroutine as FailNow does, and the test goes on to check
			return nil
		})
	})
	wg.Wait()
	add(t, d, "2")
	if n := count(t, d); n != 1 {
		t.Errorf("%d rows", n)
	}
}

func testUnique(t *testing.T, d *db.DB) {
	add(t, d, "1")
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, "1") })
	if !db.IsUnique(err) {
		t.Fatalf("got %v", err)
	}
	if db.IsUnique(nil) || db.IsUnique(errors.New("no")) || db.IsUnique(sql.ErrNoRows) {
		t.Error("IsUnique says yes to anything")
	}
	if errs.Is(err, errs.Unavailable) {
		t.Errorf("a duplicate is not a broken disk: %v", err)
	}
}

func testForeignKey(t *testing.T, d *db.DB) {
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO page (note, n) VALUES ($1, $2)`, "none", 1)
		return err
	})
	if err == nil || db.IsUnique(err) {
		t.Fatalf("got %v", err)
	}
}

func testFailedStatement(t *testing.T, d *db.DB) {
	add(t, d, "1")
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := insert(ctx, tx, "2"); err != nil {
			return err
		}
		_ = insert(ctx, tx, "1") // swallowed
		if err := insert(ctx, tx, "3"); err == nil {
			t.Error("the transaction went on")
		}
		return nil
	})
	if !db.IsUnique(err) {
		t.Fatalf("got %v", err)
	}
	if n := count(t, d); n != 1 {
		t.Fatalf("%d rows", n)
	}
}

func testValues(t *testing.T, d *db.DB) {
	large := bytes.Repeat([]byte{0, 1, 0xff, 'x'}, 1<<20)
	type name string
	for i, c := range []struct {
		text string
		body []byte
		seen bool
		at   time.Time
		n    int64
	}{
		{"", nil, false, time.Time{}, 0},
		{"plain", []byte{}, true, time.Unix(1, 0), 1},
		{"عربي 中文 Русский 👩‍👧 e\u0301 \u202e", []byte{0}, true, time.Date(2262, 4, 11, 0, 0, 0, 1000, time.UTC), 1<<63 - 1},
		{"'; DROP TABLE note; -- $1 ?1", []byte("a\x00b"), false, time.Date(1901, 1, 1, 0, 0, 0, 0, time.UTC), -1 << 63},
		{strings.Repeat("ж", 1<<20), large, true, time.Now(), 42},
	} {
		id := fmt.Sprint(i)
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO note (id, agency, text, body, seen, at, amount) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
				id, name("a"), c.text, c.body, c.seen, c.at, c.n)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var text string
			var body []byte
			var seen bool
			var at, n int64
			if err := tx.QueryRow(ctx, `SELECT text, body, seen, at, amount FROM note WHERE id = $1 AND agency = $2`, id, "a").
				Scan(&text, &body, &seen, &at, &n); err != nil {
				return err
			}
			if text != c.text || !bytes.Equal(body, c.body) || (body == nil) != (c.body == nil) || seen != c.seen || n != c.n {
				t.Errorf("row %d came back differently: %.40q %.40q %v %d", i, text, body, seen, n)
			}
			if !db.Time(at).Equal(c.at.Truncate(time.Microsecond)) {
				t.Errorf("row %d: time %v came back as %v", i, c.at, db.Time(at))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func testBadText(t *testing.T, d *db.DB) {
	for _, text := range []string{"a\x00b", "\xff", "\xed\xa0\x80"} {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO note (id, agency, text) VALUES ($1, $2, $3)`, "1", "a", text)
			return err
		})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("%q: got %v", text, err)
		}
		err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, `SELECT text FROM note WHERE id = $1`, text).Scan(new(string))
		})
		if !errs.Is(err, errs.Invalid) {
			t.Errorf("row of %q: got %v", text, err)
		}
	}
}

func testPlaceholders(t *testing.T, d *db.DB) {
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO note (text, agency, id) VALUES ($3, $2, $1) -- not $4
			`, "id", "agency", "text")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var id, agency, text, literal string
		err := tx.QueryRow(ctx, `SELECT id, agency, text, '$9 ''$8' FROM note WHERE id = $1 OR text = $1 /* $7 */`, "id").
			Scan(&id, &agency, &text, &literal)
		if got := id + agency + text + literal; got != "idagencytext$9 '$8" {
			t.Errorf("got %q", got)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]any{{}, {"a"}, {"a", "b", "c"}} {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO note (id, agency) VALUES ($1, $2)`, args...)
			return err
		})
		if err == nil {
			t.Errorf("%d arguments for 2 placeholders were taken", len(args))
		}
	}
}

func testCollation(t *testing.T, d *db.DB) {
	for _, id := range []string{"b", "B", "a", "_", "é", "z", "中"} {
		add(t, d, id)
	}
	all := func(query string, args ...any) (got []string) {
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, query, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var id string
				if err := rows.Scan(&id); err != nil {
					return err
				}
				got = append(got, id)
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	if got := all(`SELECT id FROM note ORDER BY id`); !slices.IsSorted(got) || len(got) != 7 {
		t.Errorf("order %q", got)
	}
	if got := all(`SELECT id FROM note WHERE id LIKE $1`, "b%"); !slices.Equal(got, []string{"b"}) {
		t.Errorf("LIKE gave %q", got)
	}
}

func testReturning(t *testing.T, d *db.DB) {
	for i := range 3 {
		var n int64
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, `INSERT INTO note (id, agency, amount) VALUES ($1, $2, 1)
				ON CONFLICT (id) DO UPDATE SET amount = note.amount + 1 RETURNING amount`, "1", "a").Scan(&n)
		})
		if err != nil || n != int64(i+1) {
			t.Fatalf("round %d gave %d, %v", i, n, err)
		}
	}
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, `INSERT INTO note (id, agency) VALUES ($1, $2) ON CONFLICT DO NOTHING`, "1", "a")
		if n != 0 {
			t.Errorf("%d rows inserted", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func testAfterCommit(t *testing.T, d *db.DB) {
	var got []string
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		got = nil
		tx.AfterCommit(func() { got = append(got, fmt.Sprint("first saw ", count(t, d))) })
		tx.AfterCommit(func() {
			// A hook may open a transaction, even with the function's context.
			if err := d.View(ctx, func(context.Context, *db.Tx) error { return nil }); err != nil {
				t.Error(err)
			}
			got = append(got, "second")
		})
		return insert(ctx, tx, "1")
	})
	if err != nil || !slices.Equal(got, []string{"first saw 1", "second"}) {
		t.Fatalf("%q, %v", got, err)
	}
	_ = d.Update(t.Context(), func(_ context.Context, tx *db.Tx) error {
		tx.AfterCommit(func() { t.Error("ran after a failure") })
		return errors.New("no")
	})
}

func testNow(t *testing.T, d *db.DB) {
	before := time.Now().Truncate(time.Microsecond)
	err := d.Update(t.Context(), func(_ context.Context, tx *db.Tx) error {
		if tx.Now.Before(before) || tx.Now.After(time.Now()) || tx.Now.Location() != time.UTC || tx.Now.Nanosecond()%1000 != 0 {
			t.Errorf("now is %v", tx.Now)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
