package app

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// What is restored is, byte for byte, what was backed up, on whichever engine;
// colleagues open with their pass phrases what they could open, people read
// their answers, and nobody is signed in.
func TestARestoredHotlineIsTheSame(t *testing.T) {
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		h := newHotline(t, from)
		r := h.story("he keeps my papers")
		logged := h.count("audit_pending") + h.count("audit_entries")
		content, keys, id := h.backedUp()
		back := h.restored(to, content, keys, id)
		if n := back.count("audit_pending") + back.count("audit_entries"); n != logged+1 {
			t.Errorf("the log has %d entries after the backup, and had %d", n, logged)
		}
		if !bytes.Equal(h.dump(), back.dump()) {
			t.Error("a dump of what was restored is not a dump of what was backed up")
		}
		for table, want := range map[string]int{"staff_sessions": 0, "contact_requests": 0, "contacts": 1, "staff": 2} {
			if n := back.count(table); n != want {
				t.Errorf("%d rows in %s, want %d", n, table, want)
			}
		}
		if !back.opens(r.ID) {
			t.Error("Ada cannot open what she could open")
		}
		box, err := back.features.contact.OpenMailbox(t.Context(), r.Code)
		if err != nil || len(box.Lines) != 2 || !strings.Contains(box.Lines[1].Text, "an answer") {
			t.Errorf("the person's code opens %+v, %v", box, err)
		}
	})
}

// A contact is shredded and a mailbox hidden after the content was backed up.
// With the keys of today the one opens for nobody and the other with no code;
// all else opens. A colleague's old pass phrase is of no use either.
func TestShreddedStaysShreddedAfterRestore(t *testing.T) {
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		h := newHotline(t, from)
		shredded, hidden, kept := h.story("shredded"), h.story("hidden"), h.story("kept")
		old, _, firstID := h.backedUp()

		h.exec(`DELETE FROM key_wraps WHERE owner = $1`, shredded.ID)
		box, err := h.features.contact.OpenMailbox(t.Context(), hidden.Code)
		h.ok(err)
		h.ok(h.features.contact.Hide(t.Context(), box))
		h.exec(`UPDATE staff SET disabled = 1 WHERE name = 'Max'`)
		late := h.story("late")
		_, keys, id := h.backedUp()

		back := h.restored(to, old, keys, firstID, id)
		for name, c := range map[string]struct {
			id    string
			opens bool
		}{"shredded": {shredded.ID, false}, "hidden": {hidden.ID, true}, "kept": {kept.ID, true}, "late": {late.ID, false}} {
			if back.opens(c.id) != c.opens {
				t.Errorf("the contact %s: opens is not %v", name, c.opens)
			}
		}
		for name, c := range map[string]struct {
			code  string
			opens bool
		}{"hidden": {hidden.Code, false}, "kept": {kept.Code, true}, "late": {late.Code, false}} {
			_, err := back.features.contact.OpenMailbox(t.Context(), c.code)
			if (err == nil) != c.opens || err != nil && !errs.Is(err, errs.NotFound) {
				t.Errorf("the mailbox %s: %v", name, err)
			}
		}
		if err := back.features.contact.Say(t.Context(), back.ada(), hidden.ID, contact.Out, "are you there?", ""); !errs.Is(err, errs.Conflict) {
			t.Errorf("an answer to a hidden mailbox: %v", err)
		}
		if _, _, err := staff.Unlock(t.Context(), back.DB, homeAgency, "Max", advocatesPhrase); err == nil {
			t.Error("an account that was closed since is open again")
		}
	})
}

// The plan names tables that there are, and no table that is backed up hangs
// on another by a foreign key, which would make the order of loading matter.
func TestThePlanFitsTheTables(t *testing.T) {
	h := newHotline(t, dbtest.SQLite(t))
	plan := backupPlan()
	h.ok(h.DB.View(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		tables, err := tx.Tables(ctx)
		if err != nil {
			return err
		}
		for _, name := range append(slices.Clone(plan.Keys), plan.LeftOut...) {
			if !slices.ContainsFunc(tables, func(t db.Table) bool { return t.Name == name }) {
				t.Errorf("there is no table %s", name)
			}
		}
		for _, table := range tables {
			if slices.Contains(plan.LeftOut, table.Name) {
				continue
			}
			var n int
			if err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM pragma_foreign_key_list($1)`, table.Name).Scan(&n); err != nil {
				return err
			}
			if n > 0 {
				t.Errorf("table %s has a foreign key: a restore loads tables in the order of their names", table.Name)
			}
		}
		return nil
	}))
}

// A folder in which a restore was cut off is none that can be used, and says so.
func TestAnUnfinishedRestoreIsNotServed(t *testing.T) {
	t.Parallel()
	dir, key := t.TempDir(), make([]byte, db.KeySize)
	rand.Read(key)
	broken := errors.New("killed")
	_ = db.Build(t.Context(), db.Config{Dir: dir, Key: key}, func(context.Context, *db.DB) error { return broken })
	if err := os.Mkdir(filepath.Join(dir, "restoring"), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := openApp(t.Context(), Options{Data: dir}, key, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "run it again") {
		t.Fatalf("%v", err)
	}
}
