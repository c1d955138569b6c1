//go:build unix

package blob

import "golang.org/x/sys/unix"

// free is how many bytes of a folder's disk may still be written by us.
func free(dir string) (int64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), nil //nolint:gosec,unconvert // differs by system; no disk is that large
}
