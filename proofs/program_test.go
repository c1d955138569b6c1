package proofs

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// running is the program answering, started by a test.
type running struct {
	Public  string `json:"public"`
	Console string `json:"console"`
	API     string `json:"api"`
	Staff   []struct{ Name, Role, Passphrase string }

	cmd   *exec.Cmd
	err   *strings.Builder
	began time.Time
	ready time.Duration // from the command to the first line
}

// startDemo starts a demonstration and reads its first line.
func startDemo(t testing.TB, args ...string) *running {
	t.Helper()
	return startDemoIn(t, nil, args...)
}

// startDemoIn starts it with more in its environment.
func startDemoIn(t testing.TB, env []string, args ...string) *running {
	t.Helper()
	r, err := start(t, "clew", env, args...)
	if err != nil {
		t.Fatalf("the demonstration did not start: %v", err)
	}
	return r
}

// start starts a demonstration of one of the two programs, or says why that
// was not to be.
func start(t testing.TB, program string, env []string, args ...string) (*running, error) {
	t.Helper()
	r := &running{err: new(strings.Builder), began: time.Now()}
	r.cmd = exec.CommandContext(context.WithoutCancel(t.Context()), program, append([]string{"demo", "--listen", listenOn(t)}, args...)...)
	// Killed as it is, the program cannot remove its temporary folder.
	r.cmd.Dir = t.TempDir()
	r.cmd.Env = append(append(os.Environ(), "TMPDIR="+r.cmd.Dir), env...)
	r.cmd.Stderr = r.err
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := r.cmd.Start(); err != nil {
		return nil, err
	}
	t.Cleanup(r.kill)
	line, err := bufio.NewReader(out).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, r)
	}
	if err != nil {
		r.kill()
		return nil, fmt.Errorf("%w\n%s%s", err, line, r.err)
	}
	r.ready = time.Since(r.began)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return r, nil
}

// hosts are the tests that have started a program, each with its number.
var hosts struct {
	sync.Mutex
	number map[string]int
}

// listenOn gives a test an address of its own on this machine. A program that
// is killed gives its port back, and the next to ask for any port may be another
// test's: what is sent again and again until the program is back would be taken
// by a stranger. Linux has sixteen million such addresses; elsewhere there is one.
func listenOn(t testing.TB) string {
	if runtime.GOOS != "linux" {
		return "127.0.0.1:0"
	}
	hosts.Lock()
	defer hosts.Unlock()
	n, ok := hosts.number[t.Name()]
	if !ok {
		if hosts.number == nil {
			hosts.number = map[string]int{}
		}
		n = len(hosts.number)
		hosts.number[t.Name()] = n
	}
	return fmt.Sprintf("127.1.%d.%d:0", n/250, 1+n%250)
}

// kill ends the program as a power cut would.
func (r *running) kill() {
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
}

// post sends a JSON document and gives the status and the answer.
func post(ctx context.Context, url, body, once string) (int, []byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if once != "" {
		req.Header.Set("Idempotency-Key", once)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}
