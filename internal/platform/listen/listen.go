package listen

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Limits of a connection. docs/operate.md lists them.
const (
	HeaderTime = 10 * time.Second // until the head of a request is there
	ReadTime   = time.Minute      // until all of it is: at the speed of an old telephone, more than the longest story
	WriteTime  = 2 * time.Minute  // until the answer is fetched
	IdleTime   = 2 * time.Minute  // between two requests
	DrainTime  = 20 * time.Second // of a program that stops
	HeaderSize = 16 << 10         // bytes
	Streams    = 64               // requests at once on one connection of HTTP/2
	Most       = 4096             // connections, if the system allows as many files
	Budget     = 128 << 20        // bytes of the bodies of all requests that are here
	Grace      = time.Second / 2  // for which a new connection keeps its place whatever comes
)

// Server answers on a listener.
type Server struct {
	Handler http.Handler
	TLS     *tls.Config     // nil speaks plain HTTP
	Base    context.Context //nolint:containedctx // of all requests: running ones outlive Serve's
	Log     *slog.Logger
	// Draining is called when the server begins to end. It may be nil.
	Draining func()

	// In tests; else Most, Budget and Grace.
	most   int
	budget int64
	grace  time.Duration
}

// Serve answers until ctx ends, then lets running requests end.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	server := s.http()
	stopped := make(chan error, 1)
	go func() { //nolint:gosec // it outlives ctx on purpose: running requests may end
		<-ctx.Done()
		if s.Draining != nil {
			s.Draining()
		}
		end, cancel := context.WithTimeout(context.Background(), DrainTime)
		defer cancel()
		err := server.Shutdown(end)
		if errors.Is(err, context.DeadlineExceeded) { // somebody who sends nothing more keeps nobody from ending
			s.Log.Warn("some requests did not end in time and were cut off")
			err = server.Close()
		}
		stopped <- err
	}()
	crowd := newCrowd(l, cmp.Or(s.most, mostOf(Most)), cmp.Or(s.budget, Budget), cmp.Or(s.grace, Grace))
	var err error
	if s.TLS != nil {
		err = server.ServeTLS(crowd, "", "")
	} else {
		err = server.Serve(crowd)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

func (s *Server) http() *http.Server {
	base := s.Base
	if base == nil {
		base = context.Background()
	}
	return &http.Server{
		Handler:           mannered(s.Handler),
		TLSConfig:         s.TLS,
		ReadHeaderTimeout: HeaderTime,
		ReadTimeout:       ReadTime,
		WriteTimeout:      WriteTime,
		IdleTimeout:       IdleTime,
		MaxHeaderBytes:    HeaderSize,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: Streams},
		ErrorLog:          slog.NewLogLogger(quiet{s.Log.Handler()}, slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
		ConnContext:       withGuest,
		// Else Go answers OPTIONS * itself, without our headers.
		DisableGeneralOptionsHandler: true,
	}
}

// quiet drops what net/http says of connections: it names the addresses of
// those who call.
type quiet struct{ slog.Handler }

// Handle keeps that something happened and drops what was said of it.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	return q.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "a connection ended early", r.PC))
}
