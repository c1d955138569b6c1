package live

import (
	"context"
	"strings"
	"sync"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// Resync is the hint that any topic may have changed.
const Resync = "resync"

// maxPending bounds the topics that wait for a slow subscriber; beyond it they
// become one Resync.
const maxPending = 64

// Hub passes hints from transactions to subscribers.
type Hub struct {
	stop func()

	mu       sync.Mutex
	exact    map[string]map[*subscriber]struct{}
	prefixes map[*subscriber][]string
	all      map[*subscriber]struct{}
}

// New starts a hub on the database. Close ends it.
func New(d *db.DB) *Hub {
	h := &Hub{
		exact:    map[string]map[*subscriber]struct{}{},
		prefixes: map[*subscriber][]string{},
		all:      map[*subscriber]struct{}{},
	}
	h.stop = d.Listen(h.tell, h.resync)
	return h
}

// Close stops hearing. Subscriptions live on, silent, until their contexts end.
func (h *Hub) Close() { h.stop() }

// Publish gives a hint, told once the transaction is durable. The topic is a kind and
// an id ("contact:…", "queue:…"), at most db.MaxNotify bytes, and never content.
func (h *Hub) Publish(tx *db.Tx, topic string) { tx.Notify(topic) }

// Subscribe gives the hints of the topics until ctx ends, which closes the
// channel. A topic that ends in "*" stands for all that begin so. Subscribe
// first and read the state after, so that nothing falls in between.
func (h *Hub) Subscribe(ctx context.Context, topics ...string) <-chan string {
	s := &subscriber{wake: make(chan struct{}, 1)}
	h.mu.Lock()
	h.all[s] = struct{}{}
	for _, topic := range topics {
		if prefix, ok := strings.CutSuffix(topic, "*"); ok {
			h.prefixes[s] = append(h.prefixes[s], prefix)
			continue
		}
		if h.exact[topic] == nil {
			h.exact[topic] = map[*subscriber]struct{}{}
		}
		h.exact[topic][s] = struct{}{}
	}
	h.mu.Unlock()

	out := make(chan string)
	go func() {
		defer close(out)
		defer h.forget(s, topics)
		s.pump(ctx, out)
	}()
	return out
}

func (h *Hub) forget(s *subscriber, topics []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, s)
	delete(h.prefixes, s)
	for _, topic := range topics {
		delete(h.exact[topic], s)
		if len(h.exact[topic]) == 0 {
			delete(h.exact, topic)
		}
	}
}

// tell is called for each hint that arrives.
func (h *Hub) tell(topic string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.exact[topic] {
		s.push(topic)
	}
	for s, prefixes := range h.prefixes {
		for _, prefix := range prefixes {
			if strings.HasPrefix(topic, prefix) {
				s.push(topic)
				break
			}
		}
	}
}

// resync is called when hints may have been missed.
func (h *Hub) resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		s.push(Resync)
	}
}
