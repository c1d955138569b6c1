package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/clew-hotline/clew/internal/platform/web"
)

// Limits of a connection. A slow body has a minute: at the speed of an old
// telephone that is more than the longest story.
const (
	headerTime = 10 * time.Second
	readTime   = time.Minute
	writeTime  = 2 * time.Minute
	idleTime   = 2 * time.Minute
	headerSize = 16 << 10
	drainTime  = 20 * time.Second
)

// listen answers on a listener until ctx ends, then lets running requests end.
func listen(ctx context.Context, l net.Listener, h http.Handler, o Options, log *slog.Logger) error {
	// Running requests end by themselves; only streams are told to.
	base := web.WithDrain(context.Background(), ctx.Done())
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTime,
		ReadTimeout:       readTime,
		WriteTimeout:      writeTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    headerSize,
		ErrorLog:          slog.NewLogLogger(quiet{log.Handler()}, slog.LevelDebug),
		BaseContext:       func(net.Listener) context.Context { return base },
	}
	stopped := make(chan error, 1)
	go func() { //nolint:gosec // it outlives ctx on purpose: running requests may end
		<-ctx.Done()
		draining.Store(true)
		end, cancel := context.WithTimeout(context.Background(), drainTime)
		defer cancel()
		err := server.Shutdown(end)
		if errors.Is(err, context.DeadlineExceeded) { // somebody who sends nothing more keeps nobody from ending
			log.Warn("some requests did not end in time and were cut off")
			err = server.Close()
		}
		stopped <- err
	}()
	var err error
	if o.TLSCert != "" {
		err = server.ServeTLS(l, o.TLSCert, o.TLSKey)
	} else {
		err = server.Serve(l)
	}
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-stopped
}

// openListener listens on an address, and says in words why it cannot.
func openListener(ctx context.Context, address string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot answer on %s: %w. --listen names another address", address, err)
	}
	return l, nil
}

// reachable is an address at which this machine itself reaches a listener that
// listens on all.
func reachable(a net.Addr) string {
	tcp, ok := a.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return a.String()
	}
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(tcp.Port))
}

// quiet drops what net/http says of connections: it names the addresses of
// those who call.
type quiet struct{ slog.Handler }

// Handle keeps that something happened and drops what was said of it.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	return q.Handler.Handle(ctx, slog.NewRecord(r.Time, r.Level, "a connection ended early", r.PC))
}
