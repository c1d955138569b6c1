package app

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/clew-hotline/clew/internal/platform/listen"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// answer answers on a listener until ctx ends, then lets running requests end.
func (a *App) answer(ctx context.Context, l net.Listener, h http.Handler) error {
	s := &listen.Server{
		Handler: h, Log: a.Log,
		// Running requests end by themselves; only streams are told to.
		Base:     web.WithDrain(context.WithoutCancel(ctx), ctx.Done()),
		Draining: func() { draining.Store(true) },
	}
	if a.Options.TLSCert != "" {
		var err error
		if s.TLS, err = listen.Certificate(a.Options.TLSCert, a.Options.TLSKey, a.Log); err != nil {
			return err
		}
	}
	return s.Serve(ctx, l)
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
