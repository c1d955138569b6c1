package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// beat is how often a silent stream says that it is alive, so that proxies
// keep it and a dead line is noticed.
const beat = 20 * time.Second

type drainKey struct{}

// WithDrain makes the streams of all requests under ctx end when ending is
// closed: a program that stops would wait for them for ever.
func WithDrain(ctx context.Context, ending <-chan struct{}) context.Context {
	return context.WithValue(ctx, drainKey{}, ending)
}

// Events streams hints to a page as server-sent events until the reader goes
// or hints ends. A hint is a topic and nothing else: the page asks again for
// what it may see.
func Events(w http.ResponseWriter, r *http.Request, hints <-chan string) error {
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Time{}); err != nil {
		return err
	}
	setHeaders(w.Header(), Stream)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	fmt.Fprint(w, "retry: 2000\n\n")
	if err := control.Flush(); err != nil {
		return err
	}
	ending, _ := r.Context().Value(drainKey{}).(<-chan struct{})
	pulse := time.NewTicker(beat)
	defer pulse.Stop()
	for {
		select {
		case <-r.Context().Done():
			return nil
		case <-ending:
			return nil
		case hint, open := <-hints:
			if !open {
				return nil
			}
			fmt.Fprintf(w, "data: %s\n\n", strings.ReplaceAll(hint, "\n", " "))
		case <-pulse.C:
			fmt.Fprint(w, ": \n\n")
		}
		if control.Flush() != nil {
			return nil // the reader is gone, which is how streams end
		}
	}
}
