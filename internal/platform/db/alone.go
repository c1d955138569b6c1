package db

import (
	"context"
	"database/sql/driver"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

const aloneLock = 0x636c6577_00010000

// Alone runs fn unless another program on the same database runs one of the
// same number just now; ran says whether it did. On SQLite there is no other.
// The number is the caller's choice, below 65536.
func (d *DB) Alone(ctx context.Context, number uint16, fn func(ctx context.Context) error) (ran bool, err error) {
	defer errs.Wrap(&err, "db.Alone")
	if d.engine == SQLite {
		return true, fn(ctx)
	}
	return d.alone(ctx, aloneLock+int64(number), fn)
}

// alone holds a lock of the server, which lets go of it when the connection
// breaks, so that nobody waits for a program that is dead.
func (d *DB) alone(ctx context.Context, number int64, fn func(ctx context.Context) error) (ran bool, err error) {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return false, explain(err)
	}
	defer conn.Close() //nolint:errcheck // goes back to the pool
	if err := conn.QueryRowContext(ctx, `SELECT pg_try_advisory_lock($1)`, number).Scan(&ran); err != nil || !ran {
		return false, explain(err)
	}
	defer func() {
		_, unlockErr := conn.ExecContext(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock($1)`, number)
		if unlockErr != nil {
			_ = conn.Raw(func(any) error { return driver.ErrBadConn }) // a lock must not go back to the pool
		}
	}()
	return true, fn(ctx)
}
