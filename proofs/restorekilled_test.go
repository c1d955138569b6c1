package proofs

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// clew runs a command and gives what it printed.
func clew(t testing.TB, args ...string) (string, error) {
	t.Helper()
	out, err := exec.Command("clew", args...).CombinedOutput()
	return string(out), err
}

// keptBackup makes a demonstration with many contacts and gives a backup of it.
func keptBackup(t *testing.T, contacts int) (files []string, identity string) {
	t.Helper()
	dir := t.TempDir()
	data := filepath.Join(dir, "home")
	startDemo(t, "--data", data).kill()
	d := openData(t, data)
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for range contacts {
			_, err := tx.Exec(ctx, `INSERT INTO contacts (id, agency, state, severity, channel, language, arrived, taken_by, taken, unread,
				last_seq, epoch, public_key, mailbox, sealed_intake) VALUES ($1, 'home', 'closed', 1, 'web', 'en', 0, '', 0, 0, 0, 1, $2, '', $2)`,
				ids.New(), []byte(ids.New()+ids.New()))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := firstOf(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	identity = filepath.Join(dir, "identity")
	recipient, err := exec.Command("clew", "backup", "keygen", "--to", identity).Output()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := clew(t, "backup", "--data", data, "--to", dir, "--recipient", strings.TrimSpace(string(recipient))); err != nil {
		t.Fatal(out)
	}
	if files, err = filepath.Glob(filepath.Join(dir, "*.age")); err != nil || len(files) != 2 {
		t.Fatal(files, err)
	}
	return files, identity
}

func firstOf(list ...error) error {
	for _, err := range list {
		if err != nil {
			return err
		}
	}
	return nil
}

// TestKilledRestore kills the program at many points of a restore. Nothing is
// there then that could be taken for a hotline; it says that it was not
// finished; and done again it comes to its end.
func TestKilledRestore(t *testing.T) {
	t.Parallel()
	const contacts = 20000
	files, identity := keptBackup(t, contacts)
	data := filepath.Join(t.TempDir(), "home")
	args := append([]string{"restore", "--identity", identity, "--data", data}, files...)
	for _, at := range []int64{0, 1 << 19, 2 << 20, 6 << 20} {
		cmd := exec.Command("clew", args...)
		cmd.Stdout, cmd.Stderr = io.Discard, io.Discard
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() { _ = cmd.Wait(); close(done) }()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		waitFor(ctx, done, func() bool { return bytesIn(filepath.Join(data, "restoring")) > at })
		cancel()
		_ = cmd.Process.Kill()
		<-done
		if bytesIn(filepath.Join(data, db.FileName)) >= 0 {
			t.Fatalf("killed at %d bytes: a database is there, so nothing was tried", at)
		}
		if out, err := clew(t, "staff", "list", "--data", data); err == nil || !strings.Contains(out, "run it again") {
			t.Errorf("killed at %d bytes, it says %q", at, out)
		}
	}
	out, err := clew(t, args...)
	if err != nil || !strings.Contains(out, "It is a demonstration, and stays one") {
		t.Fatal(out, err)
	}
	if n := contactsIn(t, data, nil); n != contacts {
		t.Fatalf("%d contacts came back", n)
	}
	if bytesIn(filepath.Join(data, "restoring")) >= 0 {
		t.Error("what was begun is still there")
	}
	// And no real hotline can be made of it.
	if out, err := clew(t, "serve", "--data", data); err == nil || !strings.Contains(out, "stays a demonstration") {
		t.Errorf("%v %s", err, out)
	}
}

// bytesIn is how many bytes a file or the files of a folder have, and -1 if there is none.
func bytesIn(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	if !info.IsDir() {
		return info.Size()
	}
	n := int64(0)
	found, _ := filepath.Glob(filepath.Join(path, "*"))
	for _, f := range found {
		n += max(0, bytesIn(f))
	}
	return n
}

// TestABackupShowsNothing: who finds the folder with the backups learns when
// they were made.
func TestABackupShowsNothing(t *testing.T) {
	t.Parallel()
	files, _ := keptBackup(t, 10)
	c := &canaries{list: []canary{{"the directory", aService}, {"a name of staff", "Advocate"}, {"a table's name", "key_wraps"}}}
	for _, path := range files {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range c.find(b) {
			t.Errorf("in a backup: %s", found)
		}
		if name := filepath.Base(path); len(name) > len("20261123-140509-abcdefgh.content.age") {
			t.Error(fmt.Sprint("a name that says more than when: ", name))
		}
	}
}
