package live_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/live"
)

var counter = db.Migrations{Name: "counter", FS: fstest.MapFS{
	"00001_counter.sql": {Data: []byte("-- +goose Up\nCREATE TABLE counter (agency TEXT NOT NULL, n BIGINT NOT NULL);\n")},
}}

// hub starts a hub that hears already.
func hub(t *testing.T, d *db.DB) *live.Hub {
	t.Helper()
	h := live.New(d)
	t.Cleanup(h.Close)
	ready := h.Subscribe(t.Context(), "ready:*")
	publish(t, d, h, "ready:1")
	if next(t, ready) == live.Resync { // PostgreSQL: it hears from here on, and perhaps that one too
		publish(t, d, h, "ready:2")
		for next(t, ready) != "ready:2" {
		}
	}
	return h
}

func publish(t *testing.T, d *db.DB, h *live.Hub, topics ...string) {
	t.Helper()
	err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, topic := range topics {
			h.Publish(tx, topic)
		}
		_, err := tx.Exec(ctx, `INSERT INTO counter (agency, n) VALUES ($1, $2)`, "a", 1)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, hints <-chan string) string {
	t.Helper()
	select {
	case topic, ok := <-hints:
		if !ok {
			t.Fatal("the subscription ended")
		}
		return topic
	case <-time.After(20 * time.Second):
		t.Fatal("no hint came")
		return ""
	}
}

func expect(t *testing.T, hints <-chan string, want string) {
	t.Helper()
	if got := next(t, hints); got != want {
		t.Fatalf("got %q, want %q", got, want)
	}
}

func TestHub(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T, d *db.DB)
	}{
		{"Only one's own topics", testTopics},
		{"After the commit, and never without", testCommit},
		{"The same waits once", testCoalesce},
		{"Who is slow resyncs", testSlow},
		{"The end of the context ends it", testEnd},
		{"Closed hub", testClosed},
		{"Topics have a limit", testLimit},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, c.test, counter)
		})
	}
}

func testTopics(t *testing.T, d *db.DB) {
	h := hub(t, d)
	exact := h.Subscribe(t.Context(), "contact:1", "queue:a")
	prefix := h.Subscribe(t.Context(), "contact:*")
	publish(t, d, h, "contact:2", "other:1", "contact:1")
	publish(t, d, h, "contacts", "queue:b", "queue:a")
	expect(t, exact, "contact:1")
	expect(t, exact, "queue:a")
	expect(t, prefix, "contact:2")
	expect(t, prefix, "contact:1")
	publish(t, d, h, "contact:end")
	expect(t, prefix, "contact:end") // and nothing in between
}

func testCommit(t *testing.T, d *db.DB) {
	h := hub(t, d)
	hints := h.Subscribe(t.Context(), "*")
	failed := errors.New("no")
	err := d.Update(t.Context(), func(_ context.Context, tx *db.Tx) error {
		h.Publish(tx, "contact:failed")
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		h.Publish(tx, "contact:early")
		select {
		case topic := <-hints:
			t.Errorf("%q came before the commit", topic)
		default:
		}
		_, err := tx.Exec(ctx, `INSERT INTO counter (agency, n) VALUES ($1, $2)`, "a", 7)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, hints, "contact:early")
	var n int
	if err := d.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT count(*) FROM counter WHERE n = $1`, 7).Scan(&n)
	}); err != nil || n != 1 {
		t.Errorf("the hint came before what it tells of: %d, %v", n, err)
	}
}

func testCoalesce(t *testing.T, d *db.DB) {
	h := hub(t, d)
	slow := h.Subscribe(t.Context(), "contact:*")
	witness := h.Subscribe(t.Context(), "contact:last")
	for range 50 {
		publish(t, d, h, "contact:1", "contact:1")
	}
	publish(t, d, h, "contact:last")
	expect(t, witness, "contact:last") // so everything has arrived
	seen := 0
	for next(t, slow) == "contact:1" {
		seen++
	}
	if seen < 1 || seen > 2 { // one may have been on its way when the second came
		t.Errorf("50 hints came as %d", seen)
	}
}

func testSlow(t *testing.T, d *db.DB) {
	h := hub(t, d)
	slow := h.Subscribe(t.Context(), "contact:*")
	witness := h.Subscribe(t.Context(), "done")
	for i := range 20 {
		var topics []string
		for j := range 20 {
			topics = append(topics, fmt.Sprintf("contact:%d-%d", i, j))
		}
		publish(t, d, h, topics...) // would hang if it waited for a receiver
	}
	publish(t, d, h, "done")
	expect(t, witness, "done")
	got := 1
	for next(t, slow) != live.Resync {
		got++
	}
	// The resync may itself have been on its way while more came, so a few
	// hints or one more resync may follow; then it goes on as ever.
	publish(t, d, h, "contact:after")
	topic := next(t, slow)
	for ; topic != "contact:after" && topic != live.Resync; topic = next(t, slow) {
		got++
	}
	if topic == live.Resync { // which covers the one just given
		publish(t, d, h, "contact:last")
		for next(t, slow) != "contact:last" {
			got++
		}
	}
	if got > 70 {
		t.Errorf("%d of 400 hints came to a slow receiver", got)
	}
}

func testEnd(t *testing.T, d *db.DB) {
	h := hub(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	ended := h.Subscribe(ctx, "contact:1", "contact:*")
	stays := h.Subscribe(t.Context(), "contact:1")
	cancel()
	for range ended { // until it is closed
	}
	publish(t, d, h, "contact:1")
	expect(t, stays, "contact:1")
}

func testClosed(t *testing.T, d *db.DB) {
	h := hub(t, d)
	other := hub(t, d)
	deaf := h.Subscribe(t.Context(), "contact:*")
	hears := other.Subscribe(t.Context(), "contact:*")
	h.Close()
	publish(t, d, h, "contact:1")
	expect(t, hears, "contact:1")
	select {
	case topic := <-deaf:
		t.Errorf("a closed hub told %q", topic)
	default:
	}
}

func testLimit(t *testing.T, d *db.DB) {
	h := hub(t, d)
	for _, topic := range []string{"", strings.Repeat("x", db.MaxNotify+1)} {
		err := d.Update(t.Context(), func(_ context.Context, tx *db.Tx) error {
			h.Publish(tx, topic)
			return nil
		})
		if err == nil {
			t.Errorf("a topic of %d bytes was taken", len(topic))
		}
	}
}

func TestEveryNodeHears(t *testing.T) {
	t.Parallel()
	cfg := dbtest.Postgres(t)
	one, two := dbtest.Open(t, cfg, counter), dbtest.Open(t, cfg, counter)
	hubOne, hubTwo := hub(t, one), hub(t, two)
	atOne, atTwo := hubOne.Subscribe(t.Context(), "queue:a"), hubTwo.Subscribe(t.Context(), "queue:a")
	publish(t, one, hubOne, "queue:a")
	expect(t, atOne, "queue:a")
	expect(t, atTwo, "queue:a")
}

func TestReconnectResyncs(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Postgres(t), counter)
	h := hub(t, d)
	hints := h.Subscribe(t.Context(), "queue:a")
	for range 3 {
		err := d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var killed int
			return tx.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'clew listen'`).Scan(&killed)
		})
		if err != nil {
			t.Fatal(err)
		}
		expect(t, hints, live.Resync)
		publish(t, d, h, "queue:a")
		expect(t, hints, "queue:a")
	}
}
