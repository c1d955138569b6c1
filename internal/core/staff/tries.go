package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Wrong tries slow down and lock nobody out. The first few cost nothing, for who
// mistypes; then each waits longer, up to half a minute, and few wait at once. Who
// guesses at one name so gets some 20,000 tries a day out of the 10¹² that a pass
// phrase outlasts; see enough.
const (
	freeTries   = 5
	longest     = 30 * time.Second
	triesWait   = 8                // at once for one name; who comes then is told to try again
	triesForget = 15 * time.Minute // after the last wrong one
	maxTallies  = 4096             // names and browsers that are remembered, about 100 bytes each
)

// tries counts what went wrong at the door. It is in memory, for each node: it
// knows no name, only a hash under a key that dies with the process. A name that
// nobody has is counted like any other, or the waiting would tell.
type tries struct {
	mu      sync.Mutex
	key     [32]byte
	tallies map[[32]byte]*tally
	refused map[string]int // by agency, not written into the log yet
}

type tally struct {
	wrong, waiting int
	last           time.Time
}

type triesKey struct{}

func triesOf(d *db.DB) *tries {
	return d.Keep(triesKey{}, func() any { return newTries() }).(*tries) //nolint:forcetypeassert // made here
}

func newTries() *tries {
	t := &tries{tallies: map[[32]byte]*tally{}, refused: map[string]int{}}
	rand.Read(t.key[:])
	return t
}

// at is where a try is counted: what is tried, and the browser if it is known.
// Strangers share one tally, so whoever hammers a name from anywhere slows only
// strangers.
func (t *tries) at(agency, what, browser string) [32]byte {
	return sha256.Sum256([]byte(string(t.key[:]) + strconv.Quote(agency) + strconv.Quote(what) + strconv.Quote(browser)))
}

// wait lets a try begin when its time has come.
func (t *tries) wait(ctx context.Context, at [32]byte, now time.Time) error {
	return t.waitAmong(ctx, at, triesWait, now)
}

// waitAmong is wait where no more than most wait at once.
func (t *tries) waitAmong(ctx context.Context, at [32]byte, most int, now time.Time) error {
	t.mu.Lock()
	c := t.tallies[at]
	if c == nil || now.Sub(c.last) > triesForget || c.wrong < freeTries {
		t.mu.Unlock()
		return nil
	}
	if c.waiting >= most {
		t.mu.Unlock()
		return errs.New(errs.Busy, "", errors.New("too many wrong tries at one name"))
	}
	c.waiting++
	pause := min(longest, time.Second<<min(c.wrong-freeTries, 10))
	t.mu.Unlock()
	timer := time.NewTimer(pause)
	defer timer.Stop()
	var err error
	select {
	case <-timer.C:
	case <-ctx.Done():
		err = ctx.Err()
	}
	t.mu.Lock()
	c.waiting--
	t.mu.Unlock()
	return err
}

// refuse counts a wrong try for the log.
func (t *tries) refuse(agency string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused[agency]++
}

// miss counts a wrong try.
func (t *tries) miss(agency string, at [32]byte, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refused[agency]++
	t.count(at, now)
}

// waitCounted counts a try as wrong before it begins, until right says otherwise:
// of many that begin at once no more go through than of many one after another.
// One waits at a time.
func (t *tries) waitCounted(ctx context.Context, at [32]byte, now time.Time) error {
	t.mu.Lock()
	t.count(at, now)
	t.mu.Unlock()
	return t.waitAmong(ctx, at, 1, now)
}

func (t *tries) count(at [32]byte, now time.Time) {
	c := t.tallies[at]
	if c == nil {
		t.makeRoom(now)
		c = &tally{}
		t.tallies[at] = c
	}
	if now.Sub(c.last) > triesForget {
		c.wrong = 0
	}
	c.wrong, c.last = c.wrong+1, now
}

// right forgets the wrong tries before it.
func (t *tries) right(at [32]byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.tallies[at]; c != nil {
		c.wrong = 0
	}
}

// makeRoom forgets what is old, or else the oldest. Each that is counted has cost
// a stretched pass phrase before, so nobody empties it in a hurry.
func (t *tries) makeRoom(now time.Time) {
	var oldest [32]byte
	found := false
	for at, c := range t.tallies {
		switch {
		case c.waiting > 0:
		case now.Sub(c.last) > triesForget:
			delete(t.tallies, at)
		case !found || c.last.Before(t.tallies[oldest].last):
			oldest, found = at, true
		}
	}
	if found && len(t.tallies) >= maxTallies {
		delete(t.tallies, oldest)
	}
}

// writeRefused leaves one entry in the log for all that was refused since the last:
// how often, and never with which name. It is called each minute; what a killed
// process had counted since is lost.
func (t *tries) writeRefused(ctx context.Context, tx *db.Tx) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	counted := map[string]int{}
	for agency, n := range t.refused {
		counted[agency] = n
		if err := audit.Write(ctx, tx, agency, audit.Entry{Action: "sign-in refused", Reason: strconv.Itoa(n)}); err != nil {
			return err
		}
	}
	tx.AfterCommit(func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		for agency, n := range counted {
			if t.refused[agency] -= n; t.refused[agency] == 0 {
				delete(t.refused, agency)
			}
		}
	})
	return nil
}

// UnlockAtDoor is Unlock for somebody who is not inside, in the browser whose
// cookie holds browser. Wrong tries slow down; see tries. A browser in which this
// account signed in before takes turns of its own. It may give errs.Busy.
func UnlockAtDoor(ctx context.Context, d *db.DB, agency, name, passphrase, browser string) (p Person, pair *seal.Pair, err error) {
	defer errs.Wrap(&err, "staff.UnlockAtDoor")
	lane := seal.Door
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		known, err := knows(ctx, tx, agency, name, browser)
		if known {
			lane = seal.Known
		}
		return err
	})
	if err != nil {
		return p, nil, err
	}
	if lane == seal.Door {
		browser = ""
	}
	t := triesOf(d)
	at := t.at(agency, nameKey(name), browser)
	if err := t.wait(ctx, at, d.Now()); err != nil {
		return p, nil, err
	}
	p, pair, err = unlock(ctx, d, lane, agency, name, passphrase)
	switch {
	case err == nil:
		t.right(at)
	case errs.Is(err, errs.Unauthenticated):
		t.miss(agency, at, d.Now())
	}
	return p, pair, err
}

// WaitForSecondStep lets a code be tried when its time has come. A code is one of a
// million and not of 10¹², so who has the pass phrase and guesses gets some 3,000
// tries a day, in however many ways begun at once. As at the door, a browser in
// which the account signed in before takes turns of its own. done takes whether it
// was right. It may give errs.Busy.
func WaitForSecondStep(ctx context.Context, d *db.DB, token, browser string) (done func(right bool), err error) {
	defer errs.Wrap(&err, "staff.WaitForSecondStep")
	var agency, id string
	err = d.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if agency, id, err = halfwayOf(ctx, tx, token); err != nil {
			return err
		}
		p, err := Get(ctx, tx, agency, id)
		if err != nil {
			return err
		}
		known, err := knows(ctx, tx, agency, p.Name, browser)
		if !known {
			browser = ""
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	t := triesOf(d)
	at := t.at(agency, "second step of "+id, browser)
	return func(right bool) {
		if right {
			t.right(at)
			return
		}
		t.refuse(agency)
	}, t.waitCounted(ctx, at, d.Now())
}
