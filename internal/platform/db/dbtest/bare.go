package dbtest

import (
	"context"
	"encoding/hex"
	"net/url"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/vfs/adiantum" // the encryption that db uses too

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Bare is SQLite with nothing around it, to measure against: the same
// encrypted file, log and sync as package db, one commit for each row.
type Bare struct {
	conn  *sqlite3.Conn
	write *sqlite3.Stmt
}

// OpenBare makes a fresh file in cfg.Dir until the end of the test.
func OpenBare(t testing.TB, cfg db.Config) *Bare {
	t.Helper()
	name := url.URL{Scheme: "file", Path: filepath.Join(cfg.Dir, "bare.db"), RawQuery: "vfs=adiantum"}
	conn, err := sqlite3.Open(name.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	err = conn.Exec(`PRAGMA hexkey = '` + hex.EncodeToString(cfg.Key) + `';
		PRAGMA journal_mode = wal; PRAGMA synchronous = full; PRAGMA secure_delete = on; PRAGMA temp_store = memory;
		CREATE TABLE bare (id TEXT NOT NULL PRIMARY KEY, agency TEXT NOT NULL, body BYTEA)`)
	if err != nil {
		t.Fatal(err)
	}
	write, _, err := conn.Prepare(`INSERT INTO bare (id, agency, body) VALUES (?, 'a', ?)`)
	if err != nil {
		t.Fatal(err)
	}
	return &Bare{conn, write}
}

// Commit writes one row with body and syncs it.
func (b *Bare) Commit(body []byte) error {
	if err := b.conn.Exec(`BEGIN IMMEDIATE`); err != nil {
		return err
	}
	if err := b.write.BindText(1, ids.New()); err != nil {
		return err
	}
	if err := b.write.BindBlob(2, body); err != nil {
		return err
	}
	if err := b.write.Exec(); err != nil {
		return err
	}
	return b.conn.Exec(`COMMIT`)
}

// Parallel calls f b.N times from so many goroutines.
func Parallel(b *testing.B, goroutines int, f func(context.Context) error) {
	b.Helper()
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ResetTimer()
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for left.Add(-1) >= 0 {
				if err := f(b.Context()); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
}
