package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Limits of a form: what is read (a story of 20,000 characters in any script
// needs some 250 kB as browsers write it), and what is drained beyond it so that the
// browser hears the answer instead of a broken line.
const (
	FormLimit  = 384 << 10
	drainLimit = 64 << 20
)

// Body reads the body of a request up to limit bytes. A longer one gives its
// beginning and an error of kind TooLarge, one that ends early what came and
// an error of kind Invalid.
func Body(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if int64(len(body)) > limit {
		_, _ = io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, drainLimit))
		return body[:limit], errs.New(errs.TooLarge, "error.too_large", nil)
	}
	if err != nil {
		return body, errs.New(errs.Invalid, "error.form", errors.New("body ended early"))
	}
	return body, nil
}

// Form reads a form post of at most FormLimit bytes. With an error it still
// gives what could be read, so that the page can show people what they wrote:
// too long a body gives its beginning and an error of kind TooLarge; a
// content type that is no form gives Invalid.
func Form(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	body, err := Body(w, r, FormLimit)
	switch kind {
	case "application/x-www-form-urlencoded":
		return pairs(string(body), "&"), err
	case "multipart/form-data":
		values, partsErr := parts(body, params["boundary"])
		if err == nil {
			err = partsErr
		}
		return values, err
	}
	return salvage(kind, body), errs.New(errs.Invalid, "error.form", nil)
}

// pairs reads name=value pairs as a browser writes them. What is written
// wrongly stays as it is: a person who types "100%" through a careless program
// loses nothing.
func pairs(body, separator string) url.Values {
	values := url.Values{}
	for pair := range strings.SplitSeq(body, separator) {
		name, value, _ := strings.Cut(pair, "=")
		if name = unescape(name); name != "" {
			values.Add(name, unescape(value))
		}
	}
	return values
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			if c, err := url.PathUnescape(s[i : i+3]); err == nil {
				b.WriteString(c)
				i += 2
				continue
			}
		}
		if s[i] == '+' {
			b.WriteByte(' ')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// parts reads a form that some browser or program sends in parts. Files are
// left unread: no form of ours asks for one.
func parts(body []byte, boundary string) (url.Values, error) {
	values, bad := url.Values{}, errs.New(errs.Invalid, "error.form", nil)
	if boundary == "" {
		return values, bad
	}
	reader := multipart.NewReader(bytes.NewReader(body), boundary)
	for range 200 {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			return values, nil
		}
		var b []byte
		if err == nil && part.FileName() == "" {
			b, err = io.ReadAll(part)
			values.Add(part.FormName(), string(b))
		}
		if err != nil {
			return values, bad
		}
	}
	return values, bad
}

// salvage finds what it can in a body of a kind that no form has, to show it
// to whoever wrote it.
func salvage(kind string, body []byte) url.Values {
	switch kind {
	case "application/json":
		values, named := url.Values{}, map[string]any{}
		if json.Unmarshal(body, &named) == nil {
			for name, value := range named {
				if s, ok := value.(string); ok {
					values.Set(name, s)
				}
			}
		}
		return values
	case "text/plain": // as a form with that enctype: a line a field
		values, last := url.Values{}, ""
		for line := range strings.Lines(string(body)) {
			line = strings.TrimRight(line, "\r\n")
			name, value, ok := strings.Cut(line, "=")
			switch {
			case ok:
				last = name
				values.Set(name, value)
			case last != "": // a field of several lines goes on
				values.Set(last, values.Get(last)+"\n"+line)
			}
		}
		return values
	}
	return pairs(string(body), "&")
}
