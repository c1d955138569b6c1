package app

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// What a running server exports is the same, byte for byte, as what it writes itself:
// an archive too, which is no text.
func TestARunningServerExportsWhole(t *testing.T) {
	t.Parallel()
	h := newHotline(t, dbtest.SQLite(t))
	h.ok(h.verifyExamples(t.Context(), ""))
	o := importServer(t, h.answerExport)
	for _, format := range directory.Formats {
		var here, there bytes.Buffer
		h.ok(h.exportHSDS(t.Context(), exportArgs{format}, &here))
		h.ok(receiveExport(t.Context(), o, &there, exportArgs{format}))
		if format != directory.DataPackage {
			if here.Len() == 0 || !bytes.Equal(here.Bytes(), there.Bytes()) {
				t.Errorf("%s: %d bytes here, %d bytes there", format, here.Len(), there.Len())
			}
			continue
		}
		archive, err := zip.NewReader(bytes.NewReader(there.Bytes()), int64(there.Len()))
		h.ok(err)
		for _, f := range archive.File {
			r, err := f.Open()
			h.ok(err)
			_, err = io.Copy(io.Discard, r) // which compares its sum
			h.ok(err)
		}
	}
}

// An export that breaks off is never taken for a whole one.
func TestAnExportThatBreaksOffIsNotTaken(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"not whole": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "some")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		},
		"ended before":    func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "some") },
		"another version": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no task", http.StatusBadRequest) },
		"no room": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Trailer", exportEnd)
			_, _ = io.WriteString(w, "some")
			w.Header().Set(exportEnd, "there+is+no+room")
		},
	} {
		o := importServer(t, answer)
		err := receiveExport(context.Background(), o, io.Discard, exportArgs{directory.JSON})
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
