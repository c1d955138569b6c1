package db

import (
	"errors"
	"fmt"
	"sync/atomic"
	"syscall"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
	sqlitecrypt "github.com/ncruces/go-sqlite3/vfs/adiantum"
)

var disks atomic.Int64

// useDisk puts the encryption over a disk and gives the name under which
// SQLite finds the two. A nil disk is the operating system's.
func (d *DB) useDisk(under vfs.VFS) (string, error) {
	if under == nil {
		under = vfs.Find("")
	}
	base, ok := under.(vfs.VFSFilename)
	if !ok {
		return "", errors.New("the disk cannot open files by SQLite's names")
	}
	name := fmt.Sprintf("clew-%d", disks.Add(1))
	vfs.Register(name, sqlitecrypt.Wrap(honestVFS{base}, nil))
	// It stays registered after Close: database/sql may still be closing a
	// connection then, and SQLite panics when its disk has no name any more.
	return name, nil
}

// honestVFS tells a full disk from a broken one, which v0.36 of the library
// does not: it compares the inner error with the outer one. The difference
// decides whether the reserve can help.
type honestVFS struct{ vfs.VFSFilename }

func (h honestVFS) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := h.VFSFilename.OpenFilename(name, flags)
	if err != nil {
		return nil, flags, honest(err)
	}
	return &honestFile{f}, flags, nil
}

func honest(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return sqlite3.FULL
	case errors.Is(err, syscall.EROFS):
		return sqlite3.READONLY
	}
	return err
}

type honestFile struct{ vfs.File }

func (f *honestFile) WriteAt(p []byte, off int64) (int, error) {
	n, err := f.File.WriteAt(p, off)
	return n, honest(err)
}

func (f *honestFile) Truncate(size int64) error       { return honest(f.File.Truncate(size)) }
func (f *honestFile) Sync(flags vfs.SyncFlag) error   { return honest(f.File.Sync(flags)) }
func (f *honestFile) SizeHint(size int64) error       { return honest(vfsutil.WrapSizeHint(f.File, size)) }
func (f *honestFile) Unwrap() vfs.File                { return f.File }
func (f *honestFile) SharedMemory() vfs.SharedMemory  { return vfsutil.WrapSharedMemory(f.File) }
func (f *honestFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f *honestFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f *honestFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *honestFile) HasMoved() (bool, error)         { return vfsutil.WrapHasMoved(f.File) }
func (f *honestFile) BusyHandler(handler func() bool) { vfsutil.WrapBusyHandler(f.File, handler) }

// DeviceCharacteristics leaves out writing several blocks as one, whose
// methods are not passed on and which the log does not need.
func (f *honestFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return f.File.DeviceCharacteristics() &^ vfs.IOCAP_BATCH_ATOMIC
}
