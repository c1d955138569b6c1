package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
)

// compressFrom is the size in bytes below which compressing costs more than
// it saves.
const compressFrom = 512

var gzips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// compressed writes a whole body, with gzip where the browser takes it: on a
// slow line it is most of the waiting time. Pages hold no secret of the
// server's beside text that a stranger chose, which is what attacks on
// compression need.
func compressed(w http.ResponseWriter, r *http.Request, status int, body []byte) error {
	h := w.Header()
	h.Add("Vary", "Accept-Encoding")
	if len(body) < compressFrom || !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.WriteHeader(status)
		_, err := w.Write(body)
		return err
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	z := gzips.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool holds nothing else
	defer gzips.Put(z)
	z.Reset(w)
	if _, err := z.Write(body); err != nil {
		return err
	}
	return z.Close()
}

// JSON writes v as a JSON document.
func JSON(w http.ResponseWriter, status int, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(b)
	return err
}

// Document writes a whole document of a kind that programs read.
func Document(w http.ResponseWriter, r *http.Request, contentType string, body []byte) error {
	w.Header().Set("Content-Type", contentType)
	return compressed(w, r, http.StatusOK, body)
}

// HTML writes a rendered page.
func HTML(w http.ResponseWriter, r *http.Request, status int, page *bytes.Buffer) error {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	return compressed(w, r, status, page.Bytes())
}

// Redirect sends the browser to another of our own pages with 303, so that a
// reload does not send a form again.
func Redirect(w http.ResponseWriter, path string) error {
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}
