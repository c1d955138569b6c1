package blind

import (
	"context"
	"runtime"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// benchMarks is how many records a country's hotline links in some years;
// benchRows are fewer, because putting them down takes longer than reading them.
const (
	benchMarks = 1_000_000
	benchRows  = 100_000
)

// fill puts records with one mark each into the index, past the intake.
func (h *house) fill(b *testing.B, n int) {
	keys, err := newKey(seal.NewKey())
	h.ok(err)
	h.keys = ring{keys}
	for done := 0; done < n; {
		h.update(func(ctx context.Context, tx *db.Tx) error {
			for range 10_000 {
				m := mark{kind: Phone}
				m.mac = keys.mac(Phone, []byte(ids.New()))
				if err := h.putRow(ctx, tx, h.keys, ids.New(), row{marks: []mark{m}}); err != nil {
					return err
				}
				done++
			}
			return nil
		})
	}
}

// BenchmarkLoad is what a start costs: sealed rows are read, opened and put into
// memory.
func BenchmarkLoad(b *testing.B) {
	for name, cfg := range map[string]func(testing.TB) db.Config{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, dbtest.Open(b, cfg(b), keyring.Migrations, Migrations))
			h.fill(b, benchRows)
			for b.Loop() {
				h.ok(h.load(b.Context(), h.keys))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/mark")
		})
	}
}

// BenchmarkShared is one look-up among a million marks. "MB" is the memory that
// they take.
func BenchmarkShared(b *testing.B) {
	keys, err := newKey(seal.NewKey())
	if err != nil {
		b.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	i := &Index{keys: ring{keys}, table: newTable(0)}
	var one ids.Raw
	for range benchMarks {
		one, _ = ids.Parse(ids.New())
		m := mark{kind: Phone, mac: keys.mac(Phone, one[:4])}
		i.table.put(one, row{marks: []mark{m}})
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	record := one.String()
	for b.Loop() {
		i.Shared(record)
	}
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB")
}

// BenchmarkPrepare is what an intake pays for being found again.
func BenchmarkPrepare(b *testing.B) {
	h := newHouse(b, dbtest.Open(b, dbtest.SQLite(b), keyring.Migrations, Migrations))
	for b.Loop() {
		if _, err := h.Prepare(b.Context(), ids.New(), canaries...); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNormal is what reading a number costs the job that links.
func BenchmarkNormal(b *testing.B) {
	for b.Loop() {
		for _, n := range canaries {
			n.Normal()
		}
	}
}
