package contact

import (
	"context"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// holds says whether what is there of a contact is what the log knows.
func (h *house) holds(id string) bool {
	h.t.Helper()
	var now audit.State
	h.ok(h.DB.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		now, err = StateOf(ctx, tx, agency, id)
		return err
	}))
	return h.log.History().Holds(id, now)
}

var copied = []string{"contacts", "contact_messages", "contact_files"}

// keep makes a copy of what is there, as a thief does; putBack puts it in place of
// what is there then.
func (h *house) keep(name string) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, table := range copied {
			if _, err := tx.Exec(ctx, `CREATE TABLE `+name+table+` AS SELECT * FROM `+table); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (h *house) putBack(name string, tables ...string) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		for _, table := range tables {
			if _, err := tx.Exec(ctx, `DELETE FROM `+table); err != nil {
				return err
			}
			if _, err := tx.Exec(ctx, `INSERT INTO `+table+` SELECT * FROM `+name+table); err != nil {
				return err
			}
		}
		return nil
	}))
}

// Every earlier version of a contact, whole or in part, that is put in the place of
// the one of now is found, also after somebody went on from it; what colleagues and
// the person do is not taken for that.
func TestAnOlderVersionPutBackIsFound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("he keeps my papers")
		var legal keyring.Group
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			legal, err = keyring.Create(ctx, tx, agency, "Legal", keyring.Member{ID: h.supervisor.Person.ID, Public: h.supervisor.Person.Public})
			return err
		}))
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		deeds := []struct {
			name string
			do   func() error
		}{
			{"taken", func() error { return h.Take(ctx, h.advocate, r.ID) }},
			{"answered", func() error { return h.Say(ctx, h.advocate, r.ID, Out, "we can help", "") }},
			{"written", func() error {
				return h.WriteAgain(ctx, box, Again{Text: "he is back", Channel: Web, Language: "es"}, "")
			}},
			{"noted", func() error { return h.Say(ctx, h.advocate, r.ID, Note, "afraid", "") }},
			{"recorded", func() error { return h.SaveRecord(ctx, h.advocate, r.ID, complete) }},
			{"renewed", func() error { h.leaves(); h.renewAll(); return nil }},
			{"moved", func() error { return h.Move(ctx, h.supervisor, r.ID, legal.ID) }},
			{"closed", func() error { return h.Close(ctx, h.supervisor, r.ID, complete) }},
		}
		for i, d := range deeds {
			if i > 0 {
				h.keep(d.name)
			}
			h.ok(d.do())
			if !h.holds(r.ID) {
				t.Fatalf("%s: what colleagues did is taken for meddling", d.name)
			}
		}
		h.keep("end")
		for _, d := range deeds[1:] {
			h.putBack(d.name, copied...)
			if h.holds(r.ID) {
				t.Errorf("as it was before it was %s: not found", d.name)
			}
			h.putBack("end", copied...)
		}
		for _, table := range []string{"contacts", "contact_messages"} {
			h.putBack("recorded", table)
			if h.holds(r.ID) {
				t.Errorf("%s of before: not found", table)
			}
			h.putBack("end", copied...)
		}
		if !h.holds(r.ID) {
			t.Fatal("put right again, it is still found")
		}
		// Somebody takes the last line out, and a colleague goes on.
		h.change(`DELETE FROM contact_messages WHERE contact = $1 AND seq = 2`, r.ID)
		h.ok(h.WriteAgain(ctx, box, Again{Text: "hello?", Channel: Web, Language: "es"}, ""))
		if h.holds(r.ID) {
			t.Error("a line was taken out and the conversation went on: not found")
		}
	})
}
