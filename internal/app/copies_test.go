package app

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// The doctor names copies that outlive a deletion, and nothing that is Clew's own.
func TestTheDoctorSeesCopies(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	data := filepath.Join(root, "srv", "home")
	put := func(path string) {
		t.Helper()
		path = filepath.Join(root, path)
		if err := errs.First(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("vg-home-cow\n"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	for _, own := range []string{db.FileName, db.FileName + "-wal", db.FileName + "-shm", "reserve", "clew.sock"} {
		put("srv/home/" + own)
	}
	if names := foreignFiles(data); len(names) != 0 {
		t.Errorf("its own files are foreign: %q", names)
	}
	if found := snapshots(data, filepath.Join(root, "sys")); len(found) != 0 {
		t.Errorf("snapshots where there are none: %q", found)
	}
	for _, copied := range []string{"clew.db.bak", "old.db", "dump.sql"} {
		put("srv/home/" + copied)
	}
	if names := strings.Join(foreignFiles(data), " "); names != "clew.db.bak dump.sql old.db" {
		t.Errorf("copies: %q", names)
	}
	put("srv/.snapshots/1/info.xml")
	put("srv/home/.zfs/snapshot/daily/x")
	put("sys/block/dm-3/dm/name")
	found := strings.Join(snapshots(data, filepath.Join(root, "sys")), "\n")
	for _, want := range []string{filepath.Join(root, "srv", ".snapshots"), filepath.Join(data, ".zfs", "snapshot"), "LVM vg-home"} {
		if !strings.Contains(found, want) {
			t.Errorf("it does not see %s: %s", want, found)
		}
	}
}

// Of PostgreSQL's log the doctor says what keeps it.
func TestTheDoctorSeesWhatKeepsPostgresLog(t *testing.T) {
	d := dbtest.Open(t, dbtest.Postgres(t))
	a := &App{DB: d}
	archive, slot := "", "clew_test_kept"
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT current_setting('archive_mode')`).Scan(&archive)
	})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `SELECT pg_create_physical_replication_slot($1)`, slot)
		return err
	})
	if err != nil {
		t.Skipf("this server gives no slots: %v", err)
	}
	t.Cleanup(func() {
		_ = d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `SELECT pg_drop_replication_slot($1)`, slot)
			return err
		})
	})
	var out bytes.Buffer
	if err := a.tellArchive(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), slot) || strings.Contains(out.String(), "archives its log") != (archive != "off") {
		t.Errorf("with archive_mode %s and a slot it says %q", archive, out.String())
	}
}
