package quorum_test

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// holds says whether the officers are those that the log knows, from the first.
func (h *house) holds() (holds bool) {
	h.Helper()
	h.ok(audit.Sequence(h.Context(), h.d, "home"))
	h.update(func(ctx context.Context, tx *db.Tx) error {
		r, err := audit.Open(ctx, tx, "home", h.id("kit"), h.people["kit"].Pair)
		if err != nil {
			return err
		}
		history, err := r.History(ctx, tx)
		if err != nil {
			return err
		}
		is, err := quorum.StateOf(ctx, tx, "home", quorum.Officers)
		holds = history.HoldsWhole(quorum.Officers, is)
		return err
	})
	return holds
}

// What colleagues do with the officers, in the program, is as the log says; what
// somebody writes into the database is found.
func TestOfficersWhomNobodyNamedAreFound(t *testing.T) {
	each(t, func(h *house) {
		h.name(2, "ada", "ben", "cem")
		h.share()
		h.paperOf("ada")
		h.lose("ben")
		h.name(2, "ada", "cem", "dua")
		h.ok(h.reply("ada", true))
		h.ok(h.reply("cem", false))
		if !h.holds() {
			h.Fatal("what colleagues did is taken for meddling")
		}
		for _, q := range []string{
			`UPDATE quorum_sets SET threshold = threshold + 1 WHERE made > 0`,
			`UPDATE quorum_sets SET made = made + 1 WHERE made > 0`,
			`UPDATE quorum_officers SET staff = 'thief' WHERE number = 2`,
			`UPDATE quorum_officers SET answer = 'accepted' WHERE answer = 'declined'`,
			`UPDATE quorum_officers SET key_hash = commitment WHERE commitment IS NOT NULL`,
			`UPDATE quorum_officers SET commitment = key_hash WHERE commitment IS NOT NULL`,
			`UPDATE quorum_officers SET sealed = commitment WHERE sealed IS NOT NULL`,
			`DELETE FROM quorum_officers WHERE number = 3`,
		} {
			undone := h.d.Update(h.Context(), func(ctx context.Context, tx *db.Tx) error {
				before, err := quorum.StateOf(ctx, tx, "home", quorum.Officers)
				h.ok(err)
				n, err := tx.Exec(ctx, q)
				h.ok(err)
				after, err := quorum.StateOf(ctx, tx, "home", quorum.Officers)
				h.ok(err)
				if n == 0 || before == after {
					h.Errorf("%s: %d rows, and the state is the same", q, n)
				}
				return context.Canceled
			})
			if undone == nil {
				h.Fatal("it was not undone")
			}
		}
		h.update(func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE quorum_officers SET staff = $1 WHERE number = 2`, h.id("eve"))
			return err
		})
		h.name(2, "ada", "cem", "dua")
		if h.holds() {
			h.Error("an officer was put in the place of another, and a supervisor went on: not found")
		}
	})
}
