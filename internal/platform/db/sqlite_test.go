package db_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestReopenPersists(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	for i := range 3 {
		d, err := db.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
			t.Fatal(err)
		}
		if n := count(t, d); n != i {
			t.Fatalf("round %d found %d", i, n)
		}
		add(t, d, fmt.Sprint(i))
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestWrongKey also makes sure that trying one destroys nothing: a log with
// committed rows, as a crash leaves it, must still be there.
func TestWrongKey(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	d := dbtest.Open(t, cfg, note)
	add(t, d, "1")
	crashed := cfg
	crashed.Dir = copyDir(t, cfg.Dir)

	wrong := crashed
	wrong.Key = bytes.Repeat([]byte{7}, db.KeySize)
	_, err := db.Open(t.Context(), wrong)
	if !errors.Is(err, db.ErrKey) || !errs.Is(err, errs.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if strings.Contains(err.Error(), hex.EncodeToString(wrong.Key)) {
		t.Error("the error says the key")
	}
	for _, size := range []int{0, 31, 33} {
		short := crashed
		short.Key = make([]byte, size)
		if _, err := db.Open(t.Context(), short); !errs.Is(err, errs.Unavailable) {
			t.Errorf("key of %d bytes: %v", size, err)
		}
	}
	if n := count(t, dbtest.Open(t, crashed, note)); n != 1 {
		t.Errorf("%d rows after the wrong key was tried", n)
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string][]byte{
		"garbage": bytes.Repeat([]byte("x"), 8192),
		"short":   []byte("x"),
	} {
		cfg := dbtest.SQLite(t)
		if err := os.WriteFile(filepath.Join(cfg.Dir, db.FileName), damage, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Open(t.Context(), cfg); !errors.Is(err, db.ErrKey) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestNothingPlain looks for what was written, and for the names of tables,
// in every file.
func TestNothingPlain(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	d := dbtest.Open(t, cfg, note)
	const canary = "canary-Rosa-4711"
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for i := range 200 {
			if _, err := tx.Exec(ctx, `INSERT INTO note (id, agency, text, body) VALUES ($1, $2, $3, $4)`,
				fmt.Sprint(i, canary), "a", strings.Repeat(canary, 1000), []byte(canary)); err != nil {
				return err
			}
		}
		rows, err := tx.Query(ctx, `SELECT text FROM note ORDER BY text || id DESC`) // a sort too large for the cache
		if err != nil {
			return err
		}
		return rows.Close()
	})
	if err != nil {
		t.Fatal(err)
	}
	files := 0
	look := func(when string) {
		for path, data := range readDir(t, cfg.Dir) {
			files++
			for _, plain := range []string{canary, "CREATE TABLE", "SQLite format", string(cfg.Key), hex.EncodeToString(cfg.Key)} {
				if bytes.Contains(data, []byte(plain)) {
					t.Errorf("%s: %s holds %.13q", when, filepath.Base(path), plain)
				}
			}
		}
	}
	look("open")
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	look("closed")
	if files < 5 {
		t.Errorf("only %d files looked at", files)
	}
}

func TestOnlyOwnerReads(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	cfg.Dir = filepath.Join(cfg.Dir, "made", "here")
	add(t, dbtest.Open(t, cfg, note), "1")
	for _, name := range []string{"", db.FileName, db.FileName + "-wal"} {
		info, err := os.Stat(filepath.Join(cfg.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%q has mode %v", name, info.Mode())
		}
	}
}

func TestOneProgramAFolder(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	d := dbtest.Open(t, cfg, note)
	_, err := db.Open(t.Context(), cfg)
	if !errors.Is(err, db.ErrInUse) || !errs.Is(err, errs.Unavailable) {
		t.Fatalf("got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	dbtest.Open(t, cfg, note)
}

func TestSettings(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), note)
	for name, want := range map[string]string{
		"journal_mode": "wal", "foreign_keys": "1", "secure_delete": "1", "temp_store": "2",
		"trusted_schema": "0", "busy_timeout": "10000", "page_size": "4096",
	} {
		for _, writer := range []bool{true, false} {
			if got, err := d.Pragma(name, writer); got != want || err != nil {
				t.Errorf("%s is %s (writer %v), %v", name, got, writer, err)
			}
		}
	}
	for writer, want := range map[bool]string{true: "0", false: "1"} {
		if got, err := d.Pragma("query_only", writer); got != want || err != nil {
			t.Errorf("query_only is %s (writer %v), %v", got, writer, err)
		}
	}
	if got, err := d.Pragma("synchronous", true); got != "2" || err != nil {
		t.Errorf("synchronous is %s, %v", got, err)
	}
}

// TestSwallowedScan: the failure of an INSERT … RETURNING shows in Scan only.
func TestSwallowedScan(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		add(t, d, "1")
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			if err := insert(ctx, tx, "2"); err != nil {
				return err
			}
			var id string
			_ = tx.QueryRow(ctx, `INSERT INTO note (id, agency) VALUES ($1, $2) RETURNING id`, "1", "a").Scan(&id)
			return nil
		})
		if err == nil || count(t, d) != 1 {
			t.Errorf("%d rows, %v", count(t, d), err)
		}
	}, note)
}

// TestSameStatementTwice reads with one statement inside its own rows.
func TestSameStatementTwice(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), note)
	add(t, d, "1")
	add(t, d, "2")
	const query = `SELECT id FROM note ORDER BY id`
	var got []string
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		outer, err := tx.Query(ctx, query)
		if err != nil {
			return err
		}
		defer outer.Close()
		for outer.Next() {
			var a, b string
			if err := outer.Scan(&a); err != nil {
				return err
			}
			if err := tx.QueryRow(ctx, query).Scan(&b); err != nil {
				return err
			}
			got = append(got, a+b)
		}
		return outer.Err()
	})
	if err != nil || strings.Join(got, " ") != "11 21" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestManyTexts runs more different statements than a connection keeps.
func TestManyTexts(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), note)
	for i := range 1000 {
		var n int
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return tx.QueryRow(ctx, fmt.Sprintf(`SELECT %d + $1`, i), 1).Scan(&n)
		})
		if err != nil || n != i+1 {
			t.Fatalf("%d gave %d, %v", i, n, err)
		}
	}
}

func readDir(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		all[path], err = os.ReadFile(filepath.Join(dir, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func copyDir(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	for path, data := range readDir(t, dir) {
		if err := os.WriteFile(filepath.Join(to, path), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}
