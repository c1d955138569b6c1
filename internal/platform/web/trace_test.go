package web

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

const secret = "what is on the page"

// traced answers one request to a page of each trace.
func traced(t *testing.T, route Trace, trace func() error) *httptest.ResponseRecorder {
	t.Helper()
	s := &Server{
		Assets: &Assets{}, Log: slog.New(slog.DiscardHandler),
		Guard: func(_ http.ResponseWriter, r *http.Request, _ Access) (*http.Request, error) { return r, nil },
		Trace: func(*http.Request, Route) error { return trace() },
		DeskError: func(w http.ResponseWriter, _ *http.Request, e *errs.Error) error {
			http.Error(w, e.Word, e.Kind.Status())
			return nil
		},
	}
	h, err := s.Handler([]Route{{Pattern: "GET /staff/x", Access: "x.read", Trace: route, Handle: func(w http.ResponseWriter, _ *http.Request) error {
		_, err := io.WriteString(w, secret)
		return err
	}}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/staff/x", nil))
	return w
}

// Nothing of a page is sent before its entry is on disk, and nothing at all
// when that fails.
func TestAPageWaitsForItsEntry(t *testing.T) {
	var written atomic.Bool
	w := traced(t, ByRoute, func() error { written.Store(true); return nil })
	if !written.Load() || w.Body.String() != secret {
		t.Errorf("written: %v, sent: %q", written.Load(), w.Body)
	}
	for name, fail := range map[string]func() error{
		"an error": func() error { return errs.New(errs.Unavailable, "", errors.New("the disk is gone")) },
		"a panic":  func() error { panic("the program is wrong") },
	} {
		w := traced(t, OnPage, fail)
		if w.Code < http.StatusInternalServerError || strings.Contains(w.Body.String(), secret) {
			t.Errorf("after %s: %d %q", name, w.Code, w.Body)
		}
	}
}

func TestADeedWritesItsOwnEntry(t *testing.T) {
	for _, route := range []Trace{ByDeed, Untraced} {
		w := traced(t, route, func() error { return errors.New("written by the route too") })
		if w.Code != http.StatusOK {
			t.Errorf("trace %d: %d", route, w.Code)
		}
	}
}
