package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Who hangs up fills no log with errors; what fails by itself is in it, with
// its route and never with its path.
func TestOnlyOurFailuresAreLogged(t *testing.T) {
	var out bytes.Buffer
	assets, err := web.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	s := &web.Server{
		Assets: assets, Log: slog.New(slog.NewTextHandler(&out, nil)),
		PublicError: func(w http.ResponseWriter, _ *http.Request, e *errs.Error) error {
			w.WriteHeader(e.Kind.Status())
			return nil
		},
	}
	h, err := s.Handler([]web.Route{
		{Pattern: "GET /wait/{what}", Access: web.Public, Handle: func(_ http.ResponseWriter, r *http.Request) error {
			<-r.Context().Done()
			return fmt.Errorf("waiting: %w", r.Context().Err())
		}},
		{Pattern: "GET /fail/{what}", Access: web.Public, Handle: func(http.ResponseWriter, *http.Request) error {
			return errors.New("the disk is on fire")
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) int {
		ctx, hangUp := context.WithCancel(t.Context())
		hangUp()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil))
		return w.Code
	}
	get("/wait/secret")
	if out.Len() > 0 {
		t.Errorf("somebody hung up, and the log has: %s", &out)
	}
	if status := get("/fail/secret"); status != http.StatusInternalServerError {
		t.Errorf("a failure is answered with %d", status)
	}
	if got := out.String(); !strings.Contains(got, "on fire") || !strings.Contains(got, "GET /fail/{what}") || strings.Contains(got, "secret") {
		t.Errorf("the log has: %s", got)
	}
}
