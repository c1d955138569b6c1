package seal

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Lane is what a guess is for. Lanes take turns: whoever floods one lane keeps
// nobody out of the others. Without lanes, a few hundred wrong codes would have
// made a first contact wait for minutes.
//
// In a lane that strangers can flood only so many wait. Who comes then takes
// the place of one of them, and turns go to any of those who wait: in a line, a
// flood that is always there first would keep everybody else out for good; so,
// somebody who tries again gets through.
type Lane int

// most bounds who waits in a lane; none is no bound.
var most = [laneCount]int{Known: 32, Door: 32, Mailbox: 256}

// Most is how many may wait in the lane; 0 is no bound.
func (l Lane) Most() int { return most[l] }

// ErrBusy is the answer to a guess that lost its place to another.
var ErrBusy = errs.New(errs.Busy, "", errors.New("seal: too many guesses wait"))

// The lanes.
const (
	Making  Lane = iota // the code that a first contact is given, the key of a new account
	Inside              // who is signed in and unlocks their screen
	Known               // who signs in where they did before
	Door                // who signs in, and may be anybody
	Mailbox             // who opens a mailbox with a code
	laneCount
)

// queue hands out turns.
type queue struct {
	mu      sync.Mutex
	free    int
	waiting [laneCount][]chan bool // true: the turn is here; false: the place is lost
	next    Lane                   // whose turn it is, if somebody waits there
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
	turn := make(chan bool, 1)
	if n := len(q.waiting[lane]); most[lane] > 0 && n >= most[lane] {
		i := rand.IntN(n) //nolint:gosec // a draw of lots, no secret
		q.waiting[lane][i] <- false
		q.waiting[lane][i] = turn
	} else {
		q.waiting[lane] = append(q.waiting[lane], turn)
	}
	q.mu.Unlock()
	select {
	case mine := <-turn:
		if !mine {
			return ErrBusy
		}
		return nil
	case <-ctx.Done():
	}
	q.mu.Lock()
	i := slices.Index(q.waiting[lane], turn)
	if i >= 0 {
		q.waiting[lane] = slices.Delete(q.waiting[lane], i, i+1)
	}
	q.mu.Unlock()
	if i < 0 && <-turn {
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
			i := 0
			if most[lane] > 0 {
				i = rand.IntN(len(line)) //nolint:gosec // a draw of lots, no secret
			}
			line[i] <- true
			q.waiting[lane] = slices.Delete(line, i, i+1)
			q.next = (lane + 1) % laneCount
			return
		}
	}
	q.free++
}
