package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Folder keeps files in a folder of its own, which it makes when the first
// file comes. Only its owner can look inside.
type Folder struct {
	dir  string
	room func(dir string) (int64, error)
}

// NewFolder is the store in a folder.
func NewFolder(dir string) *Folder { return &Folder{dir: dir, room: free} }

// Spare is how many bytes of the disk files leave to the database, beside its
// own reserve: a file can wait, somebody who asks for help cannot.
const Spare = 256 << 20

// unfinished ends the name of a file that is being written. One that a killed
// program left is overwritten or removed under its own name.
const unfinished = ".part"

// Put implements Store.
func (f *Folder) Put(_ context.Context, name string, r io.Reader) (err error) {
	if !ids.Valid(name) {
		return errName
	}
	file, err := f.create(name)
	if err != nil {
		return err
	}
	part := file.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if err := f.write(file, r); err != nil {
		return errors.Join(err, file.Close())
	}
	if err := errors.Join(file.Sync(), file.Close()); err != nil {
		return broken(err)
	}
	if err := os.Rename(part, f.path(name)); err != nil {
		return broken(err)
	}
	return broken(syncFolder(f.dir))
}

// create begins a file under a name that says it is not whole, if there is room.
func (f *Folder) create(name string) (*os.File, error) {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return nil, broken(err)
	}
	if room, err := f.room(f.dir); err != nil || room < Spare {
		return nil, full(err)
	}
	file, err := os.OpenFile(f.path(name)+unfinished, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	return file, broken(err)
}

// passing is a file that will not stay: where the system lets it, it has no
// name from the start.
func (f *Folder) passing(name string) (*os.File, error) {
	file, err := f.create(name)
	if err == nil {
		_ = os.Remove(file.Name()) // whoever is done with it tries again
	}
	return file, err
}

// write copies, and looks on the way whether others still have room: several
// may write at once.
func (f *Folder) write(to io.Writer, r io.Reader) error {
	for {
		from := &reading{r: io.LimitReader(r, stretch)}
		n, err := io.Copy(to, from)
		switch {
		case from.err != nil:
			return from.err
		case err != nil:
			return broken(err)
		case n < stretch:
			return nil
		}
		if room, err := f.room(f.dir); err != nil || room < Spare {
			return full(err)
		}
	}
}

// stretch is how many bytes are written between two looks at the room.
const stretch = 4 << 20

// reading remembers that it was the reader who failed, and not the disk.
type reading struct {
	r   io.Reader
	err error
}

func (r *reading) Read(b []byte) (int, error) {
	n, err := r.r.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}

// Get implements Store.
func (f *Folder) Get(_ context.Context, name string) (io.ReadCloser, error) {
	if !ids.Valid(name) {
		return nil, errName
	}
	file, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrMissing
	}
	if err != nil {
		return nil, broken(err)
	}
	return file, nil
}

// Delete implements Store.
func (f *Folder) Delete(_ context.Context, name string) error {
	if !ids.Valid(name) {
		return errName
	}
	gone := false
	for _, path := range []string{f.path(name), f.path(name) + unfinished} {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return broken(err)
		}
		gone = gone || err == nil
	}
	if !gone {
		return nil
	}
	return broken(syncFolder(f.dir))
}

func (f *Folder) path(name string) string { return filepath.Join(f.dir, name) }

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// broken says that the store does not work. A disk without room is said so.
func broken(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return full(err)
	}
	return errs.New(errs.Unavailable, "error.storage", fmt.Errorf("blob: %w", err))
}

func full(err error) error { return errors.Join(ErrFull, err) }
