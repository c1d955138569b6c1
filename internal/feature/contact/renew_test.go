package contact

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// leaver is somebody who took along their key and a copy of all wraps, and
// finds a copy of the disk of later.
type leaver struct {
	h      *house
	member string
	pair   *seal.Pair
	along  [][]any
}

// leaves takes the other advocate out of the intake group.
func (h *house) leaves() *leaver {
	h.t.Helper()
	l := &leaver{h: h, member: h.other.Person.ID, pair: h.other.Pair}
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		l.along, err = db.Collect(ctx, tx, func(rows *sql.Rows) ([]any, error) {
			var agency, owner, recipient string
			var epoch int
			var sealed []byte
			err := rows.Scan(&agency, &owner, &epoch, &recipient, &sealed)
			return []any{agency, owner, epoch, recipient, sealed}, err
		}, `SELECT agency, owner, epoch, recipient, sealed FROM key_wraps`)
		if err != nil {
			return err
		}
		g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		if err := g.Remove(ctx, tx, l.member); err != nil {
			return err
		}
		_, err = g.Turn(ctx, tx, []keyring.Member{
			{ID: h.advocate.Person.ID, Public: h.advocate.Person.Public}, {ID: h.supervisor.Person.ID, Public: h.supervisor.Person.Public},
		})
		return err
	}))
	return l
}

