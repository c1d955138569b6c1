// Command testreport reads `go test -json` and prints what a person wants to
// know: a line for each package as it ends, the whole output of what failed,
// and at the end what was skipped and why, so that nothing is left out unseen.
// It exits with 1 if anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
)

type event struct {
	Action  string  `json:"Action"`
	Package string  `json:"Package"`
	Test    string  `json:"Test"`
	Output  string  `json:"Output"`
	Elapsed float64 `json:"Elapsed"`
}

type report struct {
	out                     io.Writer
	output                  map[string]*strings.Builder // of running tests, by package and name
	passed, failed, skipped int
	packages                int
	skips, broken           []string
	slow                    []event
}

func main() {
	r := &report{out: os.Stdout, output: map[string]*strings.Builder{}}
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 16<<20)
	for in.Scan() {
		var e event
		if err := json.Unmarshal(in.Bytes(), &e); err != nil {
			fmt.Fprintln(r.out, in.Text()) // not from a test: show it as it came
			continue
		}
		r.take(e)
	}
	if err := in.Err(); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(1)
	}
	if !r.close() {
		os.Exit(1)
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "output":
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		r.end(e, r.output[key])
		delete(r.output, key)
	}
}

// end takes the last event of a test, or of a package if it names no test.
func (r *report) end(e event, output *strings.Builder) {
	text := ""
	if output != nil {
		text = output.String()
	}
	name := strings.TrimPrefix(e.Package, "github.com/clew-hotline/clew/")
	if e.Test == "" {
		r.packages++
		if e.Action != "skip" { // a package without tests
			fmt.Fprintf(r.out, "%-5s %6.1fs  %s\n", e.Action, e.Elapsed, name)
		}
		if e.Action == "fail" {
			r.broken = append(r.broken, name)
			r.unfinished(e.Package)
			fmt.Fprint(r.out, text)
		}
		return
	}
	switch e.Action {
	case "pass":
		r.passed++
	case "fail":
		r.failed++
		fmt.Fprint(r.out, text)
	case "skip":
		r.skipped++
		r.skips = append(r.skips, name+" "+e.Test+": "+reason(text))
	}
	if !strings.Contains(e.Test, "/") {
		r.slow = append(r.slow, e)
	}
}

// unfinished prints what tests said that never ended: one of them panicked or
// ran out of time and took the others along.
func (r *report) unfinished(pkg string) {
	var keys []string
	for key := range r.output {
		if strings.HasPrefix(key, pkg+" ") && key != pkg+" " {
			keys = append(keys, key)
		}
	}
	sort.Strings(keys)
	for _, key := range keys {
		fmt.Fprint(r.out, r.output[key])
		delete(r.output, key)
	}
}

// reason is the last thing a skipped test said, without the frame around it.
func reason(text string) string {
	last := "it gave no reason"
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "===") && !strings.HasPrefix(line, "---") {
			last = line
		}
	}
	return last
}

func (r *report) close() bool {
	sort.Slice(r.slow, func(i, j int) bool { return r.slow[i].Elapsed > r.slow[j].Elapsed })
	for _, e := range r.slow[:min(5, len(r.slow))] {
		if e.Elapsed >= 5 {
			fmt.Fprintf(r.out, "slow  %6.1fs  %s %s\n", e.Elapsed, e.Package, e.Test)
		}
	}
	for _, s := range r.skips {
		fmt.Fprintln(r.out, "skip ", s)
	}
	for _, name := range r.broken {
		fmt.Fprintln(r.out, "FAIL ", name)
	}
	fmt.Fprintf(r.out, "%d tests passed, %d failed, %d skipped, in %d packages\n", r.passed, r.failed, r.skipped, r.packages)
	return r.failed == 0 && len(r.broken) == 0 && r.passed > 0
}
