package db

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"

	"github.com/ncruces/go-sqlite3"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// FileName is the SQLite file inside Config.Dir.
const FileName = "clew.db"

func openSQLite(ctx context.Context, cfg Config) (_ *DB, err error) {
	if len(cfg.Key) != KeySize {
		return nil, errs.New(errs.Unavailable, wordStorage, fmt.Errorf("the database key must be %d bytes", KeySize))
	}
	dir, err := filepath.Abs(cfg.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, explain(err)
	}
	d := &DB{engine: SQLite, clock: cfg.Clock}
	defer func() {
		if err != nil {
			_ = d.Close()
		}
	}()

	lock, err := LockDir(dir)
	if err != nil {
		return nil, err
	}
	d.onClose = append(d.onClose, lock.Unlock)

	path := filepath.Join(dir, FileName)
	if err := create(path); err != nil {
		return nil, explain(err)
	}
	if err := checkKey(path, cfg.Key); err != nil {
		return nil, err
	}
	disk, err := d.useDisk(cfg.Disk)
	if err != nil {
		return nil, err
	}
	readers := cfg.Conns
	if readers <= 0 {
		readers = min(max(4, 2*runtime.GOMAXPROCS(0)), 16)
	}

	writer := writerPragmas
	if cfg.beside {
		writer = besidePragmas
	}
	d.write = d.pool(path, disk, cfg.Key, 1, writer)
	if err := d.write.PingContext(ctx); err != nil {
		return nil, explain(err)
	}
	d.read = d.pool(path, disk, cfg.Key, readers, "")
	if err := d.read.PingContext(ctx); err != nil {
		return nil, explain(err)
	}
	if cfg.Reserve > 0 {
		d.reserve = newReserve(dir, cfg.Reserve)
		_ = d.reserve.fill() // no reason not to start: DiskLow tells
	}
	d.group = startGroup(d)
	d.onClose = append(d.onClose, d.group.stop)
	return d, nil
}

const (
	busyTimeout = `PRAGMA busy_timeout = 10000;`
	// The pragmas of every connection. LIKE minds case as in PostgreSQL;
	// deleted rows are overwritten; nothing temporary goes to the disk.
	commonPragmas = busyTimeout + `
PRAGMA temp_store = memory;
PRAGMA foreign_keys = on;
PRAGMA secure_delete = on;
PRAGMA trusted_schema = off;
PRAGMA case_sensitive_like = on;
PRAGMA cache_size = -4000;
`
	// Write-ahead log, synced at every commit; the log is cut back to 64 MiB
	// after a burst.
	writerPragmas = commonPragmas + `
PRAGMA journal_mode = wal;
PRAGMA synchronous = full;
PRAGMA wal_autocheckpoint = 2000;
PRAGMA journal_size_limit = 67108864;
`
	// No log and no sync: see Config.beside. Every page is written once.
	besidePragmas = commonPragmas + `
PRAGMA journal_mode = memory;
PRAGMA synchronous = off;
PRAGMA cache_size = -65536;
`
)

// pool makes connections to the file, keyed before anything else touches it.
// The key goes through a pragma and not the file name, which ends up in errors.
// Without a writer's pragmas they only read.
func (d *DB) pool(path, disk string, key []byte, conns int, writer string) *sql.DB {
	pragmas, readOnly := writer, writer == ""
	query := url.Values{
		"vfs":     {disk},
		"_txlock": {"immediate"},
		"modeof":  {path}, // the log is as private as the file
	}
	if readOnly {
		pragmas = commonPragmas
		query.Set("_pragma", "query_only(on)") // here, so that the driver knows it too
	}
	name := (&url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}).String()
	connector := &connector{name: name, init: func(c *sqlite3.Conn) error {
		if err := c.Exec(`PRAGMA hexkey = '` + hex.EncodeToString(key) + `'`); err != nil {
			return ErrKey // and not err, in case it quotes the statement
		}
		return c.Exec(pragmas)
	}}
	if !readOnly {
		connector.fault = func(err error) {
			if d.group != nil {
				d.group.fault = err
			}
		}
	}
	pool := sql.OpenDB(connector)
	pool.SetMaxOpenConns(conns)
	pool.SetMaxIdleConns(conns)
	d.onClose = append(d.onClose, pool.Close)
	return pool
}

// create makes an empty file that only its owner can read, and makes sure
// that its name survives a power cut.
func create(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close() //nolint:errcheck // Sync has told
	return dir.Sync()
}
