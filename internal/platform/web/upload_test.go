package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// upload asks with a body as a browser would write it.
func upload(t testing.TB, body []byte, kind string, limit int64) (*Upload, error) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return ReadUpload(httptest.NewRecorder(), r, limit)
}

// written is a form: pairs of name and value; a name that begins with @ is a file's.
func written(t testing.TB, pairs ...string) (body []byte, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		var part io.Writer
		var err error
		if name, file := strings.CutPrefix(pairs[i], "@"); file {
			part, err = w.CreateFormFile("file", name)
		} else {
			part, err = w.CreateFormField(pairs[i])
		}
		if err == nil {
			_, err = io.WriteString(part, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes(), w.FormDataContentType()
}

func TestFilesComeOneByOneWithTheFieldsBeforeThem(t *testing.T) {
	t.Parallel()
	body, kind := written(t, "code", "1234", "@a.jpg", "first", "@", "", "@b.pdf", "second", "after", "x")
	u, err := upload(t, body, kind, 1<<20)
	if err != nil || u.Values.Get("code") != "1234" {
		t.Fatalf("%v: %v", u.Values, err)
	}
	for _, want := range []string{"a.jpg first", "b.pdf second"} {
		name, r, err := u.Next()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(r)
		if got := name + " " + string(b); err != nil || got != want {
			t.Errorf("%q came instead of %q: %v", got, want, err)
		}
	}
	if _, _, err := u.Next(); !errors.Is(err, io.EOF) || u.Values.Get("after") != "x" {
		t.Errorf("at the end: %v, %v", u.Values, err)
	}
}

func TestAFormWithoutFilesIsAForm(t *testing.T) {
	t.Parallel()
	body, kind := written(t, "message", "hello")
	for kind, body := range map[string][]byte{kind: body, "application/x-www-form-urlencoded": []byte("message=hello")} {
		u, err := upload(t, body, kind, 1<<20)
		if err != nil || u.Values.Get("message") != "hello" {
			t.Errorf("%s: %v, %v", kind, u.Values, err)
		}
		if _, _, err := u.Next(); !errors.Is(err, io.EOF) {
			t.Errorf("%s: a file came of nothing: %v", kind, err)
		}
	}
}

// A line that breaks, wherever, is told as that, and never as the end.
func TestAFormThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	body, kind := written(t, "code", "1234", "@a.jpg", strings.Repeat("x", 5000))
	for at := range len(body) - 4 {
		u, err := upload(t, body[:at], kind, 1<<20)
		for err == nil {
			var r io.Reader
			if _, r, err = u.Next(); err == nil {
				_, err = io.Copy(io.Discard, r)
			}
		}
		if errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Fatalf("cut at %d of %d, it was taken for whole", at, len(body))
		}
	}
}

func TestAFormHasLimits(t *testing.T) {
	t.Parallel()
	long, kind := written(t, "message", strings.Repeat("x", FormLimit+1), "@a", "x")
	if _, err := upload(t, long, kind, 1<<30); !errs.Is(err, errs.TooLarge) {
		t.Errorf("a field that is too long: %v", err)
	}
	large, kind := written(t, "@a", strings.Repeat("x", 5000), "@b", "x")
	u, err := upload(t, large, kind, 4000)
	if err == nil {
		_, _, err = u.Next()
	}
	if err == nil {
		_, _, err = u.Next()
	}
	if !errs.Is(err, errs.TooLarge) {
		t.Errorf("a form that is too large: %v", err)
	}
	var many []string
	for range maxParts + 1 {
		many = append(many, "a", "x")
	}
	body, kind := written(t, many...)
	if _, err := upload(t, body, kind, 1<<30); !errs.Is(err, errs.Invalid) {
		t.Errorf("a form of too many parts: %v", err)
	}
}

func FuzzUpload(f *testing.F) {
	body, kind := written(f, "code", "1234", "@a.jpg", "x", "after", "y")
	f.Add(body, kind)
	f.Add([]byte("--b\r\n\r\n"), "multipart/form-data; boundary=b")
	f.Fuzz(func(t *testing.T, body []byte, kind string) {
		u, err := upload(t, body, kind, 1<<16)
		for range maxParts + 2 {
			if err != nil {
				return
			}
			var r io.Reader
			if _, r, err = u.Next(); err == nil {
				_, _ = io.Copy(io.Discard, r)
			}
		}
		t.Error("a form without end")
	})
}
