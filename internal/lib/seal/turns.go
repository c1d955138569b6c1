package seal

import (
	"context"
	"slices"
	"sync"
)

// Lane is what a guess is for. Guesses of one lane wait in the order in which
// they came, and lanes take turns: whoever floods one lane keeps nobody out of
// the others. Without lanes, a few hundred wrong codes would have made a first
// contact wait for minutes.
type Lane int

// The lanes.
const (
	Making  Lane = iota // the code that a first contact is given, the key of a new account
	Inside              // who is signed in and unlocks their screen
	Door                // who signs in
	Mailbox             // who opens a mailbox with a code
	laneCount
)

// queue hands out turns.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting [laneCount][]chan struct{}
	next    Lane // whose turn it is, if somebody waits there
}

// turns lets at most two guesses run at once. Each takes 64 MiB, and a small
// machine must not be pressed out of memory by guessing.
var turns = queue{free: 2}

// take waits for a turn, or until ctx ends.
func (q *queue) take(ctx context.Context, lane Lane) error {
	q.mu.Lock()
	if q.free > 0 {
		q.free--
		q.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	q.waiting[lane] = append(q.waiting[lane], turn)
	q.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	i := slices.Index(q.waiting[lane], turn)
	if i >= 0 {
		q.waiting[lane] = slices.Delete(q.waiting[lane], i, i+1)
	}
	q.mu.Unlock()
	if i < 0 {
		q.give() // the turn came at this very moment
	}
	return ctx.Err()
}

// give passes a turn on: to the lane after the one that had the last.
func (q *queue) give() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range laneCount {
		lane := (q.next + i) % laneCount
		if line := q.waiting[lane]; len(line) > 0 {
			close(line[0])
			q.waiting[lane] = slices.Delete(line, 0, 1)
			q.next = (lane + 1) % laneCount
			return
		}
	}
	q.free++
}
