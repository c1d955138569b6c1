//go:build unix

package listen

import "syscall"

// spared are files that are no connections: databases, logs, whatever runs beside.
const spared = 256

// mostOf is how many connections the system lets us hold, at most n. Go has
// raised the soft limit of open files to the hard one at the start.
func mostOf(n int) int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil || uint64(limit.Cur) >= uint64(n+spared) { //nolint:unconvert,gosec // signed on some systems
		return n
	}
	return max(int(limit.Cur)-spared, int(limit.Cur)/2, 1) //nolint:gosec // smaller than n+spared
}
