package audit

import (
	"context"
	"errors"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// A colleague leaves, that comes to nothing (two such transactions collided, the
// disk was full), and it is tried again. Every entry from between and
// after opens: none is sealed to the key that never came to be.
func TestALeavingThatCameToNothingLosesNoEntry(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		collided := errors.New("collided")
		leave := func(end error) error {
			return h.d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				g, err := keyring.Find(ctx, tx, agency, keyring.Audit)
				if err != nil {
					return err
				}
				if _, err := g.Turn(ctx, tx, []keyring.Member{{ID: "odd", Public: h.member.Public()}}); err != nil {
					return err
				}
				if err := Write(ctx, tx, agency, Entry{Action: "left"}); err != nil {
					return err
				}
				return end
			})
		}
		if err := leave(collided); !errors.Is(err, collided) {
			t.Fatal(err)
		}
		h.write(Entry{Action: "between"}) // within the second in which the book is not looked at again
		h.ok(leave(nil))
		h.write(Entry{Action: "after"}, Entry{Action: "after"})
		h.sequence()
		list := h.page(Newest, 10)
		if len(list) != 4 {
			t.Errorf("%d entries, want 4", len(list))
		}
		for _, e := range list {
			if e.Broken {
				t.Errorf("entry %d does not open", e.Seq)
			}
		}
	})
}

// Somebody is admitted in the moment in which somebody else leaves. PostgreSQL
// lets one of the two run again, and its second key has the first one's number.
func TestSomebodyComesWhileSomebodyLeaves(t *testing.T) {
	h := build(t, dbtest.Open(t, dbtest.Postgres(t), keyring.Migrations, Migrations))
	zoe, err := seal.NewPair()
	if err != nil {
		t.Fatal(err)
	}
	attempts := 0
	h.update(func(ctx context.Context, tx *db.Tx) error {
		attempts++
		g, err := keyring.Find(ctx, tx, agency, keyring.Audit)
		if err != nil {
			return err
		}
		if _, err := g.Members(ctx, tx); err != nil {
			return err
		}
		if _, err := g.Turn(ctx, tx, []keyring.Member{{ID: "odd", Public: h.member.Public()}}); err != nil {
			return err
		}
		if err := Write(ctx, tx, agency, Entry{Action: "left"}); err != nil {
			return err
		}
		if attempts > 1 {
			return nil
		}
		admitted := make(chan error)
		go func() {
			admitted <- h.d.Update(context.Background(), func(ctx context.Context, tx *db.Tx) error {
				g, err := keyring.Find(ctx, tx, agency, keyring.Audit)
				if err != nil {
					return err
				}
				ring, err := g.Open(ctx, tx, "odd", h.member)
				if err != nil {
					return err
				}
				return ring.Admit(ctx, tx, keyring.Member{ID: "zoe", Public: zoe.Public()})
			})
		}()
		return <-admitted
	})
	if attempts != 2 {
		t.Errorf("the leaving was tried %d times, so nothing collided", attempts)
	}
	h.write(Entry{Action: "after"})
	h.sequence()
	for _, e := range h.page(Newest, 10) {
		if e.Broken {
			t.Errorf("entry %d does not open", e.Seq)
		}
	}
}
