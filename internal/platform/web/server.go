package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// Server holds what every request needs. Its fields are set once, before
// Handler.
type Server struct {
	Words  *i18n.Words
	Assets *Assets
	Zone   *time.Location // where the hotline is at the start; see Here
	Demo   bool           // every page says that its numbers must not be called
	Log    *slog.Logger

	// Guard lets a request of the desk pass or says why not. It gives the
	// request back with the Viewer in it.
	Guard func(w http.ResponseWriter, r *http.Request, need Access) (*http.Request, error)
	// Trace writes what a page of the desk leaves in the log, beside the page's
	// own work: nothing of the page is sent before. nil writes nothing.
	Trace func(r *http.Request, route Route) error
	// Notices are what everybody at the desk is told on every page; nil tells
	// nothing.
	Notices func(r *http.Request) ([]Notice, error)
	// PublicError and DeskError show an error as a page of their zone.
	PublicError, DeskError func(w http.ResponseWriter, r *http.Request, e *errs.Error) error

	moved atomic.Pointer[time.Location]
}

// Here is the zone of the hotline: times are shown as they are there.
func (s *Server) Here() *time.Location {
	if moved := s.moved.Load(); moved != nil {
		return moved
	}
	if s.Zone == nil {
		return time.UTC
	}
	return s.Zone
}

// Move changes the zone while requests run, as when an administrator sets it.
func (s *Server) Move(to *time.Location) { s.moved.Store(to) }

var notFound = errs.New(errs.NotFound, "", nil)

// Handler joins the routes. It refuses a route that does not say who may use it.
func (s *Server) Handler(routes []Route) (http.Handler, error) {
	mux := http.NewServeMux()
	all := append([]Route{
		{Pattern: "GET " + assetPrefix + "{name}", Access: Public, Handle: s.Assets.serve},
		{Pattern: "/", Access: Public, Handle: func(http.ResponseWriter, *http.Request) error { return notFound }},
	}, routes...)
	for _, route := range append(all, otherMethods(routes)...) {
		if route.Access == "" || route.Handle == nil {
			return nil, fmt.Errorf("web: route %q does not say who may use it", route.Pattern)
		}
		mux.Handle(route.Pattern, s.wrap(route))
	}
	return s.outer(mux), nil
}

// otherMethods answers programs that ask an address of their interface with a
// verb that it does not take: with the ones that it does. Pages answer as if
// there were nothing.
func otherMethods(routes []Route) (others []Route) {
	takes := map[string][]string{}
	for _, route := range routes {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if kind := kindOf(path); ok && (kind == API || kind == Open) {
			takes[path] = append(takes[path], method)
		}
	}
	for path, methods := range takes {
		if slices.Contains(methods, http.MethodGet) {
			methods = append(methods, http.MethodHead)
		}
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		others = append(others, Route{Pattern: path, Access: Public, Handle: func(w http.ResponseWriter, _ *http.Request) error {
			w.Header().Set("Allow", allow)
			return errs.New(errs.Method, "", nil)
		}})
	}
	return others
}

// outer is around everything, also around what the mux answers itself.
func (s *Server) outer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		setHeaders(w.Header(), kindOf(r.URL.Path))
		next.ServeHTTP(w, r)
	})
}

// sameOrigin guards what reads a cookie. It is not asked on the other public
// routes: old and careful browsers send Origin: null, and a first contact is
// never refused for that.
var sameOrigin = http.NewCrossOriginProtection()

func (s *Server) wrap(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		route.namedNothing(r)
		out := &recorder{ResponseWriter: w}
		r, err := s.run(out, r, route)
		if err != nil {
			s.fail(out, r, err)
		}
		s.log(r.Context(), route, out.status, time.Since(start), err)
	})
}

