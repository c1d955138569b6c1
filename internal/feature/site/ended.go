package site

import (
	"sync"
	"time"
)

// keepEnded is how long a form that was left behind is remembered, which is
// longer than an answer is kept for a repeated request.
const keepEnded = time.Hour

// ended remembers the keys of forms that somebody left by the exit. A browser
// offers to send the last form again when Back reaches it; a form in this
// list is not answered. It lives in memory: it holds nothing but random
// numbers, and after a restart the browser is merely asked for the code again.
type ended struct {
	mu   sync.Mutex
	keys map[string]time.Time
}

// mostEnded bounds the memory that exits may take; beyond it some are forgotten
// early, and what they were keys of runs out by itself.
const mostEnded = 50_000

func (e *ended) add(key string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := time.Now()
	if e.keys == nil {
		e.keys = map[string]time.Time{}
	}
	if len(e.keys) >= mostEnded {
		for k, t := range e.keys {
			if now.Sub(t) > keepEnded || len(e.keys) >= mostEnded {
				delete(e.keys, k)
			}
		}
	}
	e.keys[key] = now
}

func (e *ended) has(key string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	t, ok := e.keys[key]
	return ok && time.Since(t) < keepEnded
}
