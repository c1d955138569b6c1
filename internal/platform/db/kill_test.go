package db_test

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// TestKill kills a program that writes, again and again, in the middle of its
// work. What it was told is kept must be there, and the folder must open at once.
func TestKill(t *testing.T) {
	t.Parallel()
	const env = "CLEW_TEST_KILL_DIR"
	if dir := os.Getenv(env); dir != "" {
		writeForEver(dir, os.Getenv(env+"_KEY"), os.Getenv(env+"_ROUND"))
	}
	cfg := dbtest.SQLite(t)
	told := map[string]bool{}
	for round := range 10 {
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), env+"="+cfg.Dir, env+"_KEY="+hex.EncodeToString(cfg.Key), env+"_ROUND="+fmt.Sprint(round))
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			told[lines.Text()] = true
			if n == 50+37*round {
				_ = child.Process.Kill() // and read on what it had said by then
			}
		}
		_ = child.Wait()

		d, err := db.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		if found, err := d.Check(); found != "" || err != nil {
			t.Errorf("round %d: unsound: %s %v", round, found, err)
		}
		err = d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			for id := range told {
				if err := tx.QueryRow(ctx, `SELECT id FROM note WHERE id = $1`, id).Scan(new(string)); err != nil {
					return fmt.Errorf("%s of round %d: %w", id, round, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if len(told) < 1000 {
		t.Errorf("only %d updates were told", len(told))
	}
}

// writeForEver is the program that is killed. It prints each id once Update has
// returned; the pipe takes a short line whole or not at all.
func writeForEver(dir, key, round string) {
	ctx := context.Background()
	raw, err := hex.DecodeString(key)
	if err == nil {
		var d *db.DB
		if d, err = db.Open(ctx, db.Config{Dir: dir, Key: raw}); err == nil {
			err = d.Migrate(ctx, []db.Migrations{note})
		}
		for worker := range 4 {
			go func() {
				for i := 0; err == nil; i++ {
					id := fmt.Sprintf("%s-%d-%d", round, worker, i)
					if d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, id) }) == nil {
						_, _ = os.Stdout.WriteString(id + "\n")
					}
				}
			}()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	select {}
}
