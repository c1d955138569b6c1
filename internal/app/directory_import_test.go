package app

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
)

// importServer answers on a data folder's socket as the server does.
func importServer(t *testing.T, answer http.HandlerFunc) Options {
	t.Helper()
	dir, err := os.MkdirTemp("", "clew") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	o := Options{Data: dir}
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", socketPath(o))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: answer, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { _ = server.Close() })
	return o
}

// Files go on coming after the server has told how far it is.
func TestAnImportIsSentToItsEnd(t *testing.T) {
	t.Parallel()
	const size = 4 << 20
	o := importServer(t, func(w http.ResponseWriter, r *http.Request) {
		files, answer, flush := tar.NewReader(r.Body), json.NewEncoder(w), http.NewResponseController(w)
		_ = flush.EnableFullDuplex()
		if _, err := files.Next(); err != nil {
			t.Error(err)
		}
		_ = answer.Encode(heard{Progress: "begun"})
		_ = flush.Flush()
		head, err := files.Next()
		if err != nil {
			_ = answer.Encode(heard{Done: true, Error: "the rest did not come"})
			return
		}
		n, err := io.Copy(io.Discard, files)
		_ = answer.Encode(heard{Done: true, Output: fmt.Sprint(head.Name, n, err)})
	})
	from := t.TempDir()
	if err := os.WriteFile(filepath.Join(from, "services.csv"), bytes.Repeat([]byte("x"), size), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, said strings.Builder
	heard, err := sendImport(t.Context(), o, Streams{Out: &out, Err: &said}, importArgs{}, from, []string{"services.csv"})
	if !heard || err != nil || out.String() != fmt.Sprint("services.csv", size, nil) || said.String() != "begun\n" {
		t.Errorf("%v, %v: %q %q", heard, err, out.String(), said.String())
	}
}

// A server that dies says nothing of what it did, and so does the command. A file that
// cannot be read is told as that, and not as a missing server.
func TestWhatAnImportSaysWhenItBreaks(t *testing.T) {
	t.Parallel()
	o := importServer(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = json.NewEncoder(w).Encode(heard{Progress: "begun"})
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	from := t.TempDir()
	if err := os.WriteFile(filepath.Join(from, "services.csv"), []byte("id,name\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"services.csv": "look at the list of imports", "nothing.csv": "cannot read what to import"} {
		heard, err := sendImport(context.Background(), o, Streams{Out: io.Discard, Err: io.Discard}, importArgs{}, from, []string{name})
		if !heard || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v", name, heard, err)
		}
	}
	if heard, err := sendImport(t.Context(), Options{Data: t.TempDir()}, Streams{}, importArgs{}, from, []string{"services.csv"}); heard || err != nil {
		t.Errorf("no server runs: %v, %v", heard, err)
	}
}

// Of each part of an import that can take minutes the terminal says how far it is.
func TestProgressIsToldOfEachPart(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]directory.Progress{
		"7 rows read, 2 MB of a.csv":    {File: "a.csv", Bytes: 2 << 20, Rows: 7},
		"7 rows read, 5 records joined": {Rows: 7, Joined: 5},
		"3 of 5 records checked":        {Rows: 7, Joined: 5, Checked: 3},
		"4 of 5 records compared":       {Rows: 7, Joined: 5, Checked: 5, Written: 4},
	} {
		if got := progressLine(p); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
