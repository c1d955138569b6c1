package proofs

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// TestProofOfAFullDiskWithAReserve fills the file system on which SQLite is.
// The reserve is given up, and who asks for help is still heard.
func TestProofOfAFullDiskWithAReserve(t *testing.T) {
	t.Parallel()
	claimDisk.prove(t, "SQLite, full file system", func(t *testing.T) string {
		disk := smallDisk(t, "96m")
		e := onSQLite(t)
		e.data = filepath.Join(disk, "data")
		e.args = []string{"--data", e.data}
		b := newBreakable(t, e)
		b.begin()
		crowd(t, disk)
		taken := 0
		for range size(100, 2000) {
			l := b.brokenLetters()[taken%2]
			if status, answer, err := l.send(t.Context(), b.now.Public); err != nil || status != l.want {
				t.Fatalf("after %d: %d %v %.300s", taken, status, err, answer)
			}
			taken++
		}
		if _, err := os.Stat(filepath.Join(e.data, "reserve")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the reserve is still there (%v), so the disk was never full", err)
		}
		return fmt.Sprintf("no room on the disk: %d contacts taken into the reserve, none refused", taken)
	})
}

// TestProofOfPostgresOnAFullDisk fills the file system of a PostgreSQL server
// of its own, then ends the server's processes, gently and with kill -9, while
// contacts come in.
func TestProofOfPostgresOnAFullDisk(t *testing.T) {
	t.Parallel()
	claimDisk.prove(t, "PostgreSQL, full file system, killed backends", func(t *testing.T) string {
		disk := smallDisk(t, "192m")
		server := ownServer(t, filepath.Join(disk, "pg"))
		b := newBreakable(t, engine{name: "PostgreSQL", args: []string{"--database", server.url}, env: []string{"CLEW_FILES=" + t.TempDir()}})
		b.begin()
		server.do(`ALTER SYSTEM SET max_wal_size = '48MB'`)
		server.do(`SELECT pg_reload_conf()`)
		before := server.number(`SELECT COUNT(*) FROM contacts`)
		ballast := crowd(t, disk)
		taken, refused, waiting := 0, 0, []*letter{}
		for n := 0; refused < size(5, 50) && n < 20_000; n++ {
			l := b.brokenLetters()[n%2]
			if n%2 == 1 { // much at once: the disk is soon full
				l.body = `{"mailbox":false,"text":"` + strings.Repeat("help ", 3000) + `"}`
			}
			if !b.refusedOrTaken(l) {
				taken++
				continue
			}
			refused++
			waiting = append(waiting, l)
		}
		if refused == 0 {
			t.Fatal("the disk was never full")
		}
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		for _, l := range waiting {
			if err := l.until(t.Context(), b.site); err != nil {
				t.Fatalf("once there is room: %v", err)
			}
			taken++
		}
		killed := 0
		for round := range size(4, 40) {
			done := make(chan error, 1)
			go func() {
				for range 25 {
					l := &letter{channel: "api", path: "/api/v1/contacts", kind: "application/json", body: `{"text":"help","mailbox":false}`, once: ids.New(), want: http.StatusCreated}
					if err := l.until(t.Context(), b.site); err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
			time.Sleep(time.Duration(round%7) * time.Millisecond)
			killed += server.kill(round%2 == 1)
			if err := <-done; err != nil {
				t.Fatalf("while backends are killed: %v", err)
			}
			taken += 25
		}
		b.now.kill()
		if n := server.number(`SELECT COUNT(*) FROM contacts`) - before; n != taken {
			t.Errorf("%d were acknowledged, %d are stored", taken, n)
		}
		return fmt.Sprintf("full disk: %d refused with the true reason and taken once there was room; %d backends killed: all %d contacts taken, none twice, without restart", refused, killed, taken)
	})
}

func (b *breakable) site() string { return b.now.Public }

// smallDisk is a file system in memory. It takes root.
func smallDisk(t *testing.T, room string) string {
	t.Helper()
	dir := t.TempDir()
	for d := dir; d != filepath.Dir(d) && strings.Contains(d, "Test"); d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755) // the server is another user
	}
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=755,size="+room, "tmpfs", dir).CombinedOutput(); err != nil {
		t.Skipf("no small file system can be made, which takes root: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("%v %s", err, out)
		}
	})
	return dir
}

// crowd takes all the room that is left.
func crowd(t *testing.T, dir string) (ballast string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, "ballast"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	zero, err := os.Open("/dev/zero")
	if err != nil {
		t.Fatal(err)
	}
	defer zero.Close()
	if _, err := io.Copy(f, zero); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	return f.Name()
}

// pgServer is a PostgreSQL server that nobody else uses.
type pgServer struct {
	t   *testing.T
	url string
	db  *sql.DB
}

func ownServer(t *testing.T, dir string) pgServer {
	t.Helper()
	script := func(word string) (string, error) {
		cmd := exec.Command("../scripts/postgres.sh", word)
		cmd.Env = append(os.Environ(), "CLEW_POSTGRES_DIR="+dir)
		out, err := cmd.Output()
		return strings.TrimSpace(string(out)), err
	}
	url, err := script("start")
	if err != nil {
		t.Skipf("no PostgreSQL server of its own: %v", err)
	}
	pool, err := sql.Open("pgx", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = pool.Close()
		if _, err := script("stop"); err != nil {
			t.Error(err)
		}
	})
	return pgServer{t, url, pool}
}

func (s pgServer) do(statement string) {
	s.t.Helper()
	if _, err := s.db.Exec(statement); err != nil {
		s.t.Fatal(err)
	}
}

func (s pgServer) number(query string) (n int) {
	s.t.Helper()
	var err error
	for range 100 { // it may be starting again
		if err = s.db.QueryRow(query).Scan(&n); err == nil {
			return n
		}
		time.Sleep(100 * time.Millisecond)
	}
	s.t.Fatal(err)
	return 0
}

// kill ends the program's connections: all, as an administrator does, or one
// process with kill -9, whereupon the server ends all others and recovers.
func (s pgServer) kill(hard bool) int {
	s.t.Helper()
	others := ` FROM pg_stat_activity WHERE application_name = 'clew' AND pid <> pg_backend_pid()`
	if !hard {
		return s.number(`SELECT COUNT(pg_terminate_backend(pid))` + others)
	}
	pid := s.number(`SELECT COALESCE(MIN(pid), 0)` + others)
	if pid == 0 {
		return 0
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		s.t.Fatal("backend "+strconv.Itoa(pid), err)
	}
	return 1
}
