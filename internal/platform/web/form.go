package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Limits of a form: what is read (a story of 20,000 characters in any script
// needs some 250 kB as browsers write it), and what is drained beyond it so that the
// browser hears the answer instead of a broken line.
const (
	FormLimit  = 384 << 10
	drainLimit = 64 << 20
)

// Form reads a form post of at most FormLimit bytes. With an error it still
// gives what could be read, so that the page can show people what they wrote:
// too long a body gives its beginning and an error of kind TooLarge; a
// content type that is no form gives Invalid.
func Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/form-data" {
		return multipartForm(w, r, params["boundary"])
	}
	if err != nil || kind != "application/x-www-form-urlencoded" {
		return url.Values{}, errs.New(errs.Invalid, "error.form", nil)
	}
	body, readErr := io.ReadAll(io.LimitReader(r.Body, FormLimit+1))
	tooLong := len(body) > FormLimit
	if tooLong {
		body = body[:FormLimit]
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, drainLimit))
	}
	values, _ := url.ParseQuery(string(body)) // a broken pair is left out, the rest is read
	switch {
	case tooLong:
		return values, errs.New(errs.TooLarge, "error.too_large", nil)
	case readErr != nil:
		return values, errs.New(errs.Invalid, "error.form", errors.New("body ended early"))
	}
	return values, nil
}

// multipartForm reads a form that some browser or program sends in parts.
// Files are left unread: no form of ours asks for one.
func multipartForm(w http.ResponseWriter, r *http.Request, boundary string) (url.Values, error) {
	values := url.Values{}
	if boundary == "" {
		return values, errs.New(errs.Invalid, "error.form", nil)
	}
	r.Body = http.MaxBytesReader(w, r.Body, FormLimit)
	parts, err := r.MultipartReader()
	if err != nil {
		return values, errs.New(errs.Invalid, "error.form", nil)
	}
	for range 200 {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		var b []byte
		if err == nil && part.FileName() == "" {
			b, err = io.ReadAll(part)
			values.Add(part.FormName(), string(b))
		}
		if err != nil {
			return values, bodyError(err)
		}
	}
	return values, errs.New(errs.Invalid, "error.form", nil)
}

func bodyError(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.New(errs.TooLarge, "error.too_large", nil)
	}
	return errs.New(errs.Invalid, "error.form", nil)
}
