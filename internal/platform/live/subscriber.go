package live

import (
	"context"
	"slices"
	"sync"
)

// subscriber holds what waits for one receiver.
type subscriber struct {
	wake chan struct{} // holds one token when something waits

	mu      sync.Mutex
	pending []string
}

// push adds a hint and never waits.
func (s *subscriber) push(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case len(s.pending) == 1 && s.pending[0] == Resync: // covers every topic
	case topic == Resync || len(s.pending) >= maxPending && !slices.Contains(s.pending, topic):
		s.pending = append(s.pending[:0], Resync)
	case !slices.Contains(s.pending, topic):
		s.pending = append(s.pending, topic)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// pop takes the oldest hint.
func (s *subscriber) pop() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.pending) == 0 {
		return "", false
	}
	topic := s.pending[0]
	s.pending = slices.Delete(s.pending, 0, 1)
	return topic, true
}

// pump hands hints over, one by one, until ctx ends.
func (s *subscriber) pump(ctx context.Context, out chan<- string) {
	for {
		topic, ok := s.pop()
		if !ok {
			select {
			case <-s.wake:
			case <-ctx.Done():
				return
			}
			continue
		}
		select {
		case out <- topic:
		case <-ctx.Done():
			return
		}
	}
}
