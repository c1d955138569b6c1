package db_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// What was written stays, and the log that tells how it came to be is gone.
// Whoever reads an older state meanwhile is not waited for.
func TestTheLogIsTrimmed(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	d := dbtest.Open(t, cfg, note)
	size := func() int64 {
		info, err := os.Stat(filepath.Join(cfg.Dir, db.FileName+"-wal"))
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	add(t, d, "1")
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM note`).Scan(&n); err != nil {
			return err
		}
		add(t, d, "2")
		if err := d.TrimLog(t.Context()); err != nil {
			t.Errorf("while somebody reads: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if size() == 0 {
		t.Error("the log was trimmed under a reader")
	}
	if err := d.TrimLog(t.Context()); err != nil {
		t.Fatal(err)
	}
	if size() != 0 {
		t.Errorf("the log still holds %d bytes", size())
	}
	add(t, d, "3")
	if n := count(t, d); n != 3 {
		t.Errorf("%d rows are left, want 3", n)
	}
}
