package db

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// ErrInUse is why LockDir and Open fail while another program has the folder.
var ErrInUse = errors.New("another program is using this data folder")

// Locker holds a data folder for this program alone.
type Locker struct{ file *os.File }

// LockDir takes the folder, or fails with ErrInUse at once. The system lets go
// of it when the program ends, however it ends. Open on SQLite does this itself.
func LockDir(dir string) (*Locker, error) {
	f, err := os.OpenFile(filepath.Join(dir, "clew.lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, explain(err)
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, errs.New(errs.Unavailable, wordStorage, err)
	}
	return &Locker{f}, nil
}

// Unlock lets go of the folder. It is free when this returns, also while a
// program is just being started that still has our open files.
func (l *Locker) Unlock() error { return errors.Join(unlockFile(l.file), l.file.Close()) }
