package confine

import (
	"os"
	"path/filepath"
	"strings"
)

// OpenSwap names the places where the system may write memory to a disk that
// whoever takes it can read. root is "/", but in tests.
func OpenSwap(root string) (places []string) {
	b, err := os.ReadFile(filepath.Join(root, "proc/swaps"))
	if err != nil {
		return nil
	}
	for i, line := range strings.Split(string(b), "\n") {
		fields := strings.Fields(line)
		if i == 0 || len(fields) < 2 || sealed(root, fields[0]) {
			continue
		}
		places = append(places, fields[0])
	}
	return places
}

// sealed says that a place is in memory itself, or a device that is encrypted.
// Of a file it says no: it cannot be told whether the disk under it is.
func sealed(root, place string) bool {
	name := filepath.Base(place)
	if at, err := filepath.EvalSymlinks(filepath.Join(root, place)); err == nil {
		name = filepath.Base(at)
	}
	if strings.HasPrefix(name, "zram") {
		return true
	}
	id, err := os.ReadFile(filepath.Join(root, "sys/class/block", name, "dm/uuid"))
	return err == nil && strings.HasPrefix(string(id), "CRYPT-")
}
