package app

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Every record belongs to an agency from its first migration on.
func TestEveryTableHasAnAgency(t *testing.T) {
	columns := map[db.Engine]string{
		db.SQLite: `SELECT m.name, p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p
			WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name NOT LIKE 'goose_%'`,
		db.Postgres: `SELECT table_name, column_name FROM information_schema.columns
			WHERE table_schema = current_schema() AND table_name NOT LIKE 'goose_%'`,
	}
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		agency := map[string]bool{}
		err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			rows, err := tx.Query(ctx, columns[d.Engine()])
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				var table, column string
				if err := rows.Scan(&table, &column); err != nil {
					return err
				}
				agency[table] = agency[table] || column == "agency"
			}
			return rows.Err()
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(agency) < 20 {
			t.Errorf("only %d tables were found", len(agency))
		}
		for table, has := range agency {
			if !has {
				t.Errorf("the table %s has no column agency", table)
			}
		}
	}, allMigrations()...)
}

// A migration that was released never changes: somebody's database has been
// through it. A new one is added to the list with -update.
func TestReleasedMigrationsStay(t *testing.T) {
	var now bytes.Buffer
	for _, m := range allMigrations() {
		files, err := fs.Glob(m.FS, "*.sql")
		if err != nil || len(files) == 0 {
			t.Fatalf("migrations of %s: %v", m.Name, err)
		}
		for _, name := range files {
			b, err := fs.ReadFile(m.FS, name)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(&now, "%x %s %s\n", sha256.Sum256(b), m.Name, name)
		}
	}
	path := filepath.Join("testdata", "migrations.golden")
	if *update {
		if err := os.WriteFile(path, now.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(want)) {
		if !strings.Contains(now.String(), line) {
			t.Errorf("a migration was changed or taken out; add another one instead: %s", line)
		}
	}
	if now.Len() != len(want) {
		t.Error("a migration is not in the list: run the test with -update")
	}
}
