package audit

import (
	"context"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// deeds is a table to do something to.
var deeds = db.Migrations{Name: "deeds", FS: fstest.MapFS{"00001_deeds.sql": {Data: []byte("-- +goose Up\nCREATE TABLE deeds (id TEXT PRIMARY KEY, words TEXT NOT NULL);\n")}}}

func eachEngine(b *testing.B, bench func(b *testing.B, h *house)) {
	for name, cfg := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			bench(b, build(b, dbtest.Open(b, cfg(b), keyring.Migrations, Migrations, deeds)))
		})
	}
}

// BenchmarkWrite is what an entry adds to a deed of one row, one after another
// (each commit alone) and from many at once. "times" is a deed with its entry
// over one without; the two take turns, so that what else runs here slows both.
func BenchmarkWrite(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		tag := TagOf(seal.NewKey())
		deed := func(logged bool) {
			err := h.d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				if _, err := tx.Exec(ctx, `INSERT INTO deeds (id, words) VALUES ($1, $2)`, ids.New(), "what was done"); err != nil || !logged {
					return err
				}
				return Write(ctx, tx, agency, Entry{Staff: "ada", Action: "contact.write out", Record: "c", Tag: tag})
			})
			if err != nil {
				b.Error(err)
			}
		}
		deed(true) // the book is opened
		b.Run("alone", func(b *testing.B) {
			var plain, logged time.Duration
			for b.Loop() {
				at := time.Now()
				deed(false)
				mid := time.Now()
				deed(true)
				plain, logged = plain+mid.Sub(at), logged+time.Since(mid)
			}
			b.ReportMetric(float64(logged)/float64(plain), "times")
			b.ReportMetric(float64((logged-plain).Microseconds())/float64(b.N), "µs/entry")
		})
		for _, with := range []bool{false, true} {
			b.Run(fmt.Sprintf("many/logged=%v", with), func(b *testing.B) {
				b.SetParallelism(16)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						deed(with)
					}
				})
			})
		}
		h.sequence()
	})
}

// BenchmarkSequence is what it takes to put an entry in order, and
// BenchmarkVerify to go through it again.
func BenchmarkSequence(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		const run = 1000
		for b.Loop() {
			b.StopTimer()
			h.write(make([]Entry, run)...)
			b.StartTimer()
			h.sequence()
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/run, "µs/entry")
	})
}

func BenchmarkVerify(b *testing.B) {
	eachEngine(b, func(b *testing.B, h *house) {
		const size = 20000
		for range size / 1000 {
			h.write(make([]Entry, 1000)...)
			h.sequence()
		}
		for b.Loop() {
			if r := h.verify(); !r.Whole() || r.Size != size {
				b.Fatal(r.words())
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/size, "µs/entry")
	})
}
