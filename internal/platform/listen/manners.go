package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
)

type guestKey struct{}

// withGuest lets a request know on which connection it came.
func withGuest(ctx context.Context, c net.Conn) context.Context {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	return context.WithValue(ctx, guestKey{}, c)
}

// mannered tells the crowd what goes on: while a request arrives and while its
// answer is fetched the guest may be dismissed, between the two never.
func mannered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g, ok := r.Context().Value(guestKey{}).(*guest)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		v := &visit{guest: g}
		defer v.end()
		if r.Body == nil || r.Body == http.NoBody {
			v.begin()
		} else {
			r.Body = &arriving{r.Body, v}
		}
		next.ServeHTTP(&fetching{w, v}, r)
	})
}

// visit is one request on its way through us. A handler may read and write at
// once, so its guest's lock guards it.
type visit struct {
	*guest
	working, over bool
	held          int64
}

// heldMost is what of one request is counted, in bytes: no handler keeps more of it
// in memory.
const heldMost = 1 << 20

func (v *visit) begin() {
	v.crowd.mu.Lock()
	first := !v.working && !v.over
	v.working = true
	v.crowd.mu.Unlock()
	if first {
		v.arrived()
	}
}

// answering says that the answer has begun: from now on the other side is
// waited for again.
func (v *visit) answering() {
	v.crowd.mu.Lock()
	working := v.working && !v.over
	v.over = true
	v.crowd.mu.Unlock()
	if working {
		v.answered()
	} else {
		v.moved()
	}
}

func (v *visit) end() {
	v.answering()
	v.hold(-v.held)
}

// arriving is a body that has not been read to its end.
type arriving struct {
	io.ReadCloser
	visit *visit
}

func (a *arriving) Read(b []byte) (int, error) {
	n, err := a.ReadCloser.Read(b)
	if count := min(int64(n), heldMost-a.visit.held); count > 0 {
		a.visit.held += count
		a.visit.hold(count)
	}
	if errors.Is(err, io.EOF) {
		a.visit.begin()
	}
	return n, err
}

// fetching is an answer that is being sent.
type fetching struct {
	http.ResponseWriter
	visit *visit
}

func (f *fetching) WriteHeader(status int) {
	f.visit.answering()
	f.ResponseWriter.WriteHeader(status)
}

func (f *fetching) Write(b []byte) (int, error) {
	f.visit.answering()
	return f.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (f *fetching) Unwrap() http.ResponseWriter { return f.ResponseWriter }