// opens says how many of a contact's sealed parts the leaver opens on a copy of
// today's disk, and how many there are.
func (l *leaver) opens(id string) (opened, all int) {
	l.h.t.Helper()
	err := l.h.DB.Update(l.h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM key_wraps WHERE owner = $1`, id); err != nil { // only theirs open to them
			return err
		}
		for _, wrap := range l.along {
			if _, err := tx.Exec(ctx, `INSERT INTO key_wraps (agency, owner, epoch, recipient, sealed) VALUES ($1, $2, $3, $4, $5)
				ON CONFLICT (owner, epoch, recipient) DO NOTHING`, wrap...); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `UPDATE key_groups SET epoch = 1, public_key = (SELECT public_key FROM key_epochs e WHERE e.owner = key_groups.id AND e.epoch = 1)
			WHERE name = $1`, keyring.Intake); err != nil {
			return err
		}
		r, err := get(ctx, tx, agency, id)
		if err != nil {
			return err
		}
		keys := l.keys(ctx, tx, r)
		try := func(table, part string, sealed []byte) {
			all++
			if keys == nil {
				return
			}
			at := r.place(table, part)
			_, err := keys.Open(at, sealed)
			_, errTo := keys.OpenTo(at, sealed)
			if err == nil || errTo == nil {
				opened++
			}
		}
		try("contacts", "intake", r.intake)
		if r.record != nil {
			try("contacts", "record", r.record)
		}
		lines, err := db.Collect(ctx, tx, scanLine, `SELECT seq, by_key, sealed FROM contact_messages WHERE contact = $1`, id)
		for _, one := range lines {
			try(messageTable, itoa(one.seq), one.sealed)
		}
		if err != nil {
			return err
		}
		_, err = db.Collect(ctx, tx, func(rows *sql.Rows) (none struct{}, err error) {
			var name string
			var sealed []byte
			err = rows.Scan(&name, &sealed)
			try(fileTable, name, sealed)
			return none, err
		}, `SELECT blob, sealed FROM contact_files WHERE contact = $1`, id)
		if err != nil {
			return err
		}
		return sql.ErrTxDone // nothing of this stays
	})
	if !errors.Is(err, sql.ErrTxDone) {
		l.h.t.Fatal(err)
	}
	return opened, all
}

// keys are what the leaver opens of a contact's keys.
func (l *leaver) keys(ctx context.Context, tx *db.Tx, r row) *keyring.Keys {
	g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
	l.h.ok(err)
	ring, err := g.Open(ctx, tx, l.member, l.pair)
	l.h.ok(err) // they have the old key of the group
	keys, err := ring.Keys(ctx, tx, r.ID)
	if err != nil {
		return nil
	}
	return keys
}

func (h *house) renewAll() (renewed int) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
		if err != nil {
			return err
		}
		ring, err := g.Open(ctx, tx, h.advocate.Person.ID, h.advocate.Pair)
		if err != nil {
			return err
		}
		ids, err := h.RenewIDs(ctx, tx, g, "", 100)
		for _, id := range ids {
			if err := h.Renew(ctx, tx, ring, id); err != nil {
				return err
			}
			renewed++
		}
		return err
	}))
	return renewed
}

// What is added to a contact after somebody left opens for those who stayed and
// not with the key that the leaver took along, whoever adds it: a colleague, or
// the person while nobody is signed in. Once the contact is renewed, nothing of
// it opens with that key.
func TestWhoLeftOpensNothingThatIsAddedToWhatTheyKnew(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("he keeps my papers")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.ok(h.Say(ctx, h.advocate, r.ID, Out, "we can help", ""))
		h.ok(h.SaveDraft(ctx, h.advocate, r.ID, Out, "a thought"))
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)

		l := h.leaves()
		if opened, all := l.opens(r.ID); opened != 3 || all != 3 {
			t.Fatalf("of what they knew the leaver opens %d of %d", opened, all)
		}
		h.ok(h.WriteAgain(ctx, box, Again{Text: "he is back", Channel: Web, Language: "es"}, ""))
		h.ok(h.Say(ctx, h.advocate, r.ID, Note, "she is afraid", ""))
		h.ok(h.SaveRecord(ctx, h.advocate, r.ID, complete))
		if opened, all := l.opens(r.ID); opened != 3 || all != 6 {
			t.Fatalf("of what was added the leaver opens %d of %d", opened-3, all-3)
		}
		h.reads(h.advocate, r.ID, "he keeps my papers", "taken", "we can help", "he is back", "she is afraid")
		_, before, err := h.Traces(ctx, h.advocate, r.ID)
		h.ok(err)

		h.renewAll()
		if opened, all := l.opens(r.ID); opened != 0 || all != 6 {
			t.Fatalf("of a renewed contact the leaver opens %d of %d", opened, all)
		}
		h.reads(h.supervisor, r.ID, "he keeps my papers", "taken", "we can help", "he is back", "she is afraid")
		draft, err := h.Draft(ctx, h.advocate, r.ID, Out)
		h.ok(err)
		c, after, err := h.Traces(ctx, h.advocate, r.ID)
		h.ok(err)
		if draft != "a thought" || c.Record.Region != "US-IL" || before != after {
			t.Errorf("after renewal the draft is %q, the record %+v, and its trace in the log is another: %v", draft, c.Record, before != after)
		}
		h.ok(h.WriteAgain(ctx, box, Again{Text: "still there?", Channel: Web, Language: "es"}, ""))
		h.ok(h.Say(ctx, h.advocate, r.ID, Out, "yes", ""))
		h.reads(h.advocate, r.ID, "he keeps my papers", "taken", "we can help", "he is back", "she is afraid", "still there?", "yes")
	})
}

// A renewal that was cut off goes on where it was, and one that is done does
// nothing more.
func TestRenewalIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range 3 {
			h.write("hello")
		}
		h.leaves()
		h.renewAll()
		state := func() (sum string) {
			h.ok(h.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
				list, err := db.Collect(ctx, tx, func(rows *sql.Rows) (s string, err error) {
					var epoch string
					err = rows.Scan(&s, &epoch)
					return s + " " + epoch + ";", err
				}, `SELECT owner, epoch FROM key_wraps WHERE owner IN (SELECT id FROM contacts) ORDER BY owner, epoch`)
				for _, s := range list {
					sum += s
				}
				return err
			}))
			return sum
		}
		before := state()
		h.renewAll()
		if after := state(); after != before {
			t.Errorf("renewed again:\n%s\n%s", before, after)
		}
	})
}

// Somebody who does not hold all keys of a contact renews it not at all: what
// they cannot open would be lost.
func TestWhoCannotOpenAllRenewsNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hello")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.leaves()
		h.ok(h.Say(ctx, h.advocate, r.ID, Note, "a note", ""))
		h.change(`DELETE FROM key_wraps WHERE recipient = $1 AND epoch = 1`, h.supervisor.Person.ID)
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			if err != nil {
				return err
			}
			ring, err := g.Open(ctx, tx, h.supervisor.Person.ID, h.supervisor.Pair)
			if err != nil {
				return err
			}
			if err := h.Renew(ctx, tx, ring, r.ID); err == nil {
				t.Error("renewed by who cannot open what was there")
			}
			return nil
		}))
		h.reads(h.advocate, r.ID, "hello", "taken", "a note")
	})
}

// reads opens a contact as its page does.
func (h *house) reads(s *staff.Session, id string, want ...string) {
	h.t.Helper()
	c, err := h.Get(h.t.Context(), s, id)
	h.ok(err)
	got := []string{c.Incoming.Text}
	for _, m := range c.Lines {
		got = append(got, m.Text)
	}
	if !slices.Equal(got, want) {
		h.t.Fatalf("%s reads %q, want %q", s.Name(), got, want)
	}
}

// A contact that was moved opens for its new group alone, and shows itself to
// nobody else: not in the queue, not on the floor, not by its address.
func TestAMovedContactIsItsGroupsAlone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		var legal keyring.Group
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			legal, err = keyring.Create(ctx, tx, agency, "Legal", keyring.Member{ID: h.supervisor.Person.ID, Public: h.supervisor.Person.Public},
				keyring.Member{ID: h.other.Person.ID, Public: h.other.Person.Public})
			return err
		}))
		r := h.write("he keeps my papers")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.refused(h.Move(ctx, h.advocate, r.ID, legal.ID), errs.NotFound) // is in no such group
		h.asks(h.Move(ctx, h.other, r.ID, legal.ID), r.ID)                // has given no reason to open the contact
		h.ok(h.Move(ctx, h.supervisor, r.ID, legal.ID))
		h.refused(h.Move(ctx, h.supervisor, r.ID, legal.ID), errs.Conflict)

		_, err := h.Get(ctx, h.advocate, r.ID)
		h.refused(err, errs.NotFound)
		h.reads(h.supervisor, r.ID, "he keeps my papers", "taken", "moved")
		h.refused(h.Assign(ctx, h.supervisor, r.ID, h.advocate.Person.ID), errs.Conflict)
		h.ok(h.PutBack(ctx, h.supervisor, r.ID))
		for who, sees := range map[*staff.Session]int{h.advocate: 0, h.other: 1, h.supervisor: 1} {
			q, err := h.Queue(ctx, agency, who.Person.ID)
			h.ok(err)
			fl, err := h.Floor(ctx, agency, who.Person.ID)
			h.ok(err)
			h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				hears, err := h.Sees(ctx, tx, who.Person, r.ID)
				if hears != (sees > 0) {
					t.Errorf("%s hears of it: %v", who.Name(), hears)
				}
				return err
			}))
			if len(q.Waiting) != sees || fl.Waiting != sees {
				t.Errorf("%s sees %d waiting in the queue and %d on the floor, want %d", who.Name(), len(q.Waiting), fl.Waiting, sees)
			}
		}
		if id, err := h.TakeNext(ctx, h.advocate); id != "" || err != nil {
			t.Fatalf("next for who is not in the group: %q, %v", id, err)
		}
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		h.ok(h.WriteAgain(ctx, box, Again{Text: "still there?", Channel: Web, Language: "es"}, ""))
		id, err := h.TakeNext(ctx, h.other)
		h.ok(err)
		h.reads(h.other, id, "he keeps my papers", "taken", "moved", "put_back", "still there?", "taken")
		var intake keyring.Group
		h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			intake, err = keyring.Find(ctx, tx, agency, keyring.Intake)
			return err
		}))
		h.ok(h.Move(ctx, h.other, id, intake.ID)) // and back
		h.ok(h.Assign(ctx, h.supervisor, id, h.advocate.Person.ID))
		h.reads(h.advocate, id, "he keeps my papers", "taken", "moved", "put_back", "still there?", "taken", "moved", "assigned")
	})
}
