package contact

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// alarms are the entries of who opened a decoy.
func (h *house) alarms() (list []audit.Entry) {
	for _, e := range h.log.All() {
		if e.Action == "contact.outside decoy" {
			list = append(list, e)
		}
	}
	return list
}

func (h *house) decoy() Decoy {
	h.t.Helper()
	h.ok(h.Plant(h.t.Context(), h.supervisor, Story{"She asks where the house is.", "asks for the address"}))
	list, err := h.Decoys(h.t.Context(), h.supervisor)
	h.ok(err)
	if len(list) != 1 || list[0].Gone {
		h.t.Fatalf("the supervisor sees %+v", list)
	}
	return list[0]
}

func TestWhoOpensADecoyRaisesAnAlarm(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, d := t.Context(), h.decoy()
		if len(h.alarms()) != 0 {
			t.Fatal("planting it is an alarm")
		}
		for _, e := range h.log.All() {
			if e.Record == d.Contact {
				t.Errorf("who reads the log learns of it by %q", e.Action)
			}
		}
		owner, other := h.supervisor, h.advocate
		_, err := h.Get(ctx, other, d.Contact)
		h.asks(err, d.Contact)
		if len(h.alarms()) != 0 {
			t.Error("it was not opened yet")
		}
		h.ok(h.OpenOutside(ctx, other, d.Contact, staff.Elsewise, "just looking"))
		c, err := h.Get(ctx, other, d.Contact)
		h.ok(err)
		if c.Incoming.Text != "She asks where the house is." || c.Record.Summary != "asks for the address" || c.State != Closed {
			t.Errorf("it says %+v", c)
		}
		if got := h.alarms(); len(got) != 1 || got[0].Staff != other.Person.ID || got[0].Record != d.Contact || got[0].Reason != "other\njust looking" {
			t.Errorf("the alarms are %+v", got)
		}

		// Whose work it seems to be is asked for no reason, and is noticed all the same.
		if _, err := h.Get(ctx, owner, d.Contact); err != nil {
			t.Fatal(err)
		}
		if got := h.alarms(); len(got) != 2 || got[0].Staff != owner.Person.ID && got[1].Staff != owner.Person.ID {
			t.Errorf("the alarms are %+v", got)
		}
		if _, _, err := h.after(ctx, owner, d.Contact, 0); err != nil || len(h.alarms()) != 2 {
			t.Errorf("%v; %d alarms while the page stays open", err, len(h.alarms()))
		}
	})
}

// What is on the disk of a decoy, and what lists show of it, is what is there
// of any contact that an advocate entered and closed.
func TestADecoyLooksLikeAnyOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		real, err := h.Open(ctx, Incoming{Channel: Phone, Language: "en", Text: "She asks where the shop is.", Safe: SafeContact{Channel: "none"}}, "", false)
		h.ok(err)
		h.ok(h.Take(ctx, h.supervisor, real.ID))
		h.ok(h.Close(ctx, h.supervisor, real.ID, complete))
		facts := h.count(`SELECT COUNT(*) FROM facts`)
		d := h.decoy()
		if n := h.count(`SELECT COUNT(*) FROM facts`); n != facts {
			t.Errorf("it is counted: %d facts, were %d", n, facts)
		}
		q, err := h.Queue(ctx, agency, h.advocate.Person.ID)
		h.ok(err)
		if len(q.Waiting)+len(q.Mine) != 0 {
			t.Errorf("the queue is %+v", q)
		}
		shape := func(id string) (s string) {
			h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (line string, err error) {
					var state, channel, language, mailbox, group string
					var severity, arrived, taken, unread, last, epoch, files, closed, gone, intake, record int64
					err = rows.Scan(&state, &channel, &language, &mailbox, &group, &severity, &arrived, &taken, &unread, &last, &epoch, &files, &closed, &gone, &intake, &record)
					return fmt.Sprint(state, channel, language, mailbox, group, severity, arrived, taken, unread, last, epoch, files, closed, gone, intake, record), err
				}, `SELECT state, channel, language, mailbox, key_group, severity, arrived, taken, unread, last_seq, epoch, files, closed, gone,
					LENGTH(sealed_intake), LENGTH(sealed_record) FROM contacts WHERE id = $1`, id)
				s = strings.Join(list, " ")
				return err
			}))
			for _, q := range []string{
				`SELECT COUNT(*) FROM contact_messages WHERE contact = $1 AND by_key = 1`, `SELECT COUNT(*) FROM key_wraps WHERE owner = $1`,
				`SELECT COUNT(*) FROM key_epochs WHERE owner = $1`,
			} {
				s += fmt.Sprint(" ", h.count(q, id))
			}
			return s
		}
		if a, b := shape(real.ID), shape(d.Contact); a != b {
			t.Errorf("a contact is %s, a decoy %s", a, b)
		}
		if n := h.count(`SELECT COUNT(*) FROM contact_decoys WHERE id = $1 OR staff = $1`, d.Contact); n != 0 {
			t.Error("the list names the contact")
		}
	})
}

func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.ok(h.DB.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, query, args...).Scan(&n)
	}))
	return n
}

func TestOnlySupervisorsPlantAndRemoveDecoys(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, d := t.Context(), h.decoy()
		h.refused(h.Plant(ctx, h.advocate, Story{Text: "x"}), errs.NotFound)
		h.refused(h.Plant(ctx, h.supervisor, Story{Text: "  "}), errs.Invalid)
		h.refused(h.Plant(ctx, h.supervisor, Story{"x", strings.Repeat("x", maxLine+1)}), errs.TooLarge)
		if list, err := h.Decoys(ctx, h.advocate); err != nil || len(list) != 0 {
			t.Errorf("an advocate sees %v, %v", list, err)
		}
		h.refused(h.RemoveDecoy(ctx, h.advocate, d.ID), errs.NotFound)
		h.refused(h.RemoveDecoy(ctx, h.supervisor, d.Contact), errs.NotFound)

		// A list that was changed on the disk deletes nobody's contact.
		real := h.write("hello")
		forged := row{ID: real.ID, Agency: agency}
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return tellSupervisors(ctx, tx, forged) }))
		list, err := h.Decoys(ctx, h.supervisor)
		h.ok(err)
		for _, other := range list {
			if other.Contact == real.ID && h.RemoveDecoy(ctx, h.supervisor, other.ID) == nil {
				t.Error("a contact was deleted as if it were a decoy")
			}
		}

		h.ok(h.RemoveDecoy(ctx, h.supervisor, d.ID))
		if n := h.count(`SELECT COUNT(*) FROM contacts WHERE id = $1`, d.Contact); n != 0 {
			t.Error("it is still there")
		}
		_, err = h.Get(ctx, h.supervisor, d.Contact)
		h.refused(err, errs.NotFound)
	})
}
