package main

import (
	"bufio"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/clew-hotline/clew/internal/app"
)

// The tests here use the program as people do: the real binary, from outside.

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"clew": main, "clew-tomorrow": tomorrow})
}

// tomorrow is the program a day and an hour later.
func tomorrow() {
	app.SetClock(func() time.Time { return time.Now().Add(25 * time.Hour) })
	main()
}

// TestStories runs the command line stories of testdata/script.
func TestStories(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               freeAddresses,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"wait-ready":  waitReady,
			"keep":        keep,
			"named":       named,
			"share":       share,
			"wait-backup": waitBackup,
			"cut":         cut,
		},
	})
}

// cut leaves the first bytes of a file, as a full disk or a broken copy does:
// cut FILE BYTES.
func cut(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	ts.Check(os.Truncate(ts.MkAbs(args[0]), n))
}

// waitReady waits until a server that the story started in the background
// answers: wait-ready FILE, where FILE is its standard error.
func waitReady(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		resp, err := http.Get("http://" + args[0] + "/readyz") //nolint:noctx // a story has no context
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("nothing answers on %s", args[0])
}

// keep writes the line after a marker in the last output to a file:
// keep MARKER FILE, to type a shown secret in again.
func keep(ts *testscript.TestScript, _ bool, args []string) {
	out := ts.ReadFile("stdout")
	_, after, ok := strings.Cut(out, args[0])
	if !ok {
		ts.Fatalf("%q was not printed", args[0])
	}
	line, _, _ := strings.Cut(strings.TrimSpace(after), "\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.TrimSpace(line)+"\n"), 0o600))
}

// share keeps a share that was shown, to type it in again after a pass phrase:
// share PHRASE FILE.
func share(ts *testscript.TestScript, _ bool, args []string) {
	lines := regexp.MustCompile(`(?m)^    (\S+)$`).FindAllStringSubmatch(ts.ReadFile("stdout"), -1)
	if len(lines) != 4 {
		ts.Fatalf("%d lines of a share", len(lines))
	}
	text := args[0] + "\n"
	for _, line := range lines {
		text += line[1] + " "
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(text+"\n"), 0o600))
}

// freeAddresses puts addresses on which a story can answer into ADDRESS1 to 3.
func freeAddresses(env *testscript.Env) error {
	for _, name := range []string{"ADDRESS1", "ADDRESS2", "ADDRESS3"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		defer l.Close()
		env.Setenv(name, l.Addr().String())
	}
	return nil
}

// named finds the two files of a backup in a folder and puts their names into
// CONTENT and KEYS: named DIR.
func named(ts *testscript.TestScript, _ bool, args []string) {
	for variable, part := range map[string]string{"CONTENT": "content", "KEYS": "keys"} {
		found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*."+part+".age"))
		ts.Check(err)
		if len(found) != 1 {
			ts.Fatalf("%d files of %s in %s", len(found), part, args[0])
		}
		ts.Setenv(variable, found[0])
	}
}

// waitBackup waits until a server has made a backup by itself: wait-backup DIR.
func waitBackup(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		found, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*.age"))
		ts.Check(err)
		if len(found) == 2 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("no backup was made in %s", args[0])
}

func TestADemonstrationLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	path, err := exec.LookPath("clew")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "demo", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(out).ReadBytes('\n'); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatalf("it did not end well: %v", err)
	}
	left, err := filepath.Glob(filepath.Join(tmp, "clew*"))
	if err != nil || len(left) > 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}
}
