package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"io/fs"
	"net"
	"regexp"
	"runtime"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/ncruces/go-sqlite3"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// wordStorage is what a person reads when nothing could be kept.
const wordStorage = "error.storage"

// IsUnique says whether err comes from a row that exists already.
func IsUnique(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "23505"
	}
	return errors.Is(err, sqlite3.CONSTRAINT_UNIQUE) || errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY)
}

// explain gives what a transaction ended with its kind: a disk or server that
// does not work is Unavailable. What already has a kind keeps it.
func explain(err error) error {
	var known *errs.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	err = withoutValues(err)
	if broken(err) {
		return errs.New(errs.Unavailable, wordStorage, err)
	}
	return err
}

// scanned is how database/sql quotes a value that does not fit its variable.
var scanned = regexp.MustCompile(`(?s)(converting driver\.Value type \S+ )\(.*\)( to an? )`)

// withoutValues cuts a quoted value out of the text of err.
func withoutValues(err error) error {
	text := err.Error()
	if clean := scanned.ReplaceAllString(text, "$1(…)$2"); clean != text {
		return &quiet{clean, err}
	}
	return err
}

// quiet is an error with another text.
type quiet struct {
	text  string
	cause error
}

func (q *quiet) Error() string { return q.text }
func (q *quiet) Unwrap() error { return q.cause }

// broken says whether the fault is the disk's or the server's.
func broken(err error) bool {
	if code, ok := errors.AsType[sqlite3.ErrorCode](err); ok { // first, for these also look like errors of the network
		switch code {
		case sqlite3.FULL, sqlite3.IOERR, sqlite3.READONLY, sqlite3.CANTOPEN, sqlite3.CORRUPT, sqlite3.NOTADB,
			sqlite3.BUSY, sqlite3.LOCKED, sqlite3.NOMEM, sqlite3.PROTOCOL, sqlite3.PERM:
			return true
		}
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		// Connection, resources (disk full, too many), shutting down, a
		// standby that cannot be written to, the server's own disk.
		class := pg.Code[:min(2, len(pg.Code))]
		return class == "08" || class == "53" || class == "57" || class == "58" || class == "28" || pg.Code == "25006" || pg.Code == "3D000"
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	var connect *pgconn.ConnectError
	var network net.Error
	var path *fs.PathError
	var number syscall.Errno
	return errors.As(err, &connect) || errors.As(err, &network) || errors.As(err, &path) || errors.As(err, &number) ||
		errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, net.ErrClosed)
}

// insideUpdate looks whether this goroutine is running an Update's function.
func insideUpdate() bool {
	stack := make([]byte, 64<<10)
	return strings.Contains(string(stack[:runtime.Stack(stack, false)]), "db.(*job).run(")
}
