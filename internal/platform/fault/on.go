//go:build failpoint

package fault

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"

	"github.com/ncruces/go-sqlite3/vfs"
)

// orders are what the file says that CLEW_FAULTS names:
//
//	kill N      the program dies at the N-th step from now
//	full N      from the N-th write of the disk on there is no room
//	io N        … it fails
//	sync N      from the N-th sync on it fails
//	readonly N  from the N-th write on the disk takes nothing
//	cut N SEED  the power is cut at the N-th change of the disk
//	lie N SEED  the same, on a disk that says of everything that it is safe
//
// Nothing in it, or no file, is a machine in order.
type orders struct {
	text string // as it was read last
	what string
	n    int // how often still before it happens
	seed uint64
}

// again reads the file, and says whether it has changed.
func (o *orders) again() bool {
	b, _ := os.ReadFile(os.Getenv("CLEW_FAULTS"))
	if string(b) == o.text {
		return false
	}
	*o = orders{text: string(b)}
	_, _ = fmt.Sscan(o.text, &o.what, &o.n, &o.seed)
	return true
}

var steps struct {
	sync.Mutex
	orders
}

// Step dies here if the file says so, and leaves in standard error where.
func Step(name string) {
	steps.Lock()
	defer steps.Unlock()
	steps.again()
	if steps.what != "kill" {
		return
	}
	if steps.n--; steps.n <= 0 {
		fmt.Fprintln(os.Stderr, "fault: killed at", name)
		die()
	}
}

func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {}
}

// OnDisk is a disk that the file can break.
func OnDisk() vfs.VFS {
	if os.Getenv("CLEW_FAULTS") == "" {
		return nil
	}
	d, o := NewDisk(), &orders{}
	d.Fail(func(op Op) error { return o.on(d, op) })
	go func() {
		<-d.Dark()
		if err := o.lose(d); err != nil {
			fmt.Fprintln(os.Stderr, "fault: the cut went wrong:", err)
		}
		fmt.Fprintln(os.Stderr, "fault: the power is cut")
		die()
	}()
	return d
}

// on decides about one change of the disk, whose lock is held.
func (o *orders) on(d *Disk, op Op) error {
	if o.again() && (o.what == "cut" || o.what == "lie") {
		d.cutAt, d.lying = d.ops+max(1, o.n), o.what == "lie"
	}
	bad := map[string]struct {
		op  Op
		err error
	}{"full": {Write, ErrFull}, "io": {Write, ErrIO}, "sync": {Sync, ErrSync}, "readonly": {Write, ErrReadOnly}}
	b := bad[o.what]
	if op != b.op {
		return nil
	}
	if o.n--; o.n >= 0 {
		return nil
	}
	return b.err
}

// lose takes away what a cut takes, of a disk that is dark.
func (o *orders) lose(d *Disk) error {
	r := rand.New(rand.NewPCG(o.seed, 1))
	if o.what == "lie" {
		return d.LoseTail(r)
	}
	return d.Lose(r)
}
