package db

import (
	"context"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// TrimLog writes what SQLite's log holds into the file and empties the log.
// The log keeps earlier states of rows, and which of them were written
// together, until it happens to be written over: a copy of the disk would give
// back what a transaction took away. While somebody reads an old state, it
// does nothing and waits for nobody; the next call does it.
//
// On PostgreSQL it does nothing: there the log is the server's, and may be
// what its backups are made of.
func (d *DB) TrimLog(ctx context.Context) (err error) {
	defer errs.Wrap(&err, "db.TrimLog")
	defer func() { err = explain(err) }()
	if d.engine != SQLite {
		return nil
	}
	if err := d.begin(ctx); err != nil {
		return err
	}
	defer d.running.Done()
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // goes back to the pool
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 0`); err != nil {
		return err
	}
	defer conn.ExecContext(context.WithoutCancel(ctx), busyTimeout) //nolint:errcheck // a pragma of a number does not fail
	var busy, frames, moved int
	return conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &moved)
}
