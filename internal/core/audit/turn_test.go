package audit

import (
	"context"
	"errors"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
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
