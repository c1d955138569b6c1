package proofs

import (
	"flag"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

// full says that the sizes are those that the claims name.
var full = os.Getenv("CLEW_PROOFS") == "full"

// size picks how much is tried.
func size(small, all int) int {
	if full {
		return all
	}
	return small
}

// seed is that of this run: what is tried by chance follows from it.
var seed = sync.OnceValue(func() uint64 {
	if s := os.Getenv("CLEW_PROOFS_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			panic("CLEW_PROOFS_SEED is a number")
		}
		return n
	}
	return ledger().Seed
})

// chance is what a test tries by chance. Two tests, and two parts of one, get
// different luck from one seed.
func chance(t testing.TB, part int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, t.Name(), part)
	return rand.New(rand.NewPCG(seed(), h.Sum64()))
}

// TestMain builds both programs, runs what is asked for and writes down what
// was reached.
func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "clew-proofs-")
	if err == nil {
		defer os.RemoveAll(dir)
		err = build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	_ = os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
	fmt.Fprintf(os.Stdout, "seed %d: CLEW_PROOFS_SEED=%d does the same again\n", seed(), seed())
	code := m.Run()
	if err := ledger().write(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// build makes the program as people install it, and the one that can be broken.
func build(dir string) error {
	for name, tags := range map[string]string{"clew": "", "clew-failpoint": "failpoint"} {
		cmd := exec.Command("go", "build", "-tags", tags, "-o", filepath.Join(dir, name), "../cmd/clew")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s could not be built: %w\n%s", name, err, out)
		}
	}
	return nil
}

// claim is a line of the table "What proves it".
type claim struct {
	what   string // what is claimed
	how    string // how it is tried
	target string // what shall be reached
}

// prove runs a part of a claim's proof and writes down what it reached: try
// says that in words and figures. What a full run has done before is not done again.
func (c claim) prove(t *testing.T, database string, try func(t *testing.T) string) {
	t.Helper()
	if old, done := ledger().has(t.Name()); done {
		t.Skipf("done before: %s", old.Reached)
	}
	r := result{Test: t.Name(), Claim: c.what, How: c.how, Target: c.target, Database: database, Reached: "not to its end"}
	began := time.Now()
	defer func() {
		r.Seconds = time.Since(began).Seconds()
		r.Skipped = t.Skipped()
		_, r.Slow = slow.Load(t.Name())
		r.Failed = t.Failed() || r.Reached == "not to its end" && !r.Skipped
		if err := ledger().add(r); err != nil {
			t.Error(err)
		}
	}()
	r.Reached = try(t)
	t.Log(r.Reached)
}
