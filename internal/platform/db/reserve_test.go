package db_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// TestReserve fills a disk that has room only while the reserve is gone.
func TestReserve(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	disk := fault.NewDisk()
	cfg.Disk, cfg.Reserve = disk, 1<<20
	d := dbtest.Open(t, cfg, note)
	file := filepath.Join(cfg.Dir, "reserve")
	if info, err := os.Stat(file); err != nil || info.Size() != cfg.Reserve || d.DiskLow() {
		t.Fatalf("no reserve: %v, low %v", err, d.DiskLow())
	}

	disk.Fail(func(op fault.Op) error {
		if _, err := os.Stat(file); op == fault.Write && err == nil {
			return fault.ErrFull
		}
		return nil
	})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { add(t, d, fmt.Sprint(i)) }) // nobody notices
	}
	wg.Wait()
	if n := count(t, d); n != 20 || !d.DiskLow() {
		t.Errorf("%d rows, low %v", n, d.DiskLow())
	}

	// The next time there is nothing left to give up, and the truth is told.
	disk.Fail(func(op fault.Op) error {
		if op == fault.Write {
			return fault.ErrFull
		}
		return nil
	})
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, "more") })
	if !errs.Is(err, errs.Unavailable) {
		t.Errorf("got %v", err)
	}
	disk.Fail(nil)
	if err := d.Refill(); err != nil || d.DiskLow() {
		t.Errorf("refill: %v, low %v", err, d.DiskLow())
	}
	add(t, d, "more")
}

// TestSmallDisk fills a real disk: CLEW_TEST_SMALL_DISK is an empty folder on a
// file system of a few megabytes, as in
//
//	mount -t tmpfs -o size=8m tmpfs /mnt/small
func TestSmallDisk(t *testing.T) {
	small := os.Getenv("CLEW_TEST_SMALL_DISK")
	if small == "" {
		t.Skip("no small disk: set CLEW_TEST_SMALL_DISK to an empty folder on a file system of a few megabytes")
	}
	cfg := dbtest.SQLite(t)
	if err := os.WriteFile(filepath.Join(small, "ballast"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg.Dir = filepath.Join(small, "data")
	cfg.Reserve = 1 << 20
	d, err := db.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(cfg.Dir)
	defer d.Close()
	if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
		t.Fatal(err)
	}
	write := func(id string) error {
		return d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO note (id, agency, body) VALUES ($1, 'a', $2)`, id, make([]byte, 10_000))
			return err
		})
	}
	good, afterLow := 0, 0
	for ; ; good++ {
		if good > 20_000 {
			t.Skip("this disk is not small")
		}
		if err = write(fmt.Sprint(good)); err != nil {
			break
		}
		if d.DiskLow() {
			afterLow++
		}
	}
	if !errs.Is(err, errs.Unavailable) || afterLow == 0 {
		t.Errorf("%d updates, %d of them from the reserve, then %v", good, afterLow, err)
	}
	if n := count(t, d); n != good {
		t.Errorf("%d rows of %d", n, good)
	}
	t.Logf("%d updates, %d of them from the reserve", good, afterLow)
	if err := os.Remove(filepath.Join(small, "ballast")); err != nil {
		t.Fatal(err)
	}
	if err := write("after"); err != nil { // somebody has made room
		t.Error(err)
	}
	if found, err := d.Check(); found != "" || err != nil {
		t.Errorf("unsound: %s %v", found, err)
	}
}
