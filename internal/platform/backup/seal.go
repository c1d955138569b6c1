package backup

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/archive"
)

// ErrIdentity is why a file does not open: it is for somebody else.
var ErrIdentity = errors.New("this identity does not open the file, which was encrypted to another one")

// sealed writes compressed and encrypted. Most of a database is sealed bytes
// that cannot be pressed further, so the fastest way is the best.
type sealed struct {
	*gzip.Writer

	age io.Closer
}

func newSealed(w io.Writer, to []age.Recipient) (*sealed, error) {
	a, err := age.Encrypt(w, to...)
	if err != nil {
		return nil, fmt.Errorf("the backup cannot be encrypted: %w", err)
	}
	z, err := gzip.NewWriterLevel(a, gzip.BestSpeed)
	return &sealed{z, a}, err
}

// Close writes what ends the file. Without it nobody takes the file for whole.
func (s *sealed) Close() error {
	return errors.Join(s.Writer.Close(), s.age.Close())
}

// opened reads what sealed wrote, and says of everything else that it is
// damaged.
type opened struct {
	zip   *gzip.Reader
	plain *bufio.Reader
}

func newOpened(r io.Reader, with []age.Identity) (*opened, error) {
	a, err := age.Decrypt(bufio.NewReaderSize(r, 64<<10), with...)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, ErrIdentity
	}
	if err != nil {
		return nil, damaged(err)
	}
	o := &opened{plain: bufio.NewReaderSize(a, 64<<10)}
	if o.zip, err = gzip.NewReader(o.plain); err != nil {
		return nil, damaged(err)
	}
	o.zip.Multistream(false)
	return o, nil
}

// Read gives io.EOF only where the file ends.
func (o *opened) Read(p []byte) (int, error) {
	n, err := o.zip.Read(p)
	if !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, damaged(err)
	}
	switch _, more := o.plain.Peek(1); {
	case more == nil:
		return n, damaged(errors.New("something follows its end"))
	case !errors.Is(more, io.EOF):
		return n, damaged(more)
	}
	return n, io.EOF
}

func damaged(err error) error {
	if err == nil || errors.Is(err, archive.ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %w", archive.ErrDamaged, err)
}
