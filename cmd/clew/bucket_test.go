package main

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/blob/blobtest"
)

// TestAServerReachesItsBucket starts a server, confined as it is, with its
// files in a bucket: it reaches that port, the doctor has nothing to say of it,
// and says what is amiss once the bucket is gone. The server answers on.
func TestAServerReachesItsBucket(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("clew")
	if err != nil {
		t.Fatal(err)
	}
	s := blobtest.New(t)
	dir := t.TempDir()
	clew := func(words ...string) *exec.Cmd {
		cmd := exec.CommandContext(t.Context(), path, append(words, "--data", filepath.Join(dir, "data"), "--files", s.Address(), "--files-key", s.KeyFile(t))...)
		cmd.Dir = dir
		return cmd
	}
	if out, err := clew("init", "--generate").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	checked := make(chan bool, 100)
	s.Trouble(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodDelete {
			checked <- true
		}
		return false
	})
	server := clew("serve", "--listen", "127.0.0.1:0")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	<-checked
	out, _ := clew("doctor").CombinedOutput() // much is still to be set up
	if !strings.Contains(string(out), "database: ") || strings.Contains(string(out), "bucket") {
		t.Errorf("the doctor says:\n%s", out)
	}
	s.Close()
	out, _ = clew("doctor").CombinedOutput()
	if !strings.Contains(string(out), "! the bucket for files does not work") || !strings.Contains(string(out), "database: ") || strings.Contains(string(out), blobtest.Secret) {
		t.Errorf("without the bucket the doctor says:\n%s", out)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "data", "files", "*")); err != nil || len(left) > 0 {
		t.Errorf("on the way to the bucket was left: %q %v", left, err)
	}
}
