package proofs

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
)

var claimSlow = claim{
	"slow and greedy clients", "sockets that send a byte now and then and come again when they are cut off, floods of contacts and of guessed codes; an honest visitor reads a page and writes to us",
	"10,000 slow sockets, floods: honest p99 < 1 s",
}

// TestProofOfSlowClients keeps very many slow connections open and floods what
// costs most, while somebody honest comes again and again: they are always
// answered. How soon is written down, so nothing else runs beside it.
func TestProofOfSlowClients(t *testing.T) {
	claimSlow.prove(t, "SQLite", func(t *testing.T) string {
		r, err := start(t, "clew", nil, onSQLite(t).args...) // codes cost what they cost
		if err != nil {
			t.Fatal(err)
		}
		settle(r)
		many, visits := size(300, 10_000), size(8, 600)
		ctx, end := context.WithCancel(t.Context())
		var all sync.WaitGroup
		var open atomic.Int64
		for n := range 64 {
			all.Go(func() {
				dribble(ctx, strings.TrimPrefix(r.Public, "http://"), many/64+min(1, max(0, many%64-n)), &open)
			})
		}
		for late := time.Now().Add(5 * time.Minute); open.Load() < int64(many)*9/10; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(late) { // the program may keep fewer open: so many are tried all the time
				t.Logf("%d of %d sockets stay open", open.Load(), many)
				break
			}
		}
		for n := range 4 {
			all.Go(func() { flood(ctx, r, n) })
		}
		var took []time.Duration
		unanswered := 0
		fewest := open.Load()
		for n := range visits {
			began := time.Now()
			err := honest(ctx, r, n)
			took = append(took, time.Since(began))
			if err != nil {
				unanswered++
				t.Errorf("visit %d: %v", n, err)
			}
			fewest = min(fewest, open.Load())
		}
		end()
		all.Wait()
		slices.Sort(took)
		if took[len(took)*99/100] > time.Second {
			slow.Store(t.Name(), true)
		}
		return fmt.Sprintf("%d slow sockets (never fewer than %d), 4 floods: %d honest visits of a page and a contact with a code, %d unanswered, p50 %.2f s, p99 %.2f s",
			many, fewest, visits, unanswered, took[len(took)/2].Seconds(), took[len(took)*99/100].Seconds())
	})
}

// dribble keeps some connections open by a byte of a header now and then.
func dribble(ctx context.Context, address string, many int, open *atomic.Int64) {
	conns := make([]net.Conn, many)
	defer func() {
		for _, c := range conns {
			if c != nil {
				_ = c.Close()
			}
		}
	}()
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		for i, c := range conns {
			if ctx.Err() != nil {
				return
			}
			if c != nil {
				_ = c.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
				if _, err := c.Write([]byte("a")); err == nil {
					continue
				}
				_ = c.Close()
				conns[i] = nil
				open.Add(-1)
			}
			c, err := net.DialTimeout("tcp", address, time.Second)
			if err != nil {
				continue
			}
			if _, err := c.Write([]byte("POST /en/contact HTTP/1.1\r\nHost: x\r\nX-Slow: ")); err != nil {
				_ = c.Close()
				continue
			}
			conns[i] = c
			open.Add(1)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// flood sends what costs: contacts that want a code, and guesses of codes.
func flood(ctx context.Context, r *running, n int) {
	for ctx.Err() == nil {
		l := &letter{path: "/api/v1/contacts", kind: "application/json", body: `{"text":"flood"}`, once: ids.New()}
		if n%2 == 0 {
			l.path, l.body = "/api/v1/mailbox", fmt.Sprintf(`{"code":"%07d3141592653589"}`, n)
		}
		_, _, _ = l.send(ctx, r.Public)
	}
}

// honest reads a page and writes to us, on connections of its own.
func honest(ctx context.Context, r *running, n int) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	noRedirects.CloseIdleConnections()
	if status, err := get(ctx, r.Public+"/en/contact"); err != nil || status != http.StatusOK {
		return fmt.Errorf("the page: %d %w", status, err)
	}
	l := &letter{path: "/en/contact", kind: urlencoded, body: form("message", fmt.Sprint("honest ", n), "key", ids.New())}
	if status, _, err := l.send(ctx, r.Public); err != nil || status != http.StatusOK {
		return fmt.Errorf("the contact: %d %w", status, err)
	}
	return nil
}
