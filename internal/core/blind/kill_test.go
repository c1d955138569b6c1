package blind

import (
	"bufio"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// The environment of a child that links until it is killed.
const childEnv = "CLEW_TEST_BLIND_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		if err := child(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	m.Run()
}

// child opens the database, unlocks the index and says each record that it is
// about to link, inside the transaction.
func child() error {
	key, err := hex.DecodeString(os.Getenv("CLEW_TEST_KEY"))
	if err != nil {
		return err
	}
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Dir: os.Getenv("CLEW_TEST_DIR"), URL: os.Getenv("CLEW_TEST_URL"), Key: key})
	if err != nil {
		return err
	}
	seed, err := hex.DecodeString(os.Getenv("CLEW_TEST_SEED"))
	if err != nil {
		return err
	}
	pair, err := seal.PairFromSeed(seed)
	if err != nil {
		return err
	}
	i := New(d, agency, keyring.Intake)
	i.Linked = func(_ *db.Tx, record string) { fmt.Fprintln(os.Stdout, record) }
	if err := i.Unlock(ctx, os.Getenv("CLEW_TEST_MEMBER"), pair); err != nil {
		return err
	}
	return i.Work(ctx)
}

// A program that is killed while it links has lost no record that waited and
// linked none half: the next start finishes, whoever is first to sign in.
func TestKilledHalfWayThroughLinking(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := make(t)
			open := func() *db.DB {
				d, err := db.Open(t.Context(), cfg)
				if err != nil {
					t.Fatal(err)
				}
				return d
			}
			d := open()
			if err := d.Migrate(t.Context(), []db.Migrations{keyring.Migrations, Migrations}); err != nil {
				t.Fatal(err)
			}
			h := newHouse(t, d)
			var all []string
			for range 10 * batch {
				all = append(all, h.name(number("+1 312 555 0147")))
			}
			waits := func() int { return h.rows("blind_waiting") }
			kills := 0
			for n := 0; waits() > 0; n++ {
				h.ok(d.Close())
				if h.killAfter(cfg, batch+3+7*n%11) {
					kills++
				}
				d = open()
				h.Index = New(d, agency, keyring.Intake)
				if got := waits() + h.rows("blind_marks"); got != len(all) {
					t.Fatalf("of %d records %d are there", len(all), got)
				}
				if n == 20 {
					t.Fatal("it does not get on")
				}
			}
			if kills < 3 {
				t.Errorf("it was killed only %d times", kills)
			}
			h.signIn(h.ben)
			for _, one := range all[:10] {
				others := slices.DeleteFunc(slices.Clone(all), func(o string) bool { return o == one })
				if got := h.with(one); len(got) != min(len(others), maxMatches) {
					t.Errorf("%d of %d are found", len(got), len(others))
				}
			}
			h.ok(d.Close())
		})
	}
}

// killAfter starts a child and kills it when it has said so many lines.
func (h *house) killAfter(cfg db.Config, lines int) (killed bool) {
	h.t.Helper()
	self, err := os.Executable()
	h.ok(err)
	c := exec.CommandContext(h.t.Context(), self)
	c.Env = append(os.Environ(), childEnv+"=1", "CLEW_TEST_DIR="+cfg.Dir, "CLEW_TEST_URL="+cfg.URL,
		"CLEW_TEST_KEY="+hex.EncodeToString(cfg.Key), "CLEW_TEST_MEMBER="+h.ann.ID, "CLEW_TEST_SEED="+hex.EncodeToString(h.pairs[h.ann.ID].Seed()))
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	h.ok(err)
	h.ok(c.Start())
	for said := bufio.NewScanner(out); said.Scan(); {
		if lines--; lines == 0 {
			killed = c.Process.Kill() == nil
			break
		}
	}
	if err := c.Wait(); err != nil && !killed {
		h.t.Fatal(err)
	}
	return killed
}
