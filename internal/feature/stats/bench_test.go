package stats

import (
	"context"
	"fmt"
	"math/rand"
	"net/http"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// pick takes the first values of a list far more often than the last.
func pick(r *rand.Rand, values []string) string {
	return values[int(float64(len(values))*r.Float64()*r.Float64()*r.Float64())]
}

// crowd makes facts of a month as large as a country's, in which most
// combinations of codes occur once or twice.
func crowd(r *rand.Rand, n int) []facts.Fact {
	kind, _ := facts.KindOf(facts.Contact)
	languages := []string{"en", "es", "zh", "ru", "pl", "ar", "fr", "pt", "vi", "tl", "ko", "hi", "uk", "ro", "am", "ti", "so", "fa", "ur", "th"}
	var regions []string
	for _, a := range "ABCDEFGHIJ" {
		for _, b := range "KLMNO" {
			regions = append(regions, fmt.Sprintf("US-%c%c", a, b))
		}
	}
	all := make([]facts.Fact, n)
	for i := range all {
		f := facts.Fact{Kind: facts.Contact, Month: finished, Region: pick(r, regions), Codes: map[string]string{"language": pick(r, languages)}}
		for _, c := range kind.Codes {
			if c.Shape == facts.Listed {
				f.Codes[c.Name] = pick(r, c.Values)
			}
		}
		all[i] = f
	}
	return all
}

// BenchmarkMonth opens a month's page, and wraps up one more contact, in a
// month of 500,000 facts.
func BenchmarkMonth(b *testing.B) {
	for _, engine := range []struct {
		name string
		cfg  func(testing.TB) db.Config
	}{{"sqlite", dbtest.SQLite}, {"postgres", dbtest.Postgres}} {
		b.Run(engine.name, func(b *testing.B) {
			d := dbtest.Open(b, engine.cfg(b), facts.Migrations, Migrations, keyring.Migrations, audit.Migrations)
			f := feature(b, d)
			r := rand.New(rand.NewSource(1))
			for range 10 {
				seed(b, d, crowd(r, 50_000))
			}
			var pages, size int
			if err := d.View(b.Context(), func(ctx context.Context, tx *db.Tx) error {
				return tx.QueryRow(ctx, `SELECT COUNT(*), CAST(SUM(LENGTH(lines)) AS BIGINT) FROM facts`).Scan(&pages, &size)
			}); err != nil {
				b.Fatal(err)
			}
			b.Run("page of 500k facts", func(b *testing.B) {
				for b.Loop() {
					if code, _ := ask(b, f, "GET", "/staff/figures/"+finished); code != http.StatusOK {
						b.Fatal(code)
					}
				}
				b.ReportMetric(float64(pages), "pages")
				b.ReportMetric(float64(size)/1e6, "MB")
			})
			b.Run("append to 500k facts", func(b *testing.B) {
				more := crowd(r, 5000)
				i := 0
				for b.Loop() {
					seed(b, d, more[i%len(more):i%len(more)+1])
					i++
				}
			})
		})
	}
}
