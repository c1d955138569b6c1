package app

import (
	"net/http"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
)

// BenchmarkTracedPage is what the log costs a page: a list, whose entry has a
// commit of its own, and a contact. "times" is the page with its entry over the
// page without; the two take turns.
func BenchmarkTracedPage(b *testing.B) {
	g := opened(b)
	v := g.as(string(staff.Supervisor))
	for range 50 {
		g.contact("waiting", v)
	}
	trace := g.server.Trace
	for _, page := range []string{"floor", "queue"} {
		b.Run(page, func(b *testing.B) {
			ask := func(logged bool) time.Duration {
				if g.server.Trace = nil; logged {
					g.server.Trace = trace
				}
				began := time.Now()
				if got := g.ask(v, http.MethodGet, "/staff/"+page, ""); got.status != http.StatusOK {
					b.Fatal(got.status)
				}
				return time.Since(began)
			}
			ask(true)
			var plain, logged time.Duration
			for b.Loop() {
				plain += ask(false)
				logged += ask(true)
			}
			b.ReportMetric(float64(logged)/float64(plain), "times")
			b.ReportMetric(float64((logged-plain).Microseconds())/float64(b.N), "µs/entry")
		})
	}
}
