package db_test

import (
	"context"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func steps(name string, texts ...string) db.Migrations {
	all := fstest.MapFS{}
	for i, text := range texts {
		all["0000"+string(rune('1'+i))+"_step.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + text + "\n")}
	}
	return db.Migrations{Name: name, FS: fs.FS(all)}
}

const (
	stepOne = `CREATE TABLE letter (id TEXT NOT NULL PRIMARY KEY, agency TEXT NOT NULL);`
	stepTwo = `ALTER TABLE letter ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;`
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		one, two := steps("letter", stepOne), steps("letter", stepOne, stepTwo)
		if err := d.Migrate(ctx, []db.Migrations{one}); err != nil {
			t.Fatal(err)
		}
		write := func() error {
			return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `INSERT INTO letter (id, agency, sent) VALUES ($1, $2, $3)`, "1", "a", 1)
				return err
			})
		}
		if write() == nil {
			t.Fatal("the column is there before its step")
		}
		// The second feature has a version table of its own.
		if err := d.Migrate(ctx, []db.Migrations{two, steps("stamp", `CREATE TABLE stamp (agency TEXT NOT NULL);`)}); err != nil {
			t.Fatal(err)
		}
		if err := write(); err != nil {
			t.Fatal(err)
		}

		err := d.Migrate(ctx, []db.Migrations{one})
		if !errs.Is(err, errs.Unavailable) || !strings.Contains(err.Error(), "newer program") || !strings.Contains(err.Error(), "letter") {
			t.Errorf("an older program gave %v", err)
		}
	})
}

// TestMigrateHalf: a step that fails in the middle leaves nothing of itself.
func TestMigrateHalf(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := t.Context()
		bad := steps("letter", stepOne, "CREATE TABLE half (agency TEXT NOT NULL);\nINSERT INTO nowhere VALUES (1);")
		if err := d.Migrate(ctx, []db.Migrations{bad}); err == nil {
			t.Fatal("no error")
		}
		good := steps("letter", stepOne, "CREATE TABLE half (agency TEXT NOT NULL);")
		if err := d.Migrate(ctx, []db.Migrations{good}); err != nil {
			t.Fatal(err)
		}
	})
}

func TestMigrateNames(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t))
	for _, name := range []string{"", "Letter", "a-b", "a; DROP TABLE x", "1a", strings.Repeat("a", 60)} {
		if err := d.Migrate(t.Context(), []db.Migrations{steps(name, stepOne)}); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
}
