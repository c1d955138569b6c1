package seal

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
)

// A flood in one lane costs another at most one turn, and who goes away while
// waiting takes no turn along.
func TestLanesTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue{free: 1}
		if err := q.take(t.Context(), Mailbox); err != nil {
			t.Fatal(err)
		}
		var order []Lane
		wait := func(ctx context.Context, lane Lane) {
			go func() {
				if q.take(ctx, lane) != nil {
					return
				}
				order = append(order, lane) // one at a time: that is what is tested
				q.give()
			}()
			synctest.Wait()
		}
		gone, leave := context.WithCancel(t.Context())
		wait(gone, Mailbox)
		for range 50 {
			wait(t.Context(), Mailbox)
		}
		wait(gone, Making)
		wait(t.Context(), Making)
		wait(t.Context(), Inside)
		wait(t.Context(), Making)
		leave()
		synctest.Wait()
		q.give()
		synctest.Wait()
		want := []Lane{Making, Inside, Mailbox, Making, Mailbox}
		if len(order) != 53 {
			t.Fatalf("%d had a turn, want 53", len(order))
		}
		for i, lane := range want {
			if order[i] != lane {
				t.Fatalf("turns went to %v, want to begin with %v", order[:len(want)], want)
			}
		}
		if q.free != 1 {
			t.Fatalf("%d turns are free at the end, want 1", q.free)
		}
	})
}

// In a lane that strangers can flood, who comes late is not behind everybody:
// they may take a place, or have the next turn. Nobody waits beyond the bound, and
// no turn is lost with a place.
func TestAFloodedLaneIsNoLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := queue{free: 1}
		if err := q.take(t.Context(), Door); err != nil {
			t.Fatal(err)
		}
		const came = 200
		var turns, lost []int
		for i := range came {
			go func() {
				switch err := q.take(t.Context(), Door); {
				case err == nil:
					turns = append(turns, i)
					q.give()
				case errors.Is(err, ErrBusy):
					lost = append(lost, i)
				default:
					t.Error(err)
				}
			}()
			synctest.Wait()
			if n := len(q.waiting[Door]); n > most[Door] {
				t.Fatalf("%d wait", n)
			}
		}
		q.give()
		synctest.Wait()
		if len(turns) != most[Door] || len(turns)+len(lost) != came || q.free != 1 {
			t.Fatalf("%d had a turn, %d lost their place, %d turns are free", len(turns), len(lost), q.free)
		}
		if slices.IsSorted(turns) {
			t.Error("turns went in the order of coming: who floods first keeps the others out")
		}
		if last := slices.Max(turns); last < came/2 {
			t.Errorf("nobody of the second half had a turn; the last was %d", last)
		}
	})
}

// A turn that comes at the moment in which its waiter goes away is not lost.
func TestTurnsAreNotLost(t *testing.T) {
	q := queue{free: 1}
	for range 200 {
		if err := q.take(t.Context(), Door); err != nil {
			t.Fatal(err)
		}
		ctx, leave := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- q.take(ctx, Mailbox) }()
		go leave()
		q.give()
		if <-done == nil {
			q.give()
		}
		if q.free != 1 {
			t.Fatalf("%d turns are free, want 1", q.free)
		}
	}
}
