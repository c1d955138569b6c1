//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
)

// TestTheServerKeepsItsMemoryToItself looks at a running server as the system
// shows it: no core file, nothing that it may gain, and nobody of the same user
// who looks into its memory.
func TestTheServerKeepsItsMemoryToItself(t *testing.T) {
	t.Parallel()
	dir := fmt.Sprintf("/proc/%d", demonstration(t))
	if core := line(t, dir+"/limits", "Max core file size"); strings.Join(core[4:6], " ") != "0 0" {
		t.Errorf("a core file may have %s bytes", core)
	}
	// The files of a process that nobody may look into are root's, whoever runs it.
	var mem syscall.Stat_t
	if err := syscall.Stat(dir+"/mem", &mem); err != nil || mem.Uid != 0 {
		t.Errorf("its memory belongs to user %d: %v", mem.Uid, err)
	}
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		t.Skip("this kernel has no Landlock")
	}
	if more := line(t, dir+"/status", "NoNewPrivs:"); more[1] != "1" {
		t.Error("the server has not given up what it does not need")
	}
}

// line gives the words of the line of a file that begins so.
func line(t *testing.T, path, begin string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for l := range strings.Lines(string(b)) {
		if strings.HasPrefix(l, begin) {
			return strings.Fields(l)
		}
	}
	t.Fatalf("%s has no line %q", path, begin)
	return nil
}

// demonstration starts one and gives the number of its process.
func demonstration(t *testing.T) int {
	t.Helper()
	path, err := exec.LookPath("clew")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "demo", "--listen", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "data"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid
}

// TestTheServiceIsBoxedIn asks systemd how much the service's unit leaves open.
func TestTheServiceIsBoxedIn(t *testing.T) {
	t.Parallel()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	const most = "20" // of 100; 16 when this was written
	out, err := exec.CommandContext(t.Context(), analyze, "security", "--offline=true", "--no-pager", "--threshold="+most, "../../deploy/clew.service").CombinedOutput()
	if err != nil {
		t.Errorf("the unit leaves more open than %s: %v\n%s", most, err, out)
	}
}
