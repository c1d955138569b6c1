package db

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"

	"github.com/ncruces/go-sqlite3"
)

// reserve is a file that only takes room. When the disk is full it is given
// up, so that who asks for help just then is still heard, and there is time
// for somebody to make room.
type reserve struct {
	path string
	size int64

	mu    sync.Mutex
	spent int // how often it was given up
	there bool
}

func newReserve(dir string, size int64) *reserve {
	return &reserve{path: filepath.Join(dir, "reserve"), size: size}
}

// fill makes the file. Its bytes are random, for a disk that compresses
// would keep no room for zeros.
func (r *reserve) fill() (err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if info, err := os.Stat(r.path); err == nil && info.Size() == r.size {
		r.there = true
		return nil
	}
	f, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(r.path) // half a reserve would hold the last room that is left
		}
		r.there = err == nil
	}()
	if _, err := io.CopyN(f, rand.Reader, r.size); err != nil {
		return err
	}
	return f.Sync()
}

// times says how often the reserve was given up so far.
func (r *reserve) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.spent
}

// spend gives the file up. It says whether there is more room now than there
// was at the time when it had been given up so often.
func (r *reserve) spend(before int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.spent > before {
		return true // by another Update, meanwhile
	}
	if !r.there {
		return false
	}
	r.there = false
	if err := os.Remove(r.path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false
	}
	r.spent++
	return true
}

// full says whether err comes from a disk without room.
func full(err error) bool {
	return errors.Is(err, sqlite3.FULL) || errors.Is(err, syscall.ENOSPC)
}

// DiskLow says that the reserve is spent: make room, then call Refill.
func (d *DB) DiskLow() bool {
	if d.reserve == nil {
		return false
	}
	d.reserve.mu.Lock()
	defer d.reserve.mu.Unlock()
	return !d.reserve.there
}

// Refill makes the reserve again. It fails as long as there is no room.
func (d *DB) Refill() error {
	if d.reserve == nil {
		return nil
	}
	return explain(d.reserve.fill())
}
