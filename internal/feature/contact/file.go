package contact

import (
	"errors"
	"io"
	"path"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/picture"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// File is one file of a conversation, as its line tells of it. The line is
// sealed, so what the file was called is too.
type File struct {
	seal.FileSum

	Number  int64        `json:"n"` // as we call it: picture 1, file 2
	Blob    string       `json:"blob"`
	Name    string       `json:"name,omitempty"`    // as it was called where it came from
	Picture picture.Kind `json:"picture,omitempty"` // empty: it can only be downloaded
}

// Limits of files. The zero value is DefaultLimits.
type Limits struct {
	File  int64 // bytes of one
	Total int64 // bytes of all of a contact, as they are kept
}

// DefaultLimits hold where nobody set others: a file as mail takes it too,
// and as much of a contact as a disk of 40 GB holds a few hundred times.
var DefaultLimits = Limits{File: 10 << 20, Total: 100 << 20}

// MaxFiles is how many files one message takes.
const MaxFiles = 10

// maxFileName is how much of a file's own name is kept, in characters.
const maxFileName = 120

// Files gives what somebody sends, one after the other, and io.EOF after the
// last. A reader is worth nothing once the next is asked for.
type Files func() (name string, r io.Reader, err error)

// Taken says what became of files that were sent.
type Taken struct {
	Pictures, Others int
	Refused          []Refused
}

// Files is how many were taken.
func (t Taken) Files() int { return t.Pictures + t.Others }

// Refused is a file that was not taken, and the word for why.
type Refused struct {
	Which int // the first is 1
	Word  string
}

func (f *Feature) limits() Limits {
	if f.Limits == (Limits{}) {
		return DefaultLimits
	}
	return f.Limits
}

// LimitMB is how large one file may be, in whole MiB, as pages say it.
func (f *Feature) LimitMB() int { return int(f.limits().File >> 20) }

// fileName is what is kept of a file's own name: its last part, for some
// programs send where it lay.
func fileName(s string) string {
	s = path.Base(strings.ReplaceAll(text.Line(s), `\`, "/"))
	if s == "." || s == "/" {
		return ""
	}
	return text.Cut(s, maxFileName)
}

var (
	errFileLarge  = &errs.Error{Kind: errs.TooLarge, Word: "contact.error.file_large", Field: "file"}
	errFileEmpty  = errs.In("file", "contact.error.file_empty")
	errFileBroken = errs.In("file", "contact.error.file_broken")
	errFilesTotal = &errs.Error{Kind: errs.TooLarge, Word: "contact.error.files_total", Field: "file"}
	errFilesMany  = &errs.Error{Kind: errs.TooLarge, Word: "contact.error.files_many", Field: "file"}
)

// errFileTouched is why a file is not shown that is not, byte for byte, what came.
func errFileTouched(err error) error {
	return errs.New(errs.Conflict, "contact.error.file_touched", errors.Join(seal.ErrSealed, err))
}
