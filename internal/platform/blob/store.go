package blob

import (
	"context"
	"errors"
	"io"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Store keeps files. All its methods may be called from many goroutines.
type Store interface {
	// Put keeps what r gives, to its end, under a name of NewName that no other
	// file has. It fails with ErrFull if there is no room to spare, with r's
	// own error if reading failed, and with Unavailable if the store does not
	// work. After an error nothing is kept.
	Put(ctx context.Context, name string, r io.Reader) error
	// Get opens a file, or says ErrMissing.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes a file. One that is not there is removed already.
	Delete(ctx context.Context, name string) error
}

// ErrMissing is why a file does not open that is not there.
var ErrMissing = errors.New("blob: there is no such file")

// ErrFull is why a file was not kept: what room is left is for the database.
var ErrFull = errors.New("blob: there is no room for files")

// errName stops a name that somebody else made from becoming a path.
var errName = errors.New("blob: this is no name of a file")

// NewName makes a name for a file. It is random.
func NewName() string { return ids.New() }
