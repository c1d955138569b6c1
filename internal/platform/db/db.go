package db

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/ncruces/go-sqlite3/vfs"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Engine is what keeps the data.
type Engine string

// The two engines.
const (
	SQLite   Engine = "sqlite"
	Postgres Engine = "postgres"
)

// Config says where the data is. An empty URL means SQLite in Dir.
type Config struct {
	// URL of a PostgreSQL database: postgres://user@host/name.
	URL string
	// PasswordFile holds the PostgreSQL password, so that it is in neither
	// the command line nor the environment.
	PasswordFile string

	// Dir is the data folder of SQLite; the file in it is clew.db.
	Dir string
	// Key encrypts that file: 32 bytes that live outside Dir.
	Key []byte

	// Reserve is how many bytes of the disk SQLite keeps back for when it
	// is full; zero is none. See DB.DiskLow.
	Reserve int64

	// schema is where in PostgreSQL, if not where the server says. See Build.
	schema string
	// beside says that SQLite's file is thrown away if it is not finished, so
	// that nothing has to be on the disk before its end.
	beside bool

	// Conns bounds the connections: readers on SQLite, all on PostgreSQL.
	// Zero picks a number for the machine.
	Conns int
	// Clock is read once for each transaction; nil is the real one.
	Clock func() time.Time
	// Disk is what SQLite writes to below the encryption; nil is the
	// operating system. Tests put a disk here that fails.
	Disk vfs.VFS
}

// DB is an open database. All its methods may be called from many goroutines.
type DB struct {
	engine  Engine
	clock   func() time.Time
	write   *sql.DB         // SQLite: exactly one connection
	read    *sql.DB         // PostgreSQL: the same pool as write
	group   *group          // SQLite only
	reserve *reserve        // nil if there is none
	texts   texts           // placeholder rewriting, remembered
	kept    sync.Map        // see Keep
	local   listeners       // SQLite only
	pg      *pgx.ConnConfig // PostgreSQL only

	mu      sync.Mutex // for the two below
	closed  bool
	running sync.WaitGroup
	onClose []func() error
}

// Open opens the database, and on SQLite makes it if there is none. It fails
// with Unavailable if another program holds the folder, the key is wrong or
// the server does not answer.
func Open(ctx context.Context, cfg Config) (d *DB, err error) {
	defer errs.Wrap(&err, "db.Open")
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.URL != "" {
		return openPostgres(ctx, cfg)
	}
	return openSQLite(ctx, cfg)
}

// Engine says which engine keeps the data.
func (d *DB) Engine() Engine { return d.engine }

// Close waits for what runs, then lets go of everything. Later calls fail with
// Unavailable.
func (d *DB) Close() error {
	d.mu.Lock()
	again := d.closed
	d.closed = true
	d.mu.Unlock()
	if again {
		return nil
	}
	d.running.Wait()
	var err error
	for _, f := range slices.Backward(d.onClose) {
		err = errors.Join(err, f())
	}
	return err
}

// begin lets a transaction start, unless it would wait for itself for ever or
// comes after Close. It is followed by running.Done if it gives no error.
func (d *DB) begin(ctx context.Context) error {
	if tx, ok := ctx.Value(withinKey{d}).(*Tx); ok && !tx.done.Load() {
		return errNested
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return errs.New(errs.Unavailable, wordStorage, errClosed)
	}
	d.running.Add(1)
	return nil
}

// View runs fn on one moment of the database, read-only. Many run at once and
// wait for no Update.
func (d *DB) View(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) (err error) {
	defer func() { err = explain(err) }()
	if err := d.begin(ctx); err != nil {
		return err
	}
	defer d.running.Done()
	opts := &sql.TxOptions{ReadOnly: true}
	if d.engine == Postgres {
		opts.Isolation = sql.LevelRepeatableRead
	}
	defer func() {
		// What an engine says of an interrupted statement is about the engine.
		if ended := ctx.Err(); err != nil && ended != nil && !errors.Is(err, ended) {
			err = errors.Join(ended, err)
		}
	}()
	inner, err := d.read.BeginTx(ctx, opts)
	if err != nil {
		return err
	}
	tx := d.newTx(inner)
	defer func() {
		tx.done.Store(true)
		_ = inner.Rollback() // nothing was written; only the snapshot is let go
	}()
	if err := fn(within(ctx, tx), tx); err != nil {
		return err
	}
	return tx.failed
}

// Update runs fn and makes what it wrote durable before it returns nil.
// Cancelling ctx drops it until it has started; from then on it completes.
//
// On SQLite it shares its commit with others, so fn must be short: no
// network, no waiting. fn may run again (when it collided with another
// transaction on PostgreSQL, or filled the disk on SQLite and there is a reserve),
// so it must set, not add to, what lies outside it. fn must use the context and the Tx that it is given, and must not start
// another View or Update.
func (d *DB) Update(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) (err error) {
	defer func() { err = explain(err) }()
	if err := d.begin(ctx); err != nil {
		return err
	}
	defer d.running.Done()
	if d.engine == Postgres {
		return d.updatePostgres(ctx, sql.LevelSerializable, fn)
	}
	return d.updateSQLite(ctx, fn)
}

// UpdateApart is Update for what keeps its own order by locking a row before
// it reads. On PostgreSQL it takes no part in the order of the other Updates: it
// sees at each statement what is committed by then, and no Update that runs
// beside it has to run again for its sake. On SQLite it is Update.
func (d *DB) UpdateApart(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) (err error) {
	defer func() { err = explain(err) }()
	if err := d.begin(ctx); err != nil {
		return err
	}
	defer d.running.Done()
	if d.engine == Postgres {
		return d.updatePostgres(ctx, sql.LevelReadCommitted, fn)
	}
	return d.updateSQLite(ctx, fn)
}

func (d *DB) updateSQLite(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if d.reserve == nil {
		return d.group.update(ctx, fn)
	}
	spent := d.reserve.times()
	err := d.group.update(ctx, fn)
	if full(err) && d.reserve.spend(spent) {
		err = d.group.update(ctx, fn)
	}
	return err
}

// Now is the clock by which transactions get their Now.
func (d *DB) Now() time.Time { return Time(Micros(d.clock())) }

// Keep gives what is in memory for as long as the database is open, made when
// it is first asked for. key is of a type of the asking package's own.
func (d *DB) Keep(key any, first func() any) any {
	if v, ok := d.kept.Load(key); ok {
		return v
	}
	v, _ := d.kept.LoadOrStore(key, first())
	return v
}

type withinKey struct{ d *DB }

// within marks the context that a transaction's function gets.
func within(ctx context.Context, tx *Tx) context.Context {
	return context.WithValue(ctx, withinKey{tx.db}, tx)
}

var errClosed = errors.New("the database is closed")

var errNested = errors.New("a transaction was started inside another one: pass the Tx down instead")
