package backup

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// big is a table like that of contacts: what a database holds most of is
// sealed bytes, which cannot be pressed.
var big = Plan{Program: "benchmark", Migrations: []db.Migrations{{Name: "big", FS: fstest.MapFS{"00001_big.sql": {Data: []byte(`-- +goose Up
CREATE TABLE contacts (id TEXT PRIMARY KEY, agency TEXT NOT NULL, state TEXT NOT NULL, severity BIGINT NOT NULL, channel TEXT NOT NULL,
	language TEXT NOT NULL, arrived BIGINT NOT NULL, taken_by TEXT NOT NULL, taken BIGINT NOT NULL, unread BIGINT NOT NULL,
	last_seq BIGINT NOT NULL, epoch BIGINT NOT NULL, public_key BYTEA NOT NULL, mailbox TEXT NOT NULL, sealed_intake BYTEA NOT NULL, sealed_record BYTEA);
CREATE INDEX contacts_queue ON contacts (agency, state, severity, arrived, id);
CREATE INDEX contacts_mine ON contacts (agency, taken_by, state, arrived, id);`)}}}}}

const (
	bigRows = 100_000
	bigRow  = 26 + 4 + 6 + 3 + 2 + 26 + 1216 + 7 + 1050 + 1050 + 6*8 // bytes of values
)

// bigSource fills a database. The bytes of a row begin elsewhere in a pool of
// random ones each time, mostly further back than gzip looks.
func bigSource(tb testing.TB, cfg db.Config) Source {
	tb.Helper()
	d := dbtest.Open(tb, cfg, big.Migrations...)
	var pool [64 << 10]byte
	rand.Read(pool[:])
	made, err := db.Made(tb.Context(), big.Migrations, map[string]int64{"big": 1})
	if err != nil {
		tb.Fatal(err)
	}
	n := 0
	_, err = d.Fill(tb.Context(), made[0], func() ([]any, error) {
		if n == bigRows {
			return nil, io.EOF
		}
		n++
		at := n * 37 % (32 << 10)
		return []any{
			ids.New(), "home", "closed", int64(1), "web", "en", int64(n), ids.New(), int64(n), int64(0), int64(9), int64(1),
			pool[at : at+1216], "1234567", pool[at+1300 : at+2350], pool[at+2400 : at+3450],
		}, nil
	})
	if err != nil {
		tb.Fatal(err)
	}
	return Source{Plan: big, DB: d, Signer: ed25519.NewKeyFromSeed(make([]byte, 32))}
}

// BenchmarkBackup writes 100,000 rows like those of contacts (some 340 MB)
// into a folder, and makes a database of them again.
func BenchmarkBackup(b *testing.B) {
	for name, config := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			source := bigSource(b, config(b))
			id, err := age.GenerateHybridIdentity()
			if err != nil {
				b.Fatal(err)
			}
			outer, dir := b, ""
			b.Run("backup", func(b *testing.B) {
				b.SetBytes(bigRows * bigRow)
				for b.Loop() {
					dir = outer.TempDir()
					err := Folder(dir).Keep(func(create Create) error {
						_, err := source.Make(b.Context(), []age.Recipient{id.Recipient()}, create)
						return err
					})
					if err != nil {
						b.Fatal(err)
					}
				}
			})
			files, err := filepath.Glob(filepath.Join(dir, "*.age"))
			if err != nil || len(files) != 2 {
				b.Fatal(files, err)
			}
			b.Run("verify", func(b *testing.B) {
				b.SetBytes(bigRows * bigRow)
				for b.Loop() {
					for _, f := range files {
						if _, err := big.Verify(f, []age.Identity{id}, nil); err != nil {
							b.Fatal(err)
						}
					}
				}
			})
			b.Run("restore", func(b *testing.B) {
				b.SetBytes(bigRows * bigRow)
				for b.Loop() {
					b.StopTimer()
					cfg := config(b)
					b.StartTimer()
					done, err := big.Restore(context.Background(), cfg, Order{Files: files, With: []age.Identity{id}, Now: time.Now()})
					if err != nil || done.Rows != bigRows {
						b.Fatal(done.Rows, err)
					}
				}
			})
		})
	}
}
