// Command benchdirectory measures the search of a large directory: the engine
// behind HTTP with HSDS pages, and PostgreSQL with PostGIS on the same
// services, asked the same questions on the same machine one after the other.
// It fails if a single total differs.
//
//	benchdirectory -n 1000000 -seconds 20            both, with CLEW_TEST_POSTGRES set
//	benchdirectory -n 1000000 -engine                the engine alone
//
// `make bench-directory` sets everything up and says how it was.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match/invent"
)

// options of a run.
type options struct {
	n, seconds, clients, check int
	seed                       uint64
	engine                     bool
	serve                      bool
}

func main() {
	var o options
	flag.IntVar(&o.n, "n", 1_000_000, "services")
	flag.IntVar(&o.seconds, "seconds", 20, "length of each measurement")
	flag.IntVar(&o.clients, "clients", 8, "clients at the same time")
	flag.IntVar(&o.check, "check", 300, "questions whose totals are compared")
	flag.Uint64Var(&o.seed, "seed", 1, "of the invented directory")
	flag.BoolVar(&o.engine, "engine", false, "leave PostgreSQL out")
	flag.BoolVar(&o.serve, "serve", false, "be the server (the program starts itself so)")
	flag.Parse()
	run := measure
	if o.serve {
		run = serve
	}
	if err := run(o); err != nil {
		fmt.Fprintln(os.Stderr, "benchdirectory:", err)
		os.Exit(1)
	}
}

// measure runs the engine in a process of its own, so that its memory is its
// own, and PostgreSQL after it.
func measure(o options) error {
	m := invent.New(o.seed, start())
	server, err := startServer(o)
	if err != nil {
		return err
	}
	defer server.stop()
	fmt.Printf("\nengine, %d services behind HTTP, HSDS pages of 25 with exact totals\n", o.n)
	server.report()
	var ours, each float64
	for _, c := range []int{1, o.clients} {
		figures := load(c, o.seconds, func() (asker, error) { return server.dial() }, m)
		figures.print("engine")
		ours, each = figures.rate(), figures.each().Seconds()
	}
	if err := server.mixed(o, m); err != nil {
		return err
	}
	if o.engine {
		return nil
	}
	totals, err := server.totals(o.check, m)
	if err != nil {
		return err
	}
	theirs, err := postgres(o, m, totals)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d clients: the engine answers %.0f times as many questions as PostgreSQL, and each costs it a %.0fth of a processor\n",
		o.clients, ours/theirs.rate(), theirs.each().Seconds()/each)
	return nil
}

// start is the moment as of which the directory is told: the hour, so that
// the server and who measures it mean the same.
func start() time.Time { return time.Now().UTC().Truncate(time.Hour) }

// process is the server as who started it sees it.
type process struct {
	cmd           *exec.Cmd
	addr          string
	built, worked string
}

func startServer(o options) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	//nolint:gosec // it is this program
	cmd := exec.Command(self, "-serve", fmt.Sprintf("-n=%d", o.n), fmt.Sprintf("-seed=%d", o.seed))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd}
	if _, err := fmt.Fscanf(out, "%s %s %s\n", &p.addr, &p.built, &p.worked); err != nil {
		return nil, fmt.Errorf("the server did not start: %w", err)
	}
	return p, nil
}

func (p *process) report() {
	fmt.Printf("  index built in %s on %d cores (%s of processors), from services as they are, without inventing them\n  memory after that %d MB\n",
		p.built, runtime.NumCPU(), p.worked, p.memory("VmRSS"))
}

// memory of the server in MB.
func (p *process) memory(field string) (mb int) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, field+":"); ok {
			if _, err := fmt.Sscan(rest, &mb); err != nil {
				return 0
			}
		}
	}
	return mb / 1024
}

func (p *process) stop() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}
