package fault

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"

	"github.com/ncruces/go-sqlite3/vfs"
)

// sector is what a disk writes whole or not at all, at the least.
const sector = 512

// change is what a write did that no sync has made safe yet.
type change struct {
	file vfs.File
	path string
	off  int64
	old  []byte // what stood there; shorter than n where the file ended
	n    int64
	size int64 // of the file before
}

// remember notes what is about to be overwritten. d.mu is held.
func (d *Disk) remember(f vfs.File, off, n int64) error {
	if n <= 0 {
		return nil
	}
	named, ok := f.(interface{ Name() string })
	if !ok {
		return errors.New("a file without a name")
	}
	size, err := f.Size()
	if err != nil {
		return err
	}
	old := make([]byte, n)
	got, err := f.ReadAt(old, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	d.unsaved = append(d.unsaved, change{f, named.Name(), off, old[:got], n, size})
	return nil
}

// saved forgets what a sync has made safe: everything of the file, whoever
// had it open. d.mu is held.
func (d *Disk) saved(f vfs.File) {
	named, ok := f.(interface{ Name() string })
	if !ok {
		return
	}
	kept := d.unsaved[:0]
	for _, c := range d.unsaved {
		if c.path != named.Name() {
			kept = append(kept, c)
		}
	}
	d.unsaved = kept
}

// CutAt cuts the power at the n-th changing operation from now: that one and
// every later one fails. Close the database after it, then call Lose, then
// open the folder again.
func (d *Disk) CutAt(n int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.cutAt = d.ops + n
}

// Dark is closed when the power is cut.
func (d *Disk) Dark() <-chan struct{} { return d.dark }

// Lose takes back what the cut took: of what was not synced each sector is
// there or not, as r decides. Nothing may have the files open.
func (d *Disk) Lose(r *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	// A sector that kept a newer write must not get older bytes back.
	type place struct {
		path string
		n    int64
	}
	stays := map[place]bool{}
	keep := r.Float64() // from almost nothing to almost everything
	for _, c := range slices.Backward(d.unsaved) {
		if err := c.lose(func(n int64) bool {
			at := place{c.path, n}
			stays[at] = stays[at] || r.Float64() < keep
			return stays[at]
		}); err != nil {
			return err
		}
	}
	d.unsaved = nil
	return nil
}

// Lie makes the disk one that says that all is safe and has it in a memory of
// its own, which it empties in order.
func (d *Disk) Lie() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lying = true
}

// LoseTail takes back what the cut took from a disk that lied: everything
// from some moment on, whatever was synced since.
func (d *Disk) LoseTail(r *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	from := r.IntN(len(d.unsaved) + 1)
	for _, c := range slices.Backward(d.unsaved[from:]) {
		if err := c.lose(func(int64) bool { return false }); err != nil {
			return err
		}
		if err := os.Truncate(c.path, max(c.size, c.off+int64(len(c.old)))); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	d.unsaved = nil
	return nil
}

// lose puts the old bytes back, but for the sectors that stay.
func (c change) lose(stays func(n int64) bool) error {
	f, err := os.OpenFile(c.path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil // deleted after
	}
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // a lost byte more or less is what this is about
	for n := c.off / sector; n*sector < c.off+c.n; n++ {
		if stays(n) {
			continue
		}
		from := max(c.off, n*sector) - c.off
		to := min(c.off+c.n, (n+1)*sector) - c.off
		old := make([]byte, to-from) // what lay beyond the end reads as zero
		if from < int64(len(c.old)) {
			copy(old, c.old[from:])
		}
		if _, err := f.WriteAt(old, c.off+from); err != nil {
			return err
		}
	}
	return nil
}
