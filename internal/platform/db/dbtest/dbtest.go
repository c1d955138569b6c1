// Package dbtest runs a test on every engine, each time on a database of its own.
//
// PostgreSQL needs a server on which databases may be made: its URL stands in
// CLEW_TEST_POSTGRES, and scripts/postgres.sh starts one. Without it that half
// is skipped and says so.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver with which databases are made

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Env names the variable that holds the URL of the PostgreSQL server.
const Env = "CLEW_TEST_POSTGRES"

// Each runs test once for each engine, as subtests "sqlite" and "postgres" that
// run beside other tests.
func Each(t *testing.T, test func(t *testing.T, d *db.DB), migrations ...db.Migrations) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, Open(t, SQLite(t), migrations...))
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, Open(t, Postgres(t), migrations...))
	})
}

// Open opens a database until the end of the test.
func Open(t testing.TB, cfg db.Config, migrations ...db.Migrations) *db.DB {
	t.Helper()
	d, err := db.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := d.Migrate(context.Background(), migrations); err != nil {
		t.Fatal(err)
	}
	return d
}

// SQLite is the configuration of a fresh encrypted file.
func SQLite(t testing.TB) db.Config {
	key := make([]byte, db.KeySize)
	rand.Read(key)
	return db.Config{Dir: t.TempDir(), Key: key}
}

// Postgres is the configuration of a fresh database, dropped after the test;
// or it skips the test.
func Postgres(t testing.TB) db.Config {
	t.Helper()
	server := os.Getenv(Env)
	if server == "" {
		t.Skipf("no PostgreSQL: set %s to the URL that `scripts/postgres.sh start` prints", Env)
	}
	at, err := url.Parse(server)
	if err != nil {
		t.Fatalf("%s is not a URL", Env)
	}
	admin, err := sql.Open("pgx", server)
	if err != nil {
		t.Fatal(err)
	}
	name := "clew_test_" + ids.New()
	if _, err := admin.Exec(`CREATE DATABASE ` + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := admin.Exec(`DROP DATABASE ` + name + ` WITH (FORCE)`); err != nil {
			t.Error(err)
		}
		_ = admin.Close()
	})
	at.Path = "/" + name
	return db.Config{URL: at.String(), Conns: 8}
}
