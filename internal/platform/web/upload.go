package web

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// UploadTime is how long a form with files may take to come: at the speed of
// an old telephone (20 kB a second) a file of 10 MiB in nine minutes.
const UploadTime = 15 * time.Minute

// maxParts bounds the parts of a form, also those that are no files.
const maxParts = 200

// Upload is a form that may bring files, read as it comes. No file is ever in
// memory as a whole, nor in clear on the disk.
type Upload struct {
	// Values are the fields that stand before the first file; those after it
	// come with Next.
	Values url.Values

	parts *multipart.Reader
	body  *ending
	file  *multipart.Part // the first, until Next gives it
	seen  int
	room  int64 // for fields
}

// ReadUpload begins to read a form, as Form does, up to its first file. limit
// is the most that all of it may have, in bytes. A form without files, of
// whatever kind Form takes, is read to its end.
func ReadUpload(w http.ResponseWriter, r *http.Request, limit int64) (*Upload, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		values, err := Form(w, r)
		return &Upload{Values: values}, err
	}
	// A slow line has longer for files than the server gives to other requests.
	// Where the connection cannot, as in a test, it stays as it is.
	patient := http.NewResponseController(w)
	_ = patient.SetReadDeadline(time.Now().Add(UploadTime))
	_ = patient.SetWriteDeadline(time.Now().Add(UploadTime + time.Minute))
	body := &ending{Reader: http.MaxBytesReader(w, r.Body, limit), end: []byte("--" + params["boundary"] + "--")}
	u := &Upload{Values: url.Values{}, room: FormLimit, body: body, parts: multipart.NewReader(body, params["boundary"])}
	u.file, err = u.next()
	if errors.Is(err, io.EOF) {
		return u, nil
	}
	return u, err
}

// Next gives the next file with the name that its sender gave it, io.EOF when
// there is none, or an error of kind Invalid or TooLarge if the form broke off
// or was too long. The reader is worth nothing once the next is asked for.
func (u *Upload) Next() (name string, file io.Reader, err error) {
	part := u.file
	u.file = nil
	if part == nil {
		if u.parts == nil {
			return "", nil, io.EOF
		}
		if part, err = u.next(); err != nil {
			return "", nil, err
		}
	}
	return part.FileName(), part, nil
}

// next reads fields until there is a file.
func (u *Upload) next() (*multipart.Part, error) {
	for {
		part, err := u.parts.NextPart()
		if errors.Is(err, io.EOF) && u.body.there() {
			return nil, io.EOF
		}
		if u.seen++; err != nil || u.seen > maxParts {
			return nil, cutShort(err)
		}
		if part.FileName() != "" {
			return part, nil
		}
		b, err := io.ReadAll(io.LimitReader(part, u.room+1))
		u.room -= int64(len(b))
		if err == nil && u.room < 0 {
			return nil, errs.New(errs.TooLarge, "error.too_large", nil)
		}
		if err != nil {
			return nil, cutShort(err)
		}
		u.Values.Add(part.FormName(), string(b))
	}
}

func cutShort(err error) error {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return errs.New(errs.TooLarge, "error.too_large", nil)
	}
	return errs.New(errs.Invalid, "error.form", errors.New("a form with files ended early"))
}

// ending knows whether a form came to its end: the reader of its parts takes
// one that was cut between two of them for whole.
type ending struct {
	io.Reader

	end, last []byte
}

// lastKept is more than anybody writes after a form.
const lastKept = 4 << 10

func (e *ending) Read(b []byte) (int, error) {
	n, err := e.Reader.Read(b)
	e.last = append(e.last, b[:n]...)
	e.last = e.last[max(0, len(e.last)-lastKept):]
	return n, err
}

func (e *ending) there() bool { return bytes.Contains(e.last, e.end) }
