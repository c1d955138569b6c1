package db_test

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// BenchmarkBareCommit is the yardstick: one row, one synced commit, one after
// another, on the same encrypted file and without grouping.
func BenchmarkBareCommit(b *testing.B) {
	bare := dbtest.OpenBare(b, dbtest.SQLite(b))
	for b.Loop() {
		if err := bare.Commit(nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

// BenchmarkUpdate32 is one row in each Update, from 32 goroutines.
func BenchmarkUpdate32(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			cfg := dbtest.SQLite
			if engine == "postgres" {
				cfg = dbtest.Postgres
			}
			d := dbtest.Open(b, cfg(b), note)
			dbtest.Parallel(b, 32, func(ctx context.Context) error {
				return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, ids.New()) })
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
		})
	}
}

// BenchmarkHotRow lets 32 goroutines change the same row, the worst case for
// PostgreSQL, where each collides with every other.
func BenchmarkHotRow(b *testing.B) {
	d := dbtest.Open(b, dbtest.Postgres(b), note)
	add(b, d, "1")
	dbtest.Parallel(b, 32, func(ctx context.Context) error {
		return d.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE note SET amount = amount + 1 WHERE id = $1`, "1")
			return err
		})
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "updates/s")
}

// BenchmarkUpdate1 is what a lone Update costs.
func BenchmarkUpdate1(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), note)
	for b.Loop() {
		err := d.Update(b.Context(), func(ctx context.Context, tx *db.Tx) error { return insert(ctx, tx, ids.New()) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkView is one row read by its key.
func BenchmarkView(b *testing.B) {
	d := dbtest.Open(b, dbtest.SQLite(b), note)
	add(b, d, "1")
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			err := d.View(b.Context(), func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT text FROM note WHERE id = $1`, "1").Scan(new(string))
			})
			if err != nil {
				b.Error(err)
			}
		}
	})
}
