package seal

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

// BenchmarkTwentySignIns is a shift that begins: twenty pass phrases at the full
// cost, all at once. It reports the most memory that was in use meanwhile; two are
// stretched at a time, each with 64 MiB.
func BenchmarkTwentySignIns(b *testing.B) {
	const shift = 20
	cost := NewCost()
	cost.MemoryKiB, cost.Passes, cost.Lanes = memoryKiB, passes, lanes
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	most := before.HeapInuse
	for b.Loop() {
		done := make(chan bool)
		var watch, all sync.WaitGroup
		watch.Go(func() {
			tick := time.NewTicker(5 * time.Millisecond)
			defer tick.Stop()
			for {
				select {
				case <-done:
					return
				case <-tick.C:
					var now runtime.MemStats
					runtime.ReadMemStats(&now)
					most = max(most, now.HeapInuse)
				}
			}
		})
		for range shift {
			all.Go(func() {
				if _, err := Stretch(b.Context(), Known, "correct horse battery", cost); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		close(done)
		watch.Wait()
	}
	b.ReportMetric(float64(most-before.HeapInuse)/(1<<20), "MiB-most")
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N)/shift, "s/sign-in")
}
