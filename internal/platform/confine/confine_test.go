package confine

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// A process that has confined itself cannot undo it, so the tests look at a
// child: this same program, told what to do by its environment.
func TestMain(m *testing.M) {
	if mine := os.Getenv("CONFINED"); mine != "" {
		confined(mine)
		return
	}
	os.Exit(m.Run())
}

// confined says what can be reached, a word a line.
func confined(mine string) {
	port := uint16(0)
	_, _ = fmt.Sscan(os.Getenv("PORT"), &port)
	try := func(what string, err error) {
		switch {
		case err == nil:
			fmt.Fprintln(os.Stdout, what, "yes")
		case errors.Is(err, fs.ErrPermission):
			fmt.Fprintln(os.Stdout, what, "no")
		default:
			fmt.Fprintln(os.Stdout, what, "fails:", err)
		}
	}
	before, _ := os.Open(os.Getenv("OTHERS"))
	done := make(chan error)
	go func() {
		done <- Process(Needs{Write: []string{mine}, Read: []string{os.Getenv("READ"), "/nothing/here"}, Ports: []uint16{port}})
	}()
	if err := <-done; errors.Is(err, ErrUnable) {
		fmt.Fprintln(os.Stdout, "unable")
		return
	} else if err != nil {
		fmt.Fprintln(os.Stdout, "error", err)
		return
	}
	runtime.LockOSThread() // whichever thread this is, it is not the one that asked
	try("write", os.WriteFile(filepath.Join(mine, "new"), []byte("x"), 0o600))
	_, err := os.ReadFile(os.Getenv("READ"))
	try("read", err)
	try("write-read", os.WriteFile(os.Getenv("READ"), []byte("x"), 0o600))
	_, err = os.ReadFile(os.Getenv("OTHERS"))
	try("others", err)
	_, err = os.ReadDir("/home")
	try("home", err)
	_, err = os.ReadFile("/proc/self/environ")
	try("environ", err)
	try("run", exec.Command("/bin/true").Run())
	_, err = before.Read(make([]byte, 1))
	try("before", err)
	_, err = net.Dial("tcp", os.Getenv("NEEDED")) //nolint:noctx // a test
	try("needed", err)
	_, err = net.Dial("tcp", os.Getenv("FOREIGN")) //nolint:noctx // a test
	try("foreign", err)
}

// TestAConfinedProcessReachesOnlyItsOwn looks at everything from inside.
func TestAConfinedProcessReachesOnlyItsOwn(t *testing.T) {
	t.Parallel()
	mine, others := t.TempDir(), t.TempDir()
	for _, path := range []string{filepath.Join(others, "read"), filepath.Join(others, "others")} {
		if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	ports := map[string]string{}
	for _, name := range []string{"NEEDED", "FOREIGN"} {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		ports[name] = l.Addr().String()
	}
	_, port, _ := net.SplitHostPort(ports["NEEDED"])
	said := child(t, "CONFINED="+mine, "READ="+filepath.Join(others, "read"), "OTHERS="+filepath.Join(others, "others"),
		"NEEDED="+ports["NEEDED"], "FOREIGN="+ports["FOREIGN"], "PORT="+port)
	if said == "unable\n" {
		t.Skip("this kernel has no Landlock")
	}
	want := "write yes\nread yes\nwrite-read no\nothers no\nhome no\nenviron no\nrun no\nbefore yes\nneeded yes\nforeign no\n"
	if said != want {
		t.Errorf("from inside:\n%swant:\n%s", said, want)
	}
}

func child(t *testing.T, env ...string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func TestSwapOnAnOpenDiskIsFound(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for path, text := range map[string]string{
		"proc/swaps":                   "Filename Type Size Used Priority\n/dev/sda2 partition 1 0 -2\n/dev/zram0 partition 1 0 100\n/dev/dm-1 partition 1 0 -3\n/dev/dm-2 partition 1 0 -4\n/swapfile file 1 0 -5\n",
		"sys/class/block/dm-1/dm/uuid": "CRYPT-LUKS2-0011-swap",
		"sys/class/block/dm-2/dm/uuid": "LVM-0011",
	} {
		at := filepath.Join(root, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(at), 0o700), os.WriteFile(at, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(OpenSwap(root), " "); got != "/dev/sda2 /dev/dm-2 /swapfile" {
		t.Errorf("open swap: %s", got)
	}
	if got := OpenSwap(t.TempDir()); got != nil {
		t.Errorf("without any: %s", got)
	}
}
