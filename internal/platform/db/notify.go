package db

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
)

// MaxNotify bounds the length of what Notify sends.
const MaxNotify = 200

// Notify tells every Listen on any node, once the transaction is durable.
// The same text twice in a transaction is told once. It is for hints that say
// where to look, never for content: the server logs and shows them freely.
func (t *Tx) Notify(payload string) {
	if payload == "" || len(payload) > MaxNotify {
		t.failed = errors.New("a notification is empty or too long")
		return
	}
	if !slices.Contains(t.notes, payload) {
		t.notes = append(t.notes, payload)
	}
}

// channel is the name under which the nodes of one database notify each other.
const channel = "clew"

// sendNotes makes the server tell the others at the commit (PostgreSQL).
func (t *Tx) sendNotes(ctx context.Context) error {
	if len(t.notes) == 0 {
		return nil
	}
	_, err := t.sql.ExecContext(ctx, `SELECT pg_notify($1, note) FROM unnest($2::text[]) AS note`, channel, t.notes)
	return err
}

// listeners are those in this program (SQLite).
type listeners struct {
	mu   sync.Mutex
	next int
	all  map[int]func(string)
}

func (l *listeners) add(f func(string)) (remove func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all == nil {
		l.all = map[int]func(string){}
	}
	id := l.next
	l.next++
	l.all[id] = f
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.all, id)
	}
}

func (l *listeners) tell(notes []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, f := range l.all {
		for _, note := range notes {
			f(note)
		}
	}
}

// How long Listen waits before it connects again, at first and at most.
const (
	reconnectFirst = 50 * time.Millisecond
	reconnectMost  = 5 * time.Second
)

// Listen calls heard for what any node notifies, until stop is called, which
// waits for a running call. It calls connected each time when it begins to
// hear; what was told before that is missed, so look for yourself then. Neither function may
// block or open a transaction.
//
// On PostgreSQL it has a connection of its own, and connects again when that
// breaks; on SQLite it hears from the first moment.
func (d *DB) Listen(heard func(payload string), connected func()) (stop func()) {
	if d.engine == SQLite {
		stop = d.local.add(heard)
		connected()
		return stop
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		pause := reconnectFirst
		for ctx.Err() == nil {
			_ = d.listenOnce(ctx, heard, func() {
				pause = reconnectFirst
				connected()
			}) // why it ended does not matter: connected tells of the gap
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, reconnectMost)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// listenOnce hears until the connection breaks.
func (d *DB) listenOnce(ctx context.Context, heard func(string), connected func()) error {
	config := d.pg.Copy()
	config.RuntimeParams["application_name"] = "clew listen"
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx)) //nolint:errcheck // nothing is lost with it
	if _, err := conn.Exec(ctx, `LISTEN `+channel); err != nil {
		return err
	}
	connected()
	for {
		note, err := waitAlive(ctx, conn)
		if err != nil {
			return err
		}
		if note != "" {
			heard(note)
		}
	}
}

// aliveEvery is how often a quiet connection is tried, since one whose other
// end vanished looks just the same.
const aliveEvery = 30 * time.Second

func waitAlive(ctx context.Context, conn *pgx.Conn) (string, error) {
	short, cancel := context.WithTimeout(ctx, aliveEvery)
	defer cancel()
	note, err := conn.WaitForNotification(short)
	if err == nil {
		return note.Payload, nil
	}
	if ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded) {
		return "", err
	}
	ping, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	return "", conn.Ping(ping)
}
