package db

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Tx is a running transaction. It is used by one goroutine and is worthless
// when the function that it was given to returns.
type Tx struct {
	// Now is the transaction's one reading of the clock, UTC, in whole microseconds.
	Now time.Time

	db     *DB
	sql    *sql.Tx
	after  []func()
	notes  []string // see Notify
	failed error    // the first statement that failed
	done   atomic.Bool
}

func (d *DB) newTx(inner *sql.Tx) *Tx {
	return &Tx{Now: d.Now(), db: d, sql: inner}
}

// Engine says which engine runs the transaction.
func (t *Tx) Engine() Engine { return t.db.engine }

// Keep is DB.Keep.
func (t *Tx) Keep(key any, first func() any) any { return t.db.Keep(key, first) }

// Exec runs a statement and says how many rows it changed.
//
// Arguments: bool becomes 0 or 1, time.Time becomes microseconds. Text with a
// NUL or broken UTF-8 is refused as Invalid, since PostgreSQL cannot keep it.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (int64, error) {
	text, args, err := t.prepare(ctx, query, args)
	if err != nil {
		return 0, err
	}
	res, err := t.sql.ExecContext(ctx, text, args...)
	if err != nil {
		return 0, t.fail(err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, t.fail(err)
	}
	return n, nil
}

// Query runs a statement that gives rows. Close them before the next statement.
func (t *Tx) Query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	text, args, err := t.prepare(ctx, query, args)
	if err != nil {
		return nil, err
	}
	rows, err := t.sql.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, t.fail(err)
	}
	return rows, nil
}

// QueryRow runs a statement that gives one row; Scan gives sql.ErrNoRows if
// there was none.
func (t *Tx) QueryRow(ctx context.Context, query string, args ...any) *sql.Row {
	text, args, err := t.prepare(ctx, query, args)
	if err != nil {
		// database/sql cannot make a Row from an error, except by a context
		// that has already ended with that error as its cause.
		t.failed = err
		return t.sql.QueryRowContext(failedContext{ctx, err}, text)
	}
	return t.sql.QueryRowContext(ctx, text, args...)
}

// AfterCommit runs f once what the transaction wrote is durable, before Update
// returns, in the order of the calls. If the transaction fails f never runs.
func (t *Tx) AfterCommit(f func()) { t.after = append(t.after, f) }

func (t *Tx) runAfter() {
	t.done.Store(true)
	if t.db.engine == SQLite && len(t.notes) > 0 {
		t.db.local.tell(t.notes)
	}
	for _, f := range t.after {
		f()
	}
}

// fail remembers that a statement failed: PostgreSQL goes no further then, and
// SQLite must not either, or the two would differ where nobody looks.
func (t *Tx) fail(err error) error {
	if t.failed == nil {
		t.failed = failedBefore(err)
	}
	return err
}

func failedBefore(err error) error {
	return fmt.Errorf("a statement of the transaction failed before: %w", err)
}

// prepare gives the engine's text and the arguments as both engines take them.
func (t *Tx) prepare(ctx context.Context, query string, given []any) (string, []any, error) {
	if hear, ok := ctx.Value(hearing{}).(func(string)); ok {
		hear(query)
	}
	if t.failed != nil {
		return "", nil, t.failed
	}
	text := t.db.texts.get(query)
	if text.params != len(given) {
		return "", nil, t.fail(fmt.Errorf("statement has %d placeholders and %d arguments", text.params, len(given)))
	}
	args := make([]any, len(given))
	for i, a := range given {
		args[i] = a
		switch v := a.(type) {
		case bool:
			args[i] = int64(0)
			if v {
				args[i] = int64(1)
			}
		case time.Time:
			args[i] = Micros(v)
		case json.RawMessage:
			args[i] = string(v)
		case string:
			if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
				return "", nil, t.fail(errs.New(errs.Invalid, "", errText))
			}
		}
	}
	if t.db.engine == SQLite {
		return text.sqlite, args, nil
	}
	return query, args, nil
}

// Hear lets somebody hear each statement that runs under the context, without its
// arguments: a test that compares what two answers cost. hear must not block.
func Hear(ctx context.Context, hear func(statement string)) context.Context {
	return context.WithValue(ctx, hearing{}, hear)
}

type hearing struct{}

var errText = errors.New("text has a NUL or broken UTF-8")

// failedContext has ended before it began.
type failedContext struct {
	context.Context
	err error
}

func (c failedContext) Done() <-chan struct{} { return closed }
func (c failedContext) Err() error            { return c.err }

var closed = func() chan struct{} { c := make(chan struct{}); close(c); return c }()
