package fault

import (
	"errors"
	"sync"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/util/vfsutil"
	"github.com/ncruces/go-sqlite3/vfs"
)

// Op is something that a program asks of its disk.
type Op string

// The operations that can be made to fail.
const (
	Write    Op = "write"
	Sync     Op = "sync"
	Truncate Op = "truncate"
	Create   Op = "create"
	Delete   Op = "delete"
)

// Errors that a hook may give, as the operating system would.
var (
	ErrFull     error = sqlite3.FULL
	ErrIO       error = sqlite3.IOERR_WRITE
	ErrSync     error = sqlite3.IOERR_FSYNC
	ErrReadOnly error = sqlite3.READONLY
)

// Disk is a disk for db.Config.Disk that fails on demand and whose power can be
// cut. It sits below the encryption and writes to real files.
type Disk struct {
	mu      sync.Mutex
	hook    func(Op) error
	cut     bool
	cutAt   int // cut when ops gets here; 0 is never
	dark    chan struct{}
	ops     int
	unsaved []change // since the last sync of their file, oldest first
	lying   bool     // a sync is answered and nothing is made safe by it
}

// NewDisk gives a disk that works.
func NewDisk() *Disk { return &Disk{dark: make(chan struct{})} }

// Fail makes hook decide about every operation that changes something; nil
// makes the disk work again.
func (d *Disk) Fail(hook func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hook = hook
}

// Ops counts the changing operations so far.
func (d *Disk) Ops() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

var errCut = errors.New("the power is cut")

// do counts an operation and says whether it may happen. d.mu is held.
func (d *Disk) do(op Op) error {
	if d.cut {
		return errCut
	}
	d.ops++
	if d.ops == d.cutAt {
		d.cut = true
		close(d.dark)
		return errCut
	}
	if d.hook != nil {
		return d.hook(op)
	}
	return nil
}

var under = vfs.Find("").(vfs.VFSFilename) //nolint:forcetypeassert // a panic of the test says enough

// Open implements vfs.VFS; SQLite calls OpenFilename instead.
func (d *Disk) Open(name string, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	f, flags, err := under.Open(name, flags)
	return d.wrap(f, flags, err)
}

// OpenFilename implements vfs.VFSFilename.
func (d *Disk) OpenFilename(name *vfs.Filename, flags vfs.OpenFlag) (vfs.File, vfs.OpenFlag, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if flags&vfs.OPEN_CREATE != 0 {
		if err := d.do(Create); err != nil {
			return nil, flags, err
		}
	}
	f, flags, err := under.OpenFilename(name, flags)
	return d.wrap(f, flags, err)
}

func (d *Disk) wrap(f vfs.File, flags vfs.OpenFlag, err error) (vfs.File, vfs.OpenFlag, error) {
	if err != nil {
		return nil, flags, err
	}
	return &diskFile{File: f, disk: d}, flags, nil
}

// Delete implements vfs.VFS.
func (d *Disk) Delete(name string, syncDir bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.do(Delete); err != nil {
		return err
	}
	return under.Delete(name, syncDir)
}

// Access implements vfs.VFS.
func (d *Disk) Access(name string, flags vfs.AccessFlag) (bool, error) {
	return under.Access(name, flags)
}

// FullPathname implements vfs.VFS.
func (d *Disk) FullPathname(name string) (string, error) { return under.FullPathname(name) }

// diskFile is one open file.
type diskFile struct {
	vfs.File
	disk *Disk
}

func (f *diskFile) WriteAt(p []byte, off int64) (int, error) {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.do(Write); err != nil {
		return 0, err
	}
	if err := f.disk.remember(f.File, off, int64(len(p))); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, off)
}

func (f *diskFile) Truncate(size int64) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.do(Truncate); err != nil {
		return err
	}
	old, err := f.Size()
	if err != nil {
		return err
	}
	if err := f.disk.remember(f.File, size, old-size); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *diskFile) Sync(flags vfs.SyncFlag) error {
	f.disk.mu.Lock()
	defer f.disk.mu.Unlock()
	if err := f.disk.do(Sync); err != nil {
		return err
	}
	if !f.disk.lying {
		f.disk.saved(f.File)
	}
	return f.File.Sync(flags)
}

// What the operating system's files can do beyond that, SQLite needs too.

func (f *diskFile) Unwrap() vfs.File                { return f.File }
func (f *diskFile) SharedMemory() vfs.SharedMemory  { return vfsutil.WrapSharedMemory(f.File) }
func (f *diskFile) LockState() vfs.LockLevel        { return vfsutil.WrapLockState(f.File) }
func (f *diskFile) PersistWAL() bool                { return vfsutil.WrapPersistWAL(f.File) }
func (f *diskFile) SetPersistWAL(keep bool)         { vfsutil.WrapSetPersistWAL(f.File, keep) }
func (f *diskFile) HasMoved() (bool, error)         { return vfsutil.WrapHasMoved(f.File) }
func (f *diskFile) BusyHandler(handler func() bool) { vfsutil.WrapBusyHandler(f.File, handler) }

// DeviceCharacteristics leaves out writing several blocks as one, which would
// go past the hook.
func (f *diskFile) DeviceCharacteristics() vfs.DeviceCharacteristic {
	return f.File.DeviceCharacteristics() &^ vfs.IOCAP_BATCH_ATOMIC
}
