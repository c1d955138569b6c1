//go:build !failpoint

package fault

import "github.com/ncruces/go-sqlite3/vfs"

// Step marks a moment at which a test may end the program.
func Step(string) {}

// OnDisk is the disk to use in place of the operating system's; nil is the
// operating system's.
func OnDisk() vfs.VFS { return nil }
