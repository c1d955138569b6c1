package db_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// TestPowerCut cuts the power at a random operation while several write, loses a
// random part of what was not synced, sector by sector, and opens again: what
// was acknowledged is there, nothing is half there, and the file is sound.
// CLEW_TEST_CUTS sets how often.
func TestPowerCut(t *testing.T) {
	t.Parallel()
	cuts := 40
	if testing.Short() {
		cuts = 9
	}
	if s := os.Getenv("CLEW_TEST_CUTS"); s != "" {
		var err error
		if cuts, err = strconv.Atoi(s); err != nil {
			t.Fatal(err)
		}
	}
	kept := 0
	for seed := range cuts {
		if kept += powerCut(t, uint64(seed)); t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
	if kept == 0 {
		t.Error("no cut came after an acknowledged update, so nothing was proved")
	}
	t.Logf("%d cuts, %d acknowledged updates", cuts, kept)
}

func powerCut(t *testing.T, seed uint64) (kept int) {
	r := rand.New(rand.NewPCG(seed, 1))
	disk := fault.NewDisk()
	cfg := dbtest.SQLite(t)
	whole := cfg
	cfg.Disk = disk
	disk.CutAt(1 + r.IntN([]int{40, 400, 2500}[seed%3])) // while it is made, soon after, among checkpoints
	acknowledged := writeUntilCut(cfg, disk)
	if err := disk.Lose(r); err != nil {
		t.Fatal(err)
	}

	d, err := db.Open(t.Context(), whole)
	if err != nil {
		t.Errorf("opening again: %v", err)
		return 0
	}
	defer d.Close()
	if found, err := d.Check(); found != "" || err != nil {
		t.Errorf("unsound: %s %v", found, err)
	}
	if err := d.Migrate(t.Context(), []db.Migrations{note}); err != nil {
		t.Error(err)
		return 0
	}
	err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for id, want := range acknowledged {
			var got []byte
			var pages int
			if err := tx.QueryRow(ctx, `SELECT body FROM note WHERE id = $1`, id).Scan(&got); err != nil {
				t.Errorf("acknowledged %s is lost: %v", id, err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("acknowledged %s changed", id)
			}
			if err := tx.QueryRow(ctx, `SELECT count(*) FROM page WHERE note = $1`, id).Scan(&pages); err != nil || pages != 1 {
				t.Errorf("%s has %d pages, %v", id, pages, err)
			}
		}
		var half int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM note LEFT JOIN page ON page.note = note.id WHERE page.note IS NULL`).Scan(&half); err != nil || half > 0 {
			t.Errorf("%d updates are half there, %v", half, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	add(t, d, "after") // and it goes on
	return len(acknowledged)
}

// writeUntilCut makes the tables and writes from several goroutines until the
// disk is gone, and gives what it was told is kept.
func writeUntilCut(cfg db.Config, disk *fault.Disk) map[string][]byte {
	acknowledged := map[string][]byte{}
	ctx := context.Background()
	d, err := db.Open(ctx, cfg)
	if err != nil {
		return nil
	}
	defer d.Close()
	lit, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() { // goose would try for seconds to make its table
		select {
		case <-disk.Dark():
			cancel()
		case <-lit.Done():
		}
	}()
	if d.Autocheckpoint("50") != nil || d.Migrate(lit, []db.Migrations{note}) != nil {
		return nil
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				id := fmt.Sprintf("%d-%d", worker, i)
				body := bytes.Repeat([]byte(id), 1+i%2000)
				err := d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
					if _, err := tx.Exec(ctx, `INSERT INTO note (id, agency, body) VALUES ($1, 'a', $2)`, id, body); err != nil {
						return err
					}
					_, err := tx.Exec(ctx, `INSERT INTO page (note, n) VALUES ($1, 1)`, id)
					return err
				})
				if err != nil {
					return
				}
				mu.Lock()
				acknowledged[id] = body
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return acknowledged
}
