package quorum_test

import (
	"context"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// write is somebody who can write to the database of a running hotline.
func (h *house) write(query string, args ...any) {
	h.Helper()
	h.update(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
}

// failed says that a request was ended, and that nobody came in by it.
func (h *house) failed(id string, who ...string) {
	h.Helper()
	if r := h.request(id); r.State != quorum.Failed {
		h.Errorf("it is %s", r.State)
	}
	h.update(func(ctx context.Context, tx *db.Tx) error {
		for _, name := range who {
			if h.opens(ctx, tx, name) {
				h.Errorf("%s came in", name)
			}
		}
		return nil
	})
	h.logged("recovery.use failed")
}

const swapAccount = `UPDATE quorum_requests SET account = $2, account_key = (SELECT account_key FROM quorum_requests WHERE account = $2 AND state = 'open') WHERE id = $1`

// Officers gave their shares for one account; the row says another one now. So it
// is on a server that knew the request, and on one that has just started.
func TestSharesAreGivenForOneAccount(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		for _, restarted := range []bool{false, true} {
			id, err := h.ask("lou", "lou")
			h.ok(err)
			other, err := h.ask("max", "max")
			h.ok(err)
			h.now = h.now.Add(quorum.Delay)
			holder := h.keeper
			h.ok(holder.Tend(h.Context()))
			h.keeper = h.server()
			h.keeper.Serves = false
			for _, name := range officers[:3] {
				h.ok(h.give(name, id, ""))
			}
			if restarted {
				holder.Forget()
			}
			h.write(swapAccount, id, h.id("max"))
			_ = holder.Tend(h.Context()) // its error is for the server's log
			h.failed(id, "lou", "max")
			h.ok(h.cancel("max", other))
			h.keeper = h.server()
		}
	})
}

// The key to which officers seal their shares is another's: the server that holds
// the request ends it, and takes none.
func TestSharesAreSealedToTheServersKeyAlone(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.now = h.now.Add(quorum.Delay)
		h.ok(h.give("ada", id, ""))
		thief, err := seal.NewPair()
		h.ok(err)
		h.write(`UPDATE quorum_requests SET public_key = $2 WHERE id = $1`, id, thief.Public().Bytes())
		h.refused(h.give("ben", id, ""), "recovery.error.over")
		h.failed(id, "lou")
	})
}

// The day in which everybody is told is not made shorter, and what was ended is
// not opened again.
func TestARequestIsNotChanged(t *testing.T) {
	each(t, func(h *house) {
		h.share()
		id, err := h.ask("lou", "lou")
		h.ok(err)
		h.ok(h.keeper.Tend(h.Context()))
		h.write(`UPDATE quorum_requests SET asked = $2 WHERE id = $1`, id, db.Micros(h.now.Add(-quorum.Delay-time.Hour)))
		h.refused(h.give("ada", id, ""), "recovery.error.over")
		h.failed(id, "lou")

		h.ok(h.keeper.Tend(h.Context()))
		h.write(`UPDATE quorum_requests SET state = 'open' WHERE id = $1`, id)
		h.refused(h.give("ada", id, ""), "recovery.error.over")
		h.failed(id, "lou")
	})
}
