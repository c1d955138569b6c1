package contact

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/picture"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// arrived is a file that is in the store and in no contact yet.
type arrived struct {
	File

	key   seal.FileKey
	mark  string // of what it holds: the same file sent again
	which int    // of those that were sent
}

// gather takes files into the store as they come. What cannot be taken keeps
// the others from nothing. A line that breaks ends it, and what was whole by
// then is given all the same.
func (f *Feature) gather(ctx context.Context, next Files) (list []arrived, refused []Refused) {
	for which := 1; ; which++ {
		name, r, err := next()
		switch {
		case errors.Is(err, io.EOF):
			return list, refused
		case errs.Is(err, errs.TooLarge):
			if len(refused) == 0 || refused[len(refused)-1].Word != errFileLarge.Word {
				refused = append(refused, Refused{which, errFileLarge.Word})
			}
			return list, refused
		case err != nil:
			return list, append(refused, Refused{which, errFileBroken.Word})
		case which > MaxFiles:
			drain(next)
			return list, append(refused, Refused{which, errFilesMany.Word})
		}
		a, err := f.keep(ctx, name, r)
		if err == nil {
			a.which = which
			list = append(list, a)
			continue
		}
		refused = append(refused, Refused{which, errs.Of(err).Word})
		switch {
		case errs.Of(err).Word == errFileBroken.Word:
			return list, refused
		case errs.Is(err, errs.Unavailable):
			drain(next)
			return list, refused
		}
	}
}

// drain reads what is not taken: a browser that is still sending hears no answer.
func drain(next Files) {
	for {
		if _, _, err := next(); err != nil {
			return
		}
	}
}

// keep seals one file into the store, under a fresh key. Nothing of it is on
// the disk in clear at any time, and memory does not grow with it.
func (f *Feature) keep(ctx context.Context, name string, r io.Reader) (a arrived, err error) {
	defer errs.Wrap(&err, "contact.keep")
	from := bufio.NewReaderSize(r, picture.HeadSize)
	head, err := from.Peek(picture.HeadSize)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return a, errFileBroken
	case len(head) == 0:
		return a, errFileEmpty
	case f.Blobs == nil || f.DB.DiskLow():
		return a, fileRoom(blob.ErrFull)
	}
	a.File = File{Blob: blob.NewName(), Name: fileName(name), Picture: picture.Look(head)}
	if a.key, err = seal.NewFileKey(); err != nil {
		return a, err
	}
	if err := f.expect(ctx, a.Blob); err != nil {
		return a, err
	}
	plain := sha256.New()
	out, in := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		var err error
		a.FileSum, err = f.sealInto(in, a.key, io.TeeReader(from, plain))
		_ = in.CloseWithError(err) // never fails
	}()
	err = f.Blobs.Put(ctx, a.Blob, out)
	_ = out.CloseWithError(io.ErrClosedPipe) // never fails
	<-done
	a.mark = hex.EncodeToString(plain.Sum(nil))
	if err != nil {
		f.forget(ctx, a.Blob)
		return a, fileRoom(err)
	}
	return a, nil
}

func (f *Feature) sealInto(w io.Writer, key seal.FileKey, r io.Reader) (seal.FileSum, error) {
	s, err := key.SealFile(w)
	if err != nil {
		return seal.FileSum{}, err
	}
	from := &sent{r: r}
	n, err := io.Copy(s, io.LimitReader(from, f.limits().File+1))
	switch {
	case from.broken:
		return seal.FileSum{}, errFileBroken
	case err != nil:
		return seal.FileSum{}, err
	case n > f.limits().File:
		return seal.FileSum{}, errFileLarge
	}
	return s.Close()
}

// sent remembers that the line broke, and not the disk.
type sent struct {
	r      io.Reader
	broken bool
}

func (s *sent) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	s.broken = s.broken || err != nil && !errors.Is(err, io.EOF)
	return n, err
}

// fileRoom says in words that there is no room for files.
func fileRoom(err error) error {
	if errors.Is(err, blob.ErrFull) {
		return errs.New(errs.Unavailable, "contact.error.file_room", err)
	}
	return err
}

// onTheWay is how long a file may take to become part of a contact. It is
// longer than any request runs.
const onTheWay = 2 * time.Hour

// expect notes a file before it is in the store: if its row never comes, it
// is found and removed.
func (f *Feature) expect(ctx context.Context, name string) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		return doom(ctx, tx, f.Agency, name, tx.Now.Add(onTheWay))
	})
}

func doom(ctx context.Context, tx *db.Tx, agency, name string, due time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact_blobs (blob, agency, due) VALUES ($1, $2, $3)`, name, agency, db.Micros(due))
	return err
}

// forget removes files that came and are part of nothing. Where it fails,
// SweepFiles does it later.
func (f *Feature) forget(ctx context.Context, names ...string) {
	for _, name := range names {
		if f.Blobs.Delete(ctx, name) == nil {
			_ = f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return spared(ctx, tx, name) }) //nolint:errcheck // see above
		}
	}
}

func spared(ctx context.Context, tx *db.Tx, name string) error {
	_, err := tx.Exec(ctx, `DELETE FROM contact_blobs WHERE blob = $1`, name)
	return err
}
