package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// TestKilledWhileTakingContactsLosesNoneAndDoublesNone takes a thousand
// contacts from senders that repeat until they are answered, while the program
// is killed at random and started again.
func TestKilledWhileTakingContactsLosesNoneAndDoublesNone(t *testing.T) {
	t.Parallel()
	contacts, kills := 1000, 12
	if testing.Short() {
		contacts, kills = 200, 3
	}
	data := filepath.Join(t.TempDir(), "data")
	r := startDemo(t, "--data", data)
	before := contactsIn(t, data, r)

	var api atomic.Pointer[string]
	r = startDemo(t, "--data", data)
	api.Store(&r.API)
	var answered atomic.Int64
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	var senders sync.WaitGroup
	work := make(chan int)
	for range 16 {
		senders.Go(func() {
			for n := range work {
				if sendUntilAnswered(ctx, &api, n) {
					answered.Add(1)
				}
			}
		})
	}
	go func() {
		defer close(work)
		for n := range contacts {
			select {
			case work <- n:
			case <-ctx.Done():
				return
			}
		}
	}()

	done := make(chan struct{})
	go func() { senders.Wait(); close(done) }()
	for range kills {
		at := answered.Load() + int64(contacts/kills/2+rand.IntN(contacts/kills)) //nolint:gosec // chance, not secrecy
		waitFor(ctx, done, func() bool { return answered.Load() >= at })
		r.kill()
		r = startDemo(t, "--data", data)
		api.Store(&r.API)
	}
	<-done
	if n := answered.Load(); n != int64(contacts) {
		t.Fatalf("%d of %d were answered", n, contacts)
	}
	r.kill()
	if n := contactsIn(t, data, nil) - before; n != contacts {
		t.Fatalf("%d were answered, %d are stored", contacts, n)
	}
}

// sendUntilAnswered repeats one contact under one key, as an app on a bad line
// would, until the program says that it has it.
func sendUntilAnswered(ctx context.Context, api *atomic.Pointer[string], n int) bool {
	once := ids.New()
	body := fmt.Sprintf(`{"text":"contact %d","mailbox":false}`, n)
	for ctx.Err() == nil {
		status, _, err := post(ctx, *api.Load()+"/contacts", body, once)
		if err == nil && status == http.StatusCreated {
			return true
		}
		time.Sleep(5 * time.Millisecond) // the program is being started again
	}
	return false
}

func waitFor(ctx context.Context, done <-chan struct{}, ready func() bool) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ready() {
		select {
		case <-tick.C:
		case <-done:
			return
		case <-ctx.Done():
			return
		}
	}
}

// contactsIn counts what is stored, after ending the program that holds the
// folder.
func contactsIn(t *testing.T, data string, r *running) (n int) {
	t.Helper()
	if r != nil {
		r.kill()
	}
	d := openData(t, data)
	defer d.Close()
	err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM contacts`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// openData opens a stopped demonstration's database with the key beside it.
func openData(t testing.TB, data string) *db.DB {
	t.Helper()
	text, err := os.ReadFile(data + ".key")
	if err != nil {
		t.Fatal(err)
	}
	key, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(t.Context(), db.Config{Dir: data, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return d
}
