package db_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestPasswordFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(file, []byte(" s3cret pass \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := db.Password(db.Config{URL: "postgres://clew@localhost/clew", PasswordFile: file})
	if got != " s3cret pass " || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := db.Password(db.Config{URL: "postgres://clew@localhost/clew", PasswordFile: file + "x"}); !errs.Is(err, errs.Unavailable) {
		t.Errorf("missing file: %v", err)
	}
}

func TestBadAddressSaysNoPassword(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"postgres://clew:s3cret@127.0.0.1:1/clew?connect_timeout=2", // nobody listens
		"postgres://clew:s3cret@127.0.0.1:port/clew",
		"postgres://clew:s3cret@127.0.0.1/clew?sslmode=maybe",
	} {
		_, err := db.Open(t.Context(), db.Config{URL: address})
		if !errs.Is(err, errs.Unavailable) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("got %v", err)
		}
	}
}

// TestBackendKilled: an Update whose connection dies fails as Unavailable, keeps nothing,
// and the next one works.
func TestBackendKilled(t *testing.T) {
	t.Parallel()
	cfg := dbtest.Postgres(t)
	d, killer := dbtest.Open(t, cfg, note), dbtest.Open(t, cfg)
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if err := insert(ctx, tx, "1"); err != nil {
			return err
		}
		var pid int
		if err := tx.QueryRow(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		if err := killer.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var done bool
			return tx.QueryRow(ctx, `SELECT pg_terminate_backend($1, 5000)`, pid).Scan(&done)
		}); err != nil {
			return err
		}
		return insert(ctx, tx, "2")
	})
	if !errs.Is(err, errs.Unavailable) || errs.Of(err).Word != "error.storage" {
		t.Errorf("got %v", err)
	}
	add(t, d, "3")
	if n := count(t, d); n != 1 {
		t.Errorf("%d rows", n)
	}
}

// TestDeadlock makes two Updates take the same two rows in opposite order.
// PostgreSQL ends one of them, and that one runs again.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Postgres(t), note)
	add(t, d, "1")
	add(t, d, "2")
	var both sync.WaitGroup // holds each until the other has its first row
	both.Add(2)
	var wg sync.WaitGroup
	runs := make([]int, 2)
	for i, order := range [][]string{{"1", "2"}, {"2", "1"}} {
		wg.Go(func() {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				runs[i]++
				for n, id := range order {
					if _, err := tx.Exec(ctx, `UPDATE note SET amount = amount + 1 WHERE id = $1`, id); err != nil {
						return err
					}
					if n == 0 && runs[i] == 1 {
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if runs[0]+runs[1] < 3 {
		t.Errorf("nobody ran again: %v", runs)
	}
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var sum int
		err := tx.QueryRow(ctx, `SELECT CAST(sum(amount) AS BIGINT) FROM note`).Scan(&sum)
		if sum != 4 {
			t.Errorf("sum %d", sum)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestEncoding: a database that cannot hold every script is refused.
func TestEncoding(t *testing.T) {
	t.Parallel()
	cfg := dbtest.Postgres(t)
	admin, err := sql.Open("pgx", cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	at, err := url.Parse(cfg.URL)
	if err != nil {
		t.Fatal(err)
	}
	latin := strings.TrimPrefix(at.Path, "/") + "_latin"
	if _, err := admin.ExecContext(t.Context(), `CREATE DATABASE `+latin+` TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'`); err != nil {
		t.Fatal(err)
	}
	defer admin.Exec(`DROP DATABASE ` + latin + ` WITH (FORCE)`)
	at.Path = "/" + latin
	if _, err := db.Open(t.Context(), db.Config{URL: at.String()}); !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "UTF8") {
		t.Errorf("got %v", err)
	}
}

// TestNodesStartTogether migrates from several nodes at once.
func TestNodesStartTogether(t *testing.T) {
	t.Parallel()
	cfg := dbtest.Postgres(t)
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			d, err := db.Open(t.Context(), cfg)
			if err != nil {
				t.Error(err)
				return
			}
			defer d.Close()
			if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
				t.Error(err)
				return
			}
			if err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				return insert(ctx, tx, fmt.Sprint(i))
			}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(t, dbtest.Open(t, cfg, note)); n != 4 {
		t.Errorf("%d rows", n)
	}
}
