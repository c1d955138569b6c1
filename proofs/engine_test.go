package proofs

import (
	"context"
	"encoding/hex"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// engine is one way to keep the data: how to start the program on it, and how
// to read what the stopped program has left.
type engine struct {
	name string
	data string   // folder, empty for PostgreSQL
	args []string // for clew demo
	env  []string // for every command
	open func(testing.TB) *db.DB
}

// fresh is the same engine with nothing in it.
func (e engine) fresh(t *testing.T) engine {
	t.Helper()
	if e.data == "" {
		return onPostgres(t)
	}
	return onSQLite(t)
}

func onSQLite(t *testing.T) engine {
	data := t.TempDir() + "/data"
	return engine{"SQLite", data, []string{"--data", data}, nil, func(t testing.TB) *db.DB { return openData(t, data) }}
}

// onPostgres skips the test where there is no server.
func onPostgres(t *testing.T) engine {
	cfg := dbtest.Postgres(t)
	files := "CLEW_FILES=" + t.TempDir()
	return engine{"PostgreSQL", "", []string{"--database", cfg.URL}, []string{files}, func(t testing.TB) *db.DB {
		d, err := db.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}}
}

// onEach runs a test on both engines, side by side.
func onEach(t *testing.T, test func(t *testing.T, e engine)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, onSQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, onPostgres(t))
	})
}

// sound says that SQLite finds nothing wrong with the file.
func sound(t testing.TB, d *db.DB) {
	t.Helper()
	if d.Engine() != db.SQLite {
		return
	}
	var found string
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `PRAGMA integrity_check`).Scan(&found)
	})
	if err != nil || found != "ok" {
		t.Errorf("the file is unsound: %s %v", found, err)
	}
}

// contactsIn counts what is stored, after ending the program that holds the
// folder.
func contactsIn(t *testing.T, data string, r *running) (n int) {
	t.Helper()
	if r != nil {
		r.kill()
	}
	d := openData(t, data)
	defer d.Close()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM contacts`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// openData opens a stopped demonstration's database with the key beside it.
func openData(t testing.TB, data string) *db.DB {
	t.Helper()
	text, err := os.ReadFile(data + ".key")
	if err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Config{Dir: data, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func waitFor(ctx context.Context, done <-chan struct{}, ready func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// change does to the database what the program would not.
func change(t *testing.T, d *db.DB, sql string, args ...any) {
	t.Helper()
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// count asks for one number.
func count(t testing.TB, d *db.DB, query string, args ...any) (n int) {
	t.Helper()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, query, args...).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// command runs a command of the breakable program on the engine's data to its end.
func (e engine) command(args ...string) (string, error) {
	cmd := exec.Command("clew-failpoint", append(args, e.args...)...)
	cmd.Env = append(os.Environ(), e.env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
