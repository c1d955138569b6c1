package confine

import (
	"fmt"
	"os"
	"syscall"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// system are the files that Go's own library reads while a program runs: to
// find names of machines, zones, roots of certificates, kinds of files.
var system = []string{
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols", "/etc/gai.conf", "/etc/localtime", "/etc/mime.types",
	"/etc/ssl", "/etc/pki", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates", "/usr/share/zoneinfo", "/usr/share/mime",
	"/run/systemd/resolve", "/dev/null", "/dev/urandom", "/proc/sys", "/sys/kernel/mm/transparent_hugepage", "/sys/fs/cgroup",
}

// Process holds the whole process, and each that it starts, to what it needs,
// for ever. It gives ErrUnable where the kernel has no Landlock.
func Process(n Needs) error {
	abi, err := ll.LandlockGetABIVersion()
	if err != nil || abi < 1 {
		return ErrUnable
	}
	var rules []landlock.Rule
	for _, path := range n.Write {
		rules = append(rules, landlock.RWDirs(path))
	}
	for _, path := range append(n.Read, system...) {
		info, err := os.Stat(path)
		switch {
		case err != nil: // nothing to allow
		case info.IsDir():
			rules = append(rules, landlock.RODirs(path))
		default:
			rules = append(rules, landlock.ROFiles(path))
		}
	}
	for _, port := range n.Ports {
		rules = append(rules, landlock.ConnectTCP(port))
	}
	if err := landlock.V6.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("confine: %w", err)
	}
	return nil
}

// Memory keeps what is in memory out of core files and from debuggers and
// other processes of the same user.
func Memory() error {
	if err := syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}); err != nil {
		return err
	}
	return unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0)
}
