package proofs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

var claimAgain = claim{
	"repeated, reordered, concurrent webhooks", "copies of each request, mixed and many at once, at the interface for programs",
	"50 copies × 2,000 ids: 2,000 records",
}

// TestProofOfOnce sends every request many times, all mixed up and many at
// once: each is one contact, and all copies of one get the same answer.
func TestProofOfOnce(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, e engine) {
		claimAgain.prove(t, e.name, func(t *testing.T) string { return repeated(t, e, size(5, 50), size(100, 2000)) })
	})
}

func repeated(t *testing.T, e engine, copies, requests int) string {
	r, err := start(t, "clew-failpoint", e.env, e.args...)
	if err != nil {
		t.Fatal(err)
	}
	keys, codes := make([]string, requests), make([]atomic.Pointer[string], requests)
	var order []int
	for i := range keys {
		keys[i] = ids.New()
		for range copies {
			order = append(order, i)
		}
	}
	luck := chance(t, 0)
	luck.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Minute)
	defer cancel()
	work := make(chan int)
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for i := range work {
				// Some fail where two copies meet: a sender then tries again, as webhooks do.
				l := &letter{channel: "api", path: "/api/v1/contacts", kind: "application/json", once: keys[i], want: http.StatusCreated}
				l.body = fmt.Sprintf(`{"text":"request %d","mailbox":%v}`, i, i%10 == 0)
				if err := l.until(ctx, func() string { return r.Public }); err != nil {
					t.Errorf("request %d: %v", i, err)
				}
				if old := codes[i].Swap(&l.code); old != nil && *old != l.code {
					t.Errorf("request %d was answered in two ways", i)
				}
			}
		})
	}
	for _, i := range order {
		work <- i
	}
	close(work)
	all.Wait()
	r.kill()
	d := e.open(t)
	defer d.Close()
	n := count(t, d, `SELECT COUNT(*) FROM contacts`)
	if n != requests {
		t.Errorf("%d requests became %d contacts", requests, n)
	}
	return fmt.Sprintf("%d copies × %d ids, %d requests: %d records, one answer for all copies of each", copies, requests, len(order), n)
}

// tellsProblem says that an answer to a program tells what is wrong in Arabic.
func tellsProblem(t *testing.T, answer []byte) {
	t.Helper()
	var p struct{ Title, Detail string }
	if err := json.Unmarshal(answer, &p); err != nil || !in("ar", p.Detail) {
		t.Errorf("what is wrong is not told: %v %.200s", err, answer)
	}
}
