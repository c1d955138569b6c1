package staff

import (
	"context"
	"strconv"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Wrong tries at a name slow down who is not known there, to a bound, and never
// stop anybody for good; a browser that is known does not wait for what strangers
// did.
func TestWrongTriesSlowDownAndLockNobodyOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		door, own := tr.at("home", "sue", ""), tr.at("home", "sue", "her browser")
		took := func(at [32]byte) time.Duration {
			start := time.Now()
			if err := tr.wait(t.Context(), at, time.Now()); err != nil {
				t.Fatal(err)
			}
			return time.Since(start)
		}
		for n, want := range []time.Duration{0, 0, 0, 0, 0, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, longest, longest, longest} {
			if got := took(door); got != want {
				t.Errorf("after %d wrong tries it takes %v, want %v", n, got, want)
			}
			tr.miss("home", door, time.Now())
		}
		if got := took(own); got != 0 {
			t.Errorf("her own browser waits %v", got)
		}
		if got := took(tr.at("home", "ann", "")); got != 0 {
			t.Errorf("another name waits %v", got)
		}
		time.Sleep(triesForget + time.Second)
		if got := took(door); got != 0 {
			t.Errorf("after a quiet while it still waits %v", got)
		}
		tr.miss("home", door, time.Now())
		if got := took(door); got != 0 {
			t.Errorf("what was forgotten still counts: %v", got)
		}
	})
}

// However many try at once, few wait; who gives up makes room.
func TestFewWaitAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		at := tr.at("home", "sue", "")
		for range 20 {
			tr.miss("home", at, time.Now())
		}
		ctx, giveUp := context.WithCancel(t.Context())
		for range triesWait {
			go func() { _ = tr.wait(ctx, at, time.Now()) }()
		}
		synctest.Wait()
		if err := tr.wait(t.Context(), at, time.Now()); !errs.Is(err, errs.Busy) {
			t.Errorf("one too many: %v", err)
		}
		giveUp()
		synctest.Wait()
		if err := tr.wait(t.Context(), at, time.Now()); err != nil {
			t.Errorf("after they gave up: %v", err)
		}
	})
}

// Whoever has the pass phrase and begins many ways at once tries no more codes than
// one after another: a try counts before it is known to be wrong.
func TestCodesTriedAtOnceAreCountedBeforehand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTries()
		at := tr.at("home", "second step of sue", "")
		var through, busy atomic.Int32
		for range 100 {
			go func() {
				switch err := tr.waitCounted(t.Context(), at, time.Now()); {
				case err == nil:
					through.Add(1)
				case errs.Is(err, errs.Busy):
					busy.Add(1)
				}
			}()
		}
		synctest.Wait()
		if n := through.Load(); n != freeTries-1 {
			t.Errorf("%d of 100 are tried at once", n)
		}
		if n := busy.Load(); n != 100-freeTries {
			t.Errorf("%d are told to try again", n)
		}
		time.Sleep(longest)
		if n := through.Load(); n != freeTries {
			t.Errorf("then %d were tried", n)
		}
		tr.right(at)
		if err := tr.waitCounted(t.Context(), at, time.Now()); err != nil || tr.tallies[at].wrong != 1 {
			t.Errorf("after the right one: %v", err)
		}
	})
}

// Names without end take no memory without end, and the newest is not what is
// forgotten.
func TestTriesAreBounded(t *testing.T) {
	tr := newTries()
	now := time.Now()
	for i := range 2 * maxTallies {
		tr.miss("home", tr.at("home", strconv.Itoa(i), ""), now.Add(time.Duration(i)*time.Microsecond))
	}
	if n := len(tr.tallies); n != maxTallies {
		t.Errorf("%d are remembered", n)
	}
	if tr.tallies[tr.at("home", strconv.Itoa(2*maxTallies-1), "")] == nil {
		t.Error("the newest was forgotten")
	}
}
