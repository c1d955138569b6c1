package contact

import (
	"context"
	"database/sql"
	"errors"
	"io"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// OpenedFile is a file that is, byte for byte, what came. Close it.
type OpenedFile struct {
	File
	io.Reader

	blob io.Closer
}

// Close lets go of the store's file, which was only read.
func (o *OpenedFile) Close() error { return o.blob.Close() }

// OpenFile opens one file of a contact for a colleague who may open the
// contact, and writes that into the log before anything is shown. A file that
// was dropped is NotFound. One that was cut, changed or put in another's place
// is a Conflict, which is found before it gives a byte.
func (f *Feature) OpenFile(ctx context.Context, s *staff.Session, id string, number int64) (o *OpenedFile, err error) {
	defer errs.Wrap(&err, "contact.OpenFile")
	o = new(OpenedFile)
	var secret seal.FileKey
	var tag audit.Tag
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, keys, err := f.access(ctx, tx, s, staff.ReadContact, id)
		if err != nil {
			return err
		}
		tag = audit.TagOf(keys.Lineage())
		o.File, secret, err = f.fileOf(ctx, tx, r, keys, number)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := s.Read(ctx, f.DB, audit.Entry{Action: string(staff.ReadContact) + " file", Record: id, Tag: tag}); err != nil {
		return nil, err
	}
	return o, f.unseal(ctx, o, secret)
}

// fileOf finds what a file has to be, in its line, and what opens it.
func (f *Feature) fileOf(ctx context.Context, tx *db.Tx, r row, keys *keyring.Keys, number int64) (file File, secret seal.FileKey, err error) {
	var seq, byKey int64
	var name string
	var sealed []byte
	err = tx.QueryRow(ctx, `SELECT seq, blob, by_key, sealed FROM contact_files WHERE agency = $1 AND contact = $2 AND n = $3`, r.Agency, r.ID, number).
		Scan(&seq, &name, &byKey, &sealed)
	if errors.Is(err, sql.ErrNoRows) {
		return file, secret, errs.New(errs.NotFound, "", nil)
	}
	if err != nil {
		return file, secret, err
	}
	b, err := openEither(keys, byKey != 0, r.place(fileTable, name), sealed)
	if err != nil {
		return file, secret, errFileTouched(err)
	}
	if secret, err = seal.ParseFileKey(string(b)); err != nil {
		return file, secret, errFileTouched(err)
	}
	lines, err := f.lines(ctx, tx, r, keys, seq-1, 1)
	if err != nil {
		return file, secret, err
	}
	for _, m := range lines {
		for _, file := range m.Files {
			if m.Seq == seq && file.Number == number && file.Blob == name {
				return file, secret, nil
			}
		}
	}
	return file, secret, errFileTouched(nil)
}

// unseal reads the sealed file once to see that it is whole, and a second time
// to give it: so memory does not grow with it.
func (f *Feature) unseal(ctx context.Context, o *OpenedFile, secret seal.FileKey) error {
	first, err := f.Blobs.Get(ctx, o.Blob)
	if err != nil {
		return lostBlob(err)
	}
	err = o.Check(first)
	if closing := first.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return lostBlob(err)
	}
	second, err := f.Blobs.Get(ctx, o.Blob)
	if err != nil {
		return lostBlob(err)
	}
	if o.Reader, err = secret.OpenFile(o.FileSum, second); err != nil {
		return errors.Join(lostBlob(err), second.Close())
	}
	o.blob = second
	return nil
}

// lostBlob tells a store that does not work from a file that is not what it was.
func lostBlob(err error) error {
	if errs.Is(err, errs.Unavailable) {
		return err
	}
	return errFileTouched(err)
}

// openEither opens what was sealed under a record's key, or to its public half.
func openEither(keys *keyring.Keys, byKey bool, at seal.Place, sealed []byte) ([]byte, error) {
	if byKey {
		return keys.Open(at, sealed)
	}
	return keys.OpenTo(at, sealed)
}

// filesThere are the numbers of the files of a contact that were not dropped.
func filesThere(ctx context.Context, tx *db.Tx, r row) (map[int64]bool, error) {
	numbers, err := db.Collect(ctx, tx, func(rows *sql.Rows) (n int64, err error) { err = rows.Scan(&n); return n, err },
		`SELECT n FROM contact_files WHERE agency = $1 AND contact = $2`, r.Agency, r.ID)
	there := map[int64]bool{}
	for _, n := range numbers {
		there[n] = true
	}
	return there, err
}
