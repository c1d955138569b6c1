package proofs

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// result is a line of the table that a run writes.
type result struct {
	Test, Claim, How, Target, Reached, Database string
	Seconds                                     float64
	Failed                                      bool
	Skipped                                     bool // this machine cannot
	Slow                                        bool // it holds, and took longer than the target says
}

// book is what a run has reached so far. That of a full run stands in a file,
// so that the run can go on after it was interrupted.
type book struct {
	mu      sync.Mutex
	Commit  string
	Seed    uint64
	Began   time.Time
	Results []result
}

// cache is where runs keep their state. It is no part of the tree.
const cache = "../.cache/proofs"

// ledger opens the book of this run: a new one, or that of a full run of the
// same commit that was interrupted.
var ledger = sync.OnceValue(func() *book {
	b := &book{Commit: commit(), Seed: rand.Uint64() >> 32, Began: time.Now()}
	if !full {
		return b
	}
	old, err := os.ReadFile(b.state())
	if errors.Is(err, fs.ErrNotExist) {
		return b
	}
	kept := new(book)
	if err == nil {
		err = json.Unmarshal(old, kept)
	}
	if err != nil {
		panic(err)
	}
	if kept.Commit != b.Commit {
		return b // another program: what was shown of that one is nothing here
	}
	return kept
})

func (b *book) state() string { return filepath.Join(cache, "full.json") }

// commit names what is tried.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--exclude=*").Output()
	return cmp.Or(strings.TrimSpace(string(out)), fmt.Sprint("unknown: ", err))
}

// has gives what a full run has proved before.
func (b *book) has(test string) (result, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.Results, func(r result) bool { return r.Test == test && !r.Failed && !r.Skipped })
	if !full || i < 0 {
		return result{}, false
	}
	return b.Results[i], true
}

// slow are the tests that held and took longer than their target says. A time
// fails no test, for the machine may be busy; the table says so.
var slow sync.Map

// add puts a result down.
func (b *book) add(r result) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.Results = append(slices.DeleteFunc(b.Results, func(old result) bool { return old.Test == r.Test }), r)
	if !full {
		return nil
	}
	text, err := json.MarshalIndent(b, "", "\t")
	if err == nil {
		err = os.MkdirAll(cache, 0o755)
	}
	if err != nil {
		return err
	}
	if err := os.WriteFile(b.state()+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(b.state()+".new", b.state())
}

// write writes the table: docs/proofs.md of a full run, a file in .cache of a
// small one.
func (b *book) write() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.Results) == 0 {
		return nil
	}
	if full {
		return os.WriteFile("../docs/proofs.md", []byte(b.table()), 0o644)
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(cache, "small.md"), []byte(b.table()), 0o644)
}

// table says what was reached, claim by claim, and what was not tried.
func (b *book) table() string {
	var w strings.Builder
	kind, spent := "small", 0.0
	if full {
		kind = "full"
	}
	for _, r := range b.Results {
		spent += r.Seconds
	}
	fmt.Fprintf(&w, `# What was proved

Written by a %s run of `+"`make proofs`"+`, and by nothing else. What each line means stands in the specification and in the folder proofs/.

| | |
|---|---|
| begun | %s |
| ended | %s |
| commit | %s |
| machine | %s |
| seed | %d |
| seconds, of all added up (several run at once) | %.0f |

| claim | proof | target | reached | database | seconds | result |
|---|---|---|---|---|---|---|
`, kind, b.Began.UTC().Format("2006-01-02 15:04"), time.Now().UTC().Format("2006-01-02 15:04"), b.Commit, machine(), b.Seed, spent)
	for _, c := range claims {
		tried := false
		for _, r := range b.Results {
			if r.Claim != c.what || r.How != c.how {
				continue
			}
			tried = true
			state := "holds"
			switch {
			case r.Failed:
				state = "**does not hold**"
			case r.Slow:
				state = "holds, slower than the target"
			case r.Skipped:
				state, r.Reached = "not tried on this machine", ""
			}
			fmt.Fprintf(&w, "| %s | %s | %s | %s | %s | %.0f | %s |\n", r.Claim, r.How, r.Target, r.Reached, r.Database, r.Seconds, state)
		}
		if !tried {
			fmt.Fprintf(&w, "| %s | %s | %s | | | | not tried in this run |\n", c.what, c.how, c.target)
		}
	}
	return w.String()
}

// machine says on what it ran, without its name.
func machine() string {
	name := runtime.GOARCH
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, rest, ok := strings.Cut(string(text), "model name\t: "); ok {
			name, _, _ = strings.Cut(rest, "\n")
		}
	}
	return fmt.Sprintf("%d cores of %s, %s, %s", runtime.NumCPU(), name, runtime.GOOS, runtime.Version())
}
