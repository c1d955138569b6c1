package backup

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// file is a backup's file that is being read.
type file struct {
	*archive.Reader

	disk *os.File
}

func open(path string, with []age.Identity) (*file, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be read: %w", err)
	}
	f := &file{disk: disk}
	in, err := newOpened(disk, with)
	if err == nil {
		f.Reader, err = archive.NewReader(in)
	}
	if err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	return f, nil
}

// Close lets go of the file, which was only read.
func (f *file) Close() error { return f.disk.Close() }

// Report is what a file turned out to be.
type Report struct {
	archive.Header

	Tables      int
	Rows        int64
	Files       int    // that stood outside the database
	Fingerprint string // of who signed it
}

// Old says whether the file holds keys that should be gone by now.
func (r Report) Old(now time.Time) bool { return r.Part == Keys && now.Sub(r.Made) > KeysKept }

// Verify reads a file to its end: encryption, hashes, counts and signature
// are right when it returns no error, and this program could restore it.
func (p Plan) Verify(path string, with []age.Identity, tell Progress) (r Report, err error) {
	f, err := open(path, with)
	if err != nil {
		return r, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	r = Report{Header: f.Header(), Fingerprint: archive.Fingerprint(f.Header().Signer)}
	err = f.each(tell, func(t archive.Table) error {
		for {
			row, err := f.Row()
			if err != nil {
				return over(err)
			}
			if t.Name == filesTable.Name && row[1] == int64(0) {
				r.Files++
			}
		}
	})
	if err != nil {
		return r, err
	}
	r.Tables, r.Rows = f.Closing().Tables, f.Closing().Rows
	return r, db.Known(p.Migrations, r.Schema)
}

// each calls read for every table, and returns nil only when the file proved
// to be whole.
func (f *file) each(tell Progress, read func(archive.Table) error) error {
	for {
		t, err := f.NextTable()
		if err != nil {
			return over(err)
		}
		if err := read(t); err != nil {
			return err
		}
		tell.tell(f.Header().Part, f.Closing().Rows)
	}
}

// over takes the end for what it is.
func over(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
