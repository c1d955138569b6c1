package contact

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func (h *house) change(sql string, args ...any) {
	h.t.Helper()
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		n, err := tx.Exec(ctx, sql, args...)
		if err == nil && n == 0 {
			h.t.Fatalf("nothing was changed by %s", sql)
		}
		return err
	}))
}

// Whoever can change rows could make contact themselves and put their mailbox
// in the place of another person's: the replies would be theirs to read.
func TestRepliesGoToNobodyElsesMailbox(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		victim, thief := h.write("help me"), h.write("let me in")
		without, err := h.Open(ctx, Incoming{Channel: Phone, Text: "no code for me"}, "", false)
		h.ok(err)
		for _, id := range []string{victim.ID, without.ID} {
			h.ok(h.Take(ctx, h.advocate, id))
			h.change(`UPDATE contacts SET mailbox = (SELECT mailbox FROM contacts WHERE id = $1) WHERE id = $2`, thief.ID, id)
			if err := h.Say(ctx, h.advocate, id, Out, "we meet at the station", ""); err == nil {
				t.Fatal("the reply went to another mailbox")
			}
		}
		box, err := h.OpenMailbox(ctx, thief.Code)
		h.ok(err)
		if len(box.Lines) != 1 {
			t.Fatalf("the thief reads %+v", box.Lines)
		}
	})
}

func TestRepliesAreSealedToNobodyElsesKey(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		victim, thief := h.write("help me"), h.write("let me in")
		h.ok(h.Take(ctx, h.advocate, victim.ID))
		h.change(`UPDATE mailboxes SET public_key = (SELECT public_key FROM mailboxes WHERE contact = $1) WHERE contact = $2`, thief.ID, victim.ID)
		if err := h.Say(ctx, h.advocate, victim.ID, Out, "we meet at the station", ""); err == nil {
			t.Fatal("the reply was sealed to another key")
		}
	})
}

// A mailbox that points at another contact neither shows how far that one is
// nor writes into it.
func TestAMailboxOpensForItsOwnContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		victim, thief := h.write("help me"), h.write("let me in")
		h.change(`UPDATE mailboxes SET contact = $1 WHERE contact = $2`, victim.ID, thief.ID)
		if _, err := h.OpenMailbox(ctx, thief.Code); err == nil {
			t.Fatal("a code opened the mailbox of another contact")
		}
		h.change(`DELETE FROM mailbox_items WHERE mailbox = $1`, strings.ReplaceAll(thief.Code, " ", "")[:7])
		if _, err := h.OpenMailbox(ctx, thief.Code); err == nil {
			t.Fatal("without its first line a mailbox opened for another contact")
		}
		_, err := h.OpenMailbox(ctx, victim.Code)
		h.ok(err)
	})
}

// The public half of a contact's key is on disk. What is sealed to it can be
// from anybody, so it is never shown as a colleague's word.
func TestNobodySpeaksForUs(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("help me")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			c, err := get(ctx, tx, agency, r.ID)
			h.ok(err)
			return h.appendSealedTo(ctx, tx, &c, Message{Kind: Note, At: tx.Now, Staff: h.supervisor.Person.ID, Text: "he may fetch her"})
		}))
		if c, err := h.Get(ctx, h.advocate, r.ID); err == nil {
			t.Fatalf("a forged note shows: %+v", c.Lines)
		}
	})
}

// What is kept of a request for a day does not tell when a contact came in
// that is closed and coarsened.
func TestRequestsDoNotLeadToAContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		for i, withCode := range []bool{true, false} {
			once := Once(strings.Repeat(string(rune('a'+i)), minOnce))
			in := Incoming{Channel: Web, Text: "once"}
			_, err := h.Open(ctx, in, once, withCode)
			h.ok(err)
			h.change(`UPDATE contact_requests SET at = at - $1 WHERE key_hash = $2`, (answerKept + time.Minute).Microseconds(), once.hash())
			h.ok(h.Sweep(ctx))
			h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
				var mailbox string
				var sealed []byte
				err := tx.QueryRow(ctx, `SELECT mailbox, sealed FROM contact_requests WHERE key_hash = $1`, once.hash()).Scan(&mailbox, &sealed)
				if mailbox != "" || sealed != nil {
					t.Errorf("kept: mailbox %q, %d bytes", mailbox, len(sealed))
				}
				return err
			}))
			_, err = h.Open(ctx, in, once, withCode)
			h.refused(err, errs.Conflict)
		}
	})
}

// A tag of a megabyte took half a second to be refused.
func TestALongLanguageIsRefusedUnread(t *testing.T) {
	in := Incoming{Channel: API, Text: "x", Language: "en-" + strings.Repeat("v1234-", 150_000) + "v1234"}
	work := testing.AllocsPerRun(1, func() {
		if err := in.check(); !errs.Is(err, errs.Invalid) {
			t.Fatal(err)
		}
	})
	if work > 20 {
		t.Errorf("it was taken apart: %.0f allocations", work)
	}
}

// The language stands in clear while a contact is open, so nothing may come in
// by it that is not of a closed list.
func TestALanguageCarriesNothingElse(t *testing.T) {
	for sent, want := range map[string]string{
		"en-x-maria-lopez-312-5550147": "en", "en-u-attr-maria": "en", "sl-rozaj-biske": "sl", "zh-hant-tw": "zh-Hant-TW",
		"ES_mx": "es-MX", "und": "und", "x-maria-lopez": "und", "en-a-myext-b-another": "en", "i-klingon": "tlh", "": "und",
	} {
		in := Incoming{Channel: API, Text: "hello", Language: sent}
		if err := in.clean(); err != nil || in.Language != want {
			t.Errorf("%q became %q (%v), want %q", sent, in.Language, err, want)
		}
		again := Again{Text: "hello", Channel: API, Language: sent}
		if err := again.clean(); err != nil || again.Language != want {
			t.Errorf("written again, %q became %q (%v), want %q", sent, again.Language, err, want)
		}
	}
	for _, sent := range []string{"maria", "en-maria-lopez", "+1 312 555 0147", "en-US-312"} {
		in := Incoming{Channel: API, Text: "hello", Language: sent}
		if err := in.clean(); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q became %q (%v)", sent, in.Language, err)
		}
	}
}

func TestALineThatWasTakenOutLeavesAGap(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hello")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		for _, words := range []string{"one", "two", "three"} {
			h.ok(h.Say(ctx, h.advocate, r.ID, Note, words, ""))
		}
		for _, c := range []struct {
			seq  int
			want string
		}{{3, "taken|one|missing|three"}, {4, "taken|one|missing"}} {
			h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
				_, err := tx.Exec(ctx, `DELETE FROM contact_messages WHERE contact = $1 AND seq = $2`, r.ID, c.seq)
				return err
			}))
			got, err := h.Get(ctx, h.advocate, r.ID)
			h.ok(err)
			var lines []string
			for _, m := range got.Lines {
				lines = append(lines, m.Text)
			}
			if said := strings.Join(lines, "|"); said != c.want {
				t.Errorf("after line %d was taken out: %s, want %s", c.seq, said, c.want)
			}
		}
	})
}
