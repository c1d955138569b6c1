package db

import (
	"context"
	"database/sql"
	"errors"
	"math/rand/v2"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/fault"
)

// An Update that has started is not cancelled by its caller, but a server that
// went silent must not hold it for ever.
const updateTimeout = time.Minute

// Updates are serializable, as they are on SQLite by nature. One that collided
// this often without luck gives up.
const maxAttempts = 25

// fromAttempt is when a retried Update queues for the lock that lets only one
// retry run at a time, so that under contention somebody always gets through.
const (
	fromAttempt = 2
	retryLock   = 0x636c6577_00000001
)

// postgresConfig says how to connect. The password may stand in a file.
func postgresConfig(cfg Config) (*pgx.ConnConfig, error) {
	if hasPassword(cfg.URL) {
		return nil, errs.New(errs.Unavailable, wordStorage, errors.New("everybody on this machine can read a password in the database address: put it into a file, and name that with --password-file"))
	}
	config, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		// pgx quotes the URL, which may hold a password.
		return nil, errs.New(errs.Unavailable, wordStorage, errors.New("the database address is not a valid postgres:// URL"))
	}
	if cfg.PasswordFile != "" {
		secret, err := os.ReadFile(cfg.PasswordFile)
		if err != nil {
			return nil, explain(err)
		}
		config.Password = strings.TrimRight(string(secret), "\r\n")
	}
	config.RuntimeParams["application_name"] = "clew"
	config.RuntimeParams["synchronous_commit"] = "on"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["idle_in_transaction_session_timeout"] = "60000"
	if cfg.schema != "" {
		config.RuntimeParams["search_path"] = cfg.schema
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 10 * time.Second
	}
	return config, nil
}

// hasPassword also takes an address that it cannot read for one that has.
func hasPassword(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return strings.Contains(address, "password")
	}
	_, set := u.User.Password()
	return set || u.Query().Has("password") || u.Query().Has("sslpassword")
}

// Ports are those by which the database is reached, none if it is a file.
func (d *DB) Ports() (ports []uint16) {
	if d.pg == nil {
		return nil
	}
	ports = append(ports, d.pg.Port)
	for _, other := range d.pg.Fallbacks {
		ports = append(ports, other.Port)
	}
	return ports
}

func openPostgres(ctx context.Context, cfg Config) (*DB, error) {
	config, err := postgresConfig(cfg)
	if err != nil {
		return nil, err
	}

	conns := cfg.Conns
	if conns <= 0 {
		conns = min(max(8, 4*runtime.GOMAXPROCS(0)), 32)
	}
	pool := sql.OpenDB(pgConnector{stdlib.GetConnector(*config)})
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	d := &DB{engine: Postgres, clock: cfg.Clock, write: pool, read: pool, pg: config}
	d.onClose = append(d.onClose, pool.Close)

	var encoding string
	err = pool.QueryRowContext(ctx, `SELECT current_setting('server_encoding')`).Scan(&encoding)
	if err == nil && encoding != "UTF8" {
		err = errs.New(errs.Unavailable, wordStorage, errors.New("the database must be made with ENCODING 'UTF8', and has "+encoding))
	}
	if err != nil {
		_ = d.Close()
		return nil, explain(err)
	}
	return d, nil
}

// updatePostgres runs fn until it does not collide with another transaction.
func (d *DB) updatePostgres(ctx context.Context, level sql.IsolationLevel, fn func(context.Context, *Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := d.attemptPostgres(ctx, attempt, level, fn)
		if err == nil || !collided(err) {
			return err
		}
		if attempt == maxAttempts {
			return errs.New(errs.Busy, "", err)
		}
		pause := time.NewTimer(rand.N(time.Millisecond << min(attempt, 6))) //nolint:gosec // only so that two do not meet again
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// collided says whether running the same again may work: serialization
// failure, deadlock, or a plan made before another node changed the schema.
func collided(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	return pg.Code == "40001" || pg.Code == "40P01" || pg.Code == "0A000" && strings.Contains(pg.Message, "cached plan")
}

// attemptPostgres runs fn once and, if that was kept, what it wanted after.
func (d *DB) attemptPostgres(ctx context.Context, attempt int, level sql.IsolationLevel, fn func(context.Context, *Tx) error) error {
	conn, err := d.write.Conn(ctx)
	if err != nil {
		return err
	}
	running, cancel := context.WithTimeout(context.WithoutCancel(ctx), updateTimeout)
	defer cancel()
	tx, err := d.tryPostgres(running, conn, attempt, level, fn)
	if err == nil {
		tx.runAfter()
	}
	return err
}

// tryPostgres runs fn in a transaction on conn and gives conn back.
func (d *DB) tryPostgres(ctx context.Context, conn *sql.Conn, attempt int, level sql.IsolationLevel, fn func(context.Context, *Tx) error) (*Tx, error) {
	defer conn.Close() //nolint:errcheck // goes back to the pool
	if attempt >= fromAttempt {
		// Taken before the transaction, whose snapshot must be newer.
		if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(retryLock)); err != nil {
			return nil, err
		}
		defer conn.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(retryLock)) //nolint:errcheck // a lost connection lets go by itself
	}
	inner, err := conn.BeginTx(ctx, &sql.TxOptions{Isolation: level})
	if err != nil {
		return nil, err
	}
	tx := d.newTx(inner)
	defer func() {
		tx.done.Store(true)
		_ = inner.Rollback() // after a commit this does nothing
	}()
	if err := fn(within(ctx, tx), tx); err != nil {
		return nil, err
	}
	if tx.failed != nil {
		return nil, tx.failed
	}
	if err := tx.sendNotes(ctx); err != nil {
		return nil, err
	}
	fault.Step("before a commit")
	err = inner.Commit()
	fault.Step("after a commit")
	return tx, err
}
