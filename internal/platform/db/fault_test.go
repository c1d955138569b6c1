package db_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// TestDiskFaults makes each kind of operation fail in turn, at each of the first
// writes of an update. The error is Unavailable, reading goes on, nothing of a
// failed update is kept, and when the disk works again so does the database,
// without a restart.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	faults := map[string]struct {
		op  fault.Op
		err error
	}{
		"full":        {fault.Write, fault.ErrFull},
		"write error": {fault.Write, fault.ErrIO},
		"sync error":  {fault.Sync, fault.ErrSync},
		"read-only":   {fault.Write, fault.ErrReadOnly},
	}
	for name, c := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := dbtest.SQLite(t)
			disk := fault.NewDisk()
			whole := cfg
			cfg.Disk = disk
			d, err := db.Open(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
				t.Fatal(err)
			}
			if err := d.Autocheckpoint("20"); err != nil {
				t.Fatal(err)
			}
			good, failed := 0, 0
			for round := range 60 {
				left := round % 12 // the operation that fails first
				disk.Fail(func(op fault.Op) error {
					if op != c.op {
						return nil
					}
					if left--; left < 0 {
						return c.err
					}
					return nil
				})
				err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
					return insert(ctx, tx, fmt.Sprint("faulty-", round))
				})
				switch {
				case err == nil:
					good++ // enough writes were let through
				case errs.Is(err, errs.Unavailable) && errs.Of(err).Word == "error.storage":
					failed++
				default:
					t.Errorf("round %d: %v", round, err)
				}
				if n := count(t, d); n != good {
					t.Fatalf("round %d: %d rows of %d while the disk fails", round, n, good)
				}
				disk.Fail(nil)
				add(t, d, fmt.Sprint("after-", round))
				good++
			}
			if failed < 4 {
				t.Errorf("only %d updates failed", failed)
			}
			if found, err := d.Check(); found != "" || err != nil {
				t.Errorf("unsound: %s %v", found, err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			if n := count(t, dbtest.Open(t, whole, note)); n != good {
				t.Errorf("%d rows of %d after opening again", n, good)
			}
		})
	}
}

// TestGroupFailsTogether lets the sync of a group fail: everyone in it hears so.
func TestGroupFailsTogether(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	disk := fault.NewDisk()
	cfg.Disk = disk
	d := dbtest.Open(t, cfg, note)
	disk.Fail(func(op fault.Op) error {
		if op == fault.Sync {
			return fault.ErrSync
		}
		return nil
	})
	var failed atomic.Int64
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				tx.AfterCommit(func() { t.Error("a hook ran") })
				return insert(ctx, tx, fmt.Sprint(i))
			})
			if errs.Is(err, errs.Unavailable) {
				failed.Add(1)
			}
		})
	}
	wg.Wait()
	if n := count(t, d); failed.Load() != 50 || n != 0 {
		t.Errorf("%d of 50 failed, %d rows", failed.Load(), n)
	}
	disk.Fail(nil)
	add(t, d, "after")
}

// TestOpenOnBrokenDisk: not being able to start is Unavailable too, and leaves
// nothing behind that would stop the next start.
func TestOpenOnBrokenDisk(t *testing.T) {
	t.Parallel()
	cfg := dbtest.SQLite(t)
	whole := cfg
	disk := fault.NewDisk()
	cfg.Disk = disk
	disk.Fail(func(fault.Op) error { return fault.ErrFull })
	if _, err := db.Open(t.Context(), cfg); !errs.Is(err, errs.Unavailable) {
		t.Fatalf("got %v", err)
	}
	add(t, dbtest.Open(t, whole, note), "1")
}