// run gives the request back as the guard left it, so that an error too is
// told in the language of who asked.
func (s *Server) run(w *recorder, r *http.Request, route Route) (as *http.Request, err error) {
	as = r
	defer caught(route, &err)
	if route.Access != Public {
		if err := sameOrigin.Check(r); err != nil {
			return as, errs.New(errs.NotFound, "", err)
		}
		if route.Access != Mailbox {
			// All of a form has to be here before anybody asks who sends it: else
			// somebody could begin one, be dismissed, and end it a minute later.
			arrive(r)
			passed, err := s.Guard(w, r, route.Access)
			if passed != nil {
				as = passed
			}
			if err != nil || passed == nil {
				return as, err
			}
		}
	}
	if s.Trace == nil || route.Access == Public || route.Trace != ByRoute && route.Trace != OnPage {
		return as, route.Handle(w, as)
	}
	w.hold = s.trace(as, route)
	err = route.Handle(w, as)
	if refused := w.hold(); refused != nil {
		err = refused
	}
	return as, err
}

// caught turns a panic into an error.
func caught(route Route, err *error) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler { //nolint:errorlint // it is compared by identity in net/http too
			panic(p)
		}
		*err = fmt.Errorf("panic in %s: %T\n%s", route.Pattern, p, debug.Stack())
	}
}

// trace begins to write the entry of a page and gives what waits for its end.
// A disk sync takes as long as making the page, so both run at once.
func (s *Server) trace(r *http.Request, route Route) (wait func() error) {
	done := make(chan error, 1)
	go func() {
		var err error
		defer func() { done <- err }()
		defer caught(route, &err)
		err = s.Trace(r, route)
	}()
	return sync.OnceValue(func() error { return <-done })
}

// arrive waits for the body of a request, as far as a form may go.
func arrive(r *http.Request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	begun, err := io.ReadAll(io.LimitReader(r.Body, FormLimit+1))
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(begun), failing{rest, err}), rest}
}

// failing reads on where a reader has stopped, with the error that it had.
type failing struct {
	io.Reader
	err error
}

func (f failing) Read(b []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.Reader.Read(b)
}

// fail is the one place that writes errors.
func (s *Server) fail(w *recorder, r *http.Request, err error) {
	if w.status != 0 {
		return // the answer has begun; the broken line tells the reader
	}
	w.hold = nil // if it failed, that is what is told
	setHeaders(w.Header(), kindOf(r.URL.Path))
	e := errs.Of(err)
	var werr error
	switch kindOf(r.URL.Path) {
	case API, Open:
		werr = s.problem(w, r, e)
	case Desk:
		werr = s.DeskError(w, r, e)
	default:
		werr = s.PublicError(w, r, e)
	}
	if werr != nil && w.status == 0 {
		http.Error(w, http.StatusText(e.Kind.Status()), e.Kind.Status())
	}
}

// log writes one line a request: the route's pattern and never its path, what
// came of it, how long it took. Who asked is not known here.
func (s *Server) log(ctx context.Context, route Route, status int, took time.Duration, err error) {
	if status == 0 {
		status = http.StatusOK
	}
	level := slog.LevelDebug
	args := []any{"route", route.Pattern, "status", status, "ms", took.Milliseconds()}
	gone := ctx.Err() != nil && errors.Is(err, context.Canceled) // who asked hung up: nothing of ours failed
	if status >= http.StatusInternalServerError && !gone {
		level = slog.LevelError
		args = append(args, "error", err)
	}
	s.Log.Log(ctx, level, "request", args...)
}

// recorder remembers whether an answer has begun.
type recorder struct {
	http.ResponseWriter
	status int
	// hold is waited for before anything is sent, and when it fails nothing
	// is. nil holds nothing. Whoever unwraps the recorder goes past it: pages
	// that stream have no entry.
	hold func() error
}

func (w *recorder) WriteHeader(status int) {
	if w.held() != nil {
		return
	}
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if err := w.held(); err != nil {
		return 0, err
	}
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *recorder) held() error {
	if w.hold == nil {
		return nil
	}
	return w.hold()
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
