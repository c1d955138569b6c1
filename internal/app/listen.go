package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/clew-hotline/clew/internal/platform/listen"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// sockets are what a server answers on.
type sockets struct {
	main, plain net.Listener // plain is nil without --listen-http
	tls         *tls.Config
	onward      http.Handler
}

// openSockets opens them, and finds or promises the certificates.
func (a *App) openSockets(ctx context.Context) (s sockets, err error) {
	if s.tls, s.onward, err = a.tls(); err != nil {
		return s, err
	}
	if s.main, err = openListener(ctx, a.Options.Listen, "--listen"); err != nil || a.Options.ListenHTTP == "" {
		return s, err
	}
	if s.tls == nil {
		return s, errors.New("--listen-http leads to HTTPS, so it needs --tls-cert or --acme")
	}
	s.plain, err = openListener(ctx, a.Options.ListenHTTP, "--listen-http")
	return s, err
}

// answer answers on them until ctx ends, then lets running requests end.
func (a *App) answer(ctx context.Context, s sockets, h http.Handler) error {
	group, ctx := errgroup.WithContext(ctx)
	// Running requests end by themselves; only streams are told to.
	base := web.WithDrain(context.WithoutCancel(ctx), ctx.Done())
	group.Go(func() error {
		return (&listen.Server{Handler: h, TLS: s.tls, Base: base, Log: a.Log, Draining: func() { draining.Store(true) }}).Serve(ctx, s.main)
	})
	if s.plain != nil {
		group.Go(func() error { return (&listen.Server{Handler: s.onward, Log: a.Log}).Serve(ctx, s.plain) })
	}
	return group.Wait()
}

// openListener listens on an address, and says in words why it cannot.
func openListener(ctx context.Context, address, option string) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("cannot answer on %s: %w. %s names another address", address, err, option)
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
