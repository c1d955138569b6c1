package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/platform/fault"
)

// A group ends when nobody waits any more, or at one of these bounds, so that
// the first one in it is not kept waiting by an endless stream.
const (
	maxGroup     = 512
	maxGroupTime = 20 * time.Millisecond
)

// group joins Updates into one commit. One goroutine begins and commits; the
// functions run in the goroutines of their callers, one after another, so that
// a panic or a test's FailNow ends the caller and not the database.
type group struct {
	d        *DB
	jobs     chan *job
	stopping chan struct{}
	stopped  chan struct{}
	once     sync.Once
	fault    error // of a statement of the running job, as the connection saw it
}

// job is one Update.
type job struct {
	turn chan *Tx      // the caller may run
	ran  chan struct{} // the caller has run
	err  error         // how it ended; read after ran
	done chan error    // what became of the commit
}

// errAborted is how a function ended that neither returned nor failed.
var errAborted = errors.New("the transaction's function panicked")

func startGroup(d *DB) *group {
	g := &group{d: d, jobs: make(chan *job), stopping: make(chan struct{}), stopped: make(chan struct{})}
	go g.loop()
	return g
}

// update hands fn in and waits for its commit.
func (g *group) update(ctx context.Context, fn func(context.Context, *Tx) error) error {
	j := &job{turn: make(chan *Tx), ran: make(chan struct{}), done: make(chan error, 1)}
	if err := g.submit(ctx, j); err != nil {
		return err
	}
	tx := <-j.turn
	if tx == nil {
		return <-j.done
	}
	j.run(ctx, tx, fn)
	if err := <-j.done; err != nil {
		return err
	}
	tx.runAfter()
	return nil
}

// run runs fn in the caller's goroutine and reports also when it panics.
func (j *job) run(ctx context.Context, tx *Tx, fn func(context.Context, *Tx) error) {
	j.err = errAborted
	defer func() {
		tx.done.Store(true)
		close(j.ran)
	}()
	// An interrupted statement makes SQLite roll back the whole group, so a
	// function that has started cannot be cancelled.
	err := fn(within(context.WithoutCancel(ctx), tx), tx)
	if err == nil {
		err = tx.failed
	}
	j.err = err
}

func (g *group) submit(ctx context.Context, j *job) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	late := time.NewTimer(time.Second)
	defer late.Stop()
	for {
		select {
		case g.jobs <- j:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-late.C:
			// Waiting this long is rare, so there is time to look whether it
			// is for ourselves: an Update inside an Update, with a context
			// that does not say so.
			if insideUpdate() {
				return errNested
			}
		}
	}
}

func (g *group) stop() error {
	g.once.Do(func() { close(g.stopping) })
	<-g.stopped
	return nil
}

func (g *group) loop() {
	defer close(g.stopped)
	for {
		select {
		case j := <-g.jobs:
			g.commit(j)
		case <-g.stopping:
			return
		}
	}
}

// commit runs first and all that wait by then, and answers them together.
func (g *group) commit(first *job) {
	ctx := context.Background()
	sqlTx, err := g.d.write.BeginTx(ctx, nil)
	if err != nil {
		first.turn <- nil
		first.done <- err
		return
	}
	var good, failed []*job
	started := time.Now()
	broken := error(nil)
	for j := first; j != nil; j = g.next(len(good), started) {
		if broken = g.savepoint(ctx, sqlTx, j); broken != nil {
			good = append(good, j)
			break
		}
		if j.err != nil {
			failed = append(failed, j)
			continue
		}
		good = append(good, j)
	}
	if broken == nil {
		fault.Step("before a commit")
		broken = sqlTx.Commit()
		fault.Step("after a commit")
	} else {
		_ = sqlTx.Rollback()
	}
	for _, j := range good {
		j.done <- broken
	}
	// What a job failed over may be the work of another in this very group (a
	// key that is taken). It hears of it when that is on disk, and not if it
	// was lost.
	for _, j := range failed {
		if broken != nil {
			j.err = broken
		}
		j.done <- j.err
	}
}

// next gives one that waits already, or nil to close the group.
func (g *group) next(size int, started time.Time) *job {
	if size >= maxGroup || time.Since(started) > maxGroupTime {
		return nil
	}
	select {
	case j := <-g.jobs:
		return j
	default:
		return nil
	}
}

// savepoint lets one job run so that it can be undone alone. An error means
// that the whole group is lost: a full disk, or a function that ended the
// transaction itself.
func (g *group) savepoint(ctx context.Context, sqlTx *sql.Tx, j *job) error {
	if _, err := sqlTx.ExecContext(ctx, "SAVEPOINT one"); err != nil {
		j.turn <- nil
		return err
	}
	g.fault = nil
	j.turn <- g.d.newTx(sqlTx)
	<-j.ran
	if j.err == nil && g.fault != nil { // failed in a Scan, and nobody told Tx
		j.err = failedBefore(g.fault)
	}
	end := "RELEASE one"
	if j.err != nil {
		end = "ROLLBACK TO one; RELEASE one"
	}
	if _, err := sqlTx.ExecContext(ctx, end); err != nil {
		return fmt.Errorf("the transaction was lost: %w", errors.Join(j.err, err))
	}
	return nil
}
