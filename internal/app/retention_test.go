package app

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/feature/retention"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

var wrappedUp = contact.Record{
	Danger: contact.No, SafeSpeak: contact.Unknown, SafeVoicemail: contact.No, SafeText: contact.Yes, Language: "es", Interpreter: contact.No,
	Country: "US", Contactor: "self", Proximity: "own_experience", AgeGroup: "adult", SeenBefore: contact.No,
	RequestType: contact.Crisis, Substantive: "yes", Disposition: "referred",
}

// left is how many rows of a contact are still in the database.
func (h *hotline) left(id, mailbox string) (n int) {
	h.t.Helper()
	for query, what := range map[string]string{
		`SELECT COUNT(*) FROM contacts WHERE id = $1`: id, `SELECT COUNT(*) FROM contact_messages WHERE contact = $1`: id,
		`SELECT COUNT(*) FROM contact_files WHERE contact = $1`:  id,
		`SELECT COUNT(*) FROM contact_drafts WHERE contact = $1`: id, `SELECT COUNT(*) FROM referrals WHERE contact = $1`: id,
		`SELECT COUNT(*) FROM key_wraps WHERE owner = $1`: id, `SELECT COUNT(*) FROM mailboxes WHERE contact = $1`: id,
		`SELECT COUNT(*) FROM mailbox_items WHERE mailbox = $1`: mailbox, `SELECT COUNT(*) FROM contact_requests WHERE mailbox = $1 AND sealed IS NOT NULL`: mailbox,
		`SELECT COUNT(*) FROM retention_holds WHERE contact = $1`: id, `SELECT COUNT(*) FROM retention_requests WHERE contact = $1`: id,
	} {
		h.ok(h.DB.View(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
			var found int
			err := tx.QueryRow(ctx, query, what).Scan(&found)
			n += found
			return err
		}))
	}
	return n
}

// The whole way of somebody who wants everything deleted, on both databases:
// asked with the code, confirmed, waited for, deleted; in a backup from before it
// opens for nobody as soon as the keys of then are gone; figures stay, and the
// log is whole.
func TestDeletedStaysDeletedAfterRestore(t *testing.T) {
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		now := time.Now()
		from.Clock = func() time.Time { return now }
		h := newHotline(t, from)
		ctx, ada := t.Context(), h.ada()
		gone, kept := h.story("I want it gone"), h.story("keep this")
		h.ok(h.features.contact.SaveDraft(ctx, ada, gone.ID, contact.Note, "a draft"))
		for _, r := range []contact.Receipt{gone, kept} {
			h.ok(h.features.contact.Close(ctx, ada, r.ID, wrappedUp))
		}
		counted := h.count("facts")
		old, _, firstID := h.backedUp()

		h.ok(h.askToDelete(ctx, gone.Code))
		h.ok(h.features.retention.Confirm(ctx, ada, gone.ID, retention.InPerson, "she came to the office"))
		h.ok(h.features.retention.Run(ctx))
		if !h.opens(gone.ID) {
			t.Fatal("deleted before the seven days")
		}
		now = now.Add(8*24*time.Hour + time.Hour)
		h.ok(h.features.retention.Run(ctx))
		if n := h.left(gone.ID, strings.ReplaceAll(gone.Code, " ", "")[:7]); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if h.opens(gone.ID) || !h.opens(kept.ID) || h.count("facts") != counted {
			t.Errorf("opens: the deleted %v, the other %v; facts %d, were %d", h.opens(gone.ID), h.opens(kept.ID), h.count("facts"), counted)
		}
		if _, err := h.features.contact.OpenMailbox(ctx, gone.Code); !errs.Is(err, errs.NotFound) {
			t.Errorf("the code opens: %v", err)
		}
		_, keys, id := h.backedUp()

		back := h.restored(to, old, keys, firstID, id)
		if back.opens(gone.ID) || !back.opens(kept.ID) {
			t.Errorf("after a restore of the old content: the deleted opens %v, the other %v", back.opens(gone.ID), back.opens(kept.ID))
		}
		if _, err := back.features.contact.OpenMailbox(ctx, gone.Code); !errs.Is(err, errs.NotFound) {
			t.Errorf("after a restore the code opens: %v", err)
		}
	})
}

// A part goes while a colleague is at work: the story is gone, what remains
// opens, a hold keeps all, and a backup from before opens nothing of it with the
// keys of now.
func TestAPartThatIsDeletedOpensInNoBackup(t *testing.T) {
	enginePairs(t, func(t *testing.T, from, to db.Config) {
		now := time.Now()
		from.Clock = func() time.Time { return now }
		h := newHotline(t, from)
		ctx, ada := t.Context(), h.ada()
		gone, held := h.story("what he did to me"), h.story("this must stay")
		rec := wrappedUp
		rec.Summary = "the summary"
		for _, r := range []contact.Receipt{gone, held} {
			h.ok(h.features.contact.Close(ctx, ada, r.ID, rec))
		}
		h.ok(h.features.retention.Hold(ctx, ada, retention.Hold{ID: ids.New(), Contact: held.ID, Reason: "an order"}))
		old, _, firstID := h.backedUp()
		terms, err := h.features.retention.Terms(ctx)
		h.ok(err)
		h.ok(h.features.retention.SetTerms(ctx, ada, terms))
		now = now.AddDate(1, 2, 0) // the story is due, and not the whole
		h.ok(h.features.retention.Run(ctx))
		if c, err := h.features.contact.Get(ctx, ada, gone.ID); err != nil || c.Incoming.Text == "" {
			t.Fatalf("a part went with nobody there: %v", err)
		}
		at := h.atWork()
		h.ok(h.features.retention.StripDue(ctx, at))
		h.ok(h.features.retention.Run(ctx))
		c, err := h.features.contact.Get(ctx, ada, gone.ID)
		h.ok(err)
		if c.Incoming.Text != "" || c.Record.Summary != "" || c.Record.Contactor != "self" || len(c.Lines) != 1 || c.Lines[0].Text != "deleted" {
			t.Errorf("what remains: %+v", c)
		}
		if c, err := h.features.contact.Get(ctx, ada, held.ID); err != nil || c.Incoming.Text != "this must stay" {
			t.Errorf("what is held: %+v %v", c, err)
		}
		if holds, err := h.features.retention.Holds(ctx, ada, ""); err != nil || len(holds) != 1 || holds[0].Reason != "an order" {
			t.Errorf("the hold: %+v %v", holds, err)
		}
		box, err := h.features.contact.OpenMailbox(ctx, gone.Code)
		h.ok(err)
		if len(box.Lines) != 1 || box.Lines[0].Reply {
			t.Errorf("the mailbox: %+v", box.Lines)
		}
		proofs, err := h.features.retention.Certificates(ctx)
		h.ok(err)
		if len(proofs) != 1 || !strings.Contains(proofs[0].Note, "contact narrative, closed for 365 days: 1") {
			t.Errorf("certificates: %+v", proofs)
		}
		h.ok(h.features.retention.StripDue(ctx, at)) // nothing is due any more
		if again, err := h.features.contact.Get(ctx, ada, gone.ID); err != nil || again.LastSeq != c.LastSeq {
			t.Errorf("a second time: %v", err)
		}
		_, keys, id := h.backedUp()
		back := h.restored(to, old, keys, firstID, id)
		if c, err := back.features.contact.Get(ctx, back.ada(), gone.ID); err == nil {
			t.Errorf("after a restore of the old content it opens: %q", c.Incoming.Text)
		}
		if !back.opens(held.ID) {
			t.Error("after a restore what was held does not open")
		}
	})
}

// atWork is Ada with a session that is unlocked.
func (h *hotline) atWork() (s *staff.Session) {
	h.t.Helper()
	p, pair, err := staff.Unlock(h.t.Context(), h.DB, homeAgency, "Ada", advocatesPhrase)
	h.ok(err)
	h.ok(h.DB.Update(h.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		token, err := staff.SignIn(ctx, tx, p, pair)
		if err != nil {
			return err
		}
		s, err = staff.Find(ctx, tx, token)
		return err
	}))
	return s
}

// A contact whose referral is not over, or that was closed too short a time
// ago, stays; one that is over goes with its referrals.
func TestRulesDeleteClosedContactsWithTheirReferrals(t *testing.T) {
	enginesAlone(t, func(t *testing.T, cfg db.Config) {
		now := time.Now()
		cfg.Clock = func() time.Time { return now }
		h := newHotline(t, cfg)
		ctx, ada := t.Context(), h.ada()
		over, open, active := h.story("over"), h.story("open"), h.story("active")
		for i, r := range []contact.Receipt{over, open} {
			h.ok(h.features.contact.Close(ctx, ada, r.ID, wrappedUp))
			h.exec(`INSERT INTO referrals (id, agency, contact, staff, state, open, due, last_seq, sealed_release) VALUES ($1, 'home', $2, '', 'ended', $3, 0, 0, $4)`,
				ids.New(), r.ID, i, []byte{1})
		}
		terms, err := h.features.retention.Terms(ctx)
		h.ok(err)
		h.ok(h.features.retention.SetTerms(ctx, ada, terms))
		now = now.AddDate(7, 0, 0)
		h.ok(h.features.retention.Run(ctx))
		if h.left(over.ID, "") != 0 || !h.opens(open.ID) || !h.opens(active.ID) {
			t.Errorf("over: %d rows left; open referral opens %v; active opens %v", h.left(over.ID, ""), h.opens(open.ID), h.opens(active.ID))
		}
	})
}

// What was closed by an older version counts from the first look on.
func TestWhatWasClosedBeforeCountsFromNow(t *testing.T) {
	enginesAlone(t, func(t *testing.T, cfg db.Config) {
		now := time.Now()
		cfg.Clock = func() time.Time { return now }
		h := newHotline(t, cfg)
		ctx, ada := t.Context(), h.ada()
		r := h.story("long ago")
		h.ok(h.features.contact.Close(ctx, ada, r.ID, wrappedUp))
		h.exec(`UPDATE contacts SET closed = 0, arrived = 0`)
		terms, err := h.features.retention.Terms(ctx)
		h.ok(err)
		h.ok(h.features.retention.SetTerms(ctx, ada, terms))
		now = now.AddDate(1, 0, 0)
		h.ok(h.features.retention.Run(ctx))
		now = now.AddDate(2, 11, 0)
		h.ok(h.features.retention.Run(ctx))
		if !h.opens(r.ID) {
			t.Fatal("deleted before three years after the first look were over")
		}
		now = now.AddDate(0, 3, 0)
		h.ok(h.features.retention.Run(ctx))
		if h.opens(r.ID) {
			t.Error("still there")
		}
	})
}

// TestTheDeskOfRetention walks the pages as colleagues do.
func TestTheDeskOfRetention(t *testing.T) {
	g := opened(t)
	max, sol := g.as(string(staff.Administrator)), g.as(string(staff.Supervisor))
	rules := "/staff/settings/retention"
	body := g.sees(max, rules, []string{"Nobody has accepted rules yet", "Accept these rules", "1,095"}, nil)
	form := fieldsOf(body)
	form.Set("contact.record", "12")
	if got := g.ask(max, http.MethodPost, rules, form.Encode()); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "30 to 36500") {
		t.Errorf("twelve days: %d", got.status)
	}
	form.Set("contact.record", "60")
	if got := g.ask(max, http.MethodPost, rules, form.Encode()); got.status != http.StatusSeeOther {
		t.Fatalf("saving: %d %s", got.status, got.body)
	}
	if got := g.ask(max, http.MethodPost, rules, form.Encode()); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Somebody changed the rules meanwhile") {
		t.Errorf("an old page: %d", got.status)
	}
	g.sees(max, rules+"?saved", []string{"in force now", "Days: 60"}, []string{"Nobody has accepted"})

	made, err := g.app.features.contact.Open(t.Context(), contact.Incoming{Channel: contact.Web, Language: "en", Text: "hello"}, "", false)
	g.ok(err)
	id := made.ID
	g.ok(g.app.features.contact.Take(t.Context(), sol.session, id)) // what others have, a supervisor opens with a reason
	page := "/staff/contacts/" + id
	g.sees(sol, page, []string{page + "/hold"}, []string{"Held:"})
	new := fieldsOf(g.sees(sol, page+"/hold", nil, nil))
	new.Set("reason", "an order of a court")
	if got := g.ask(sol, http.MethodPost, page+"/hold", new.Encode()); got.status != http.StatusSeeOther {
		t.Fatalf("holding: %d %s", got.status, got.body)
	}
	g.sees(sol, page, []string{"Held: nothing of this is deleted"}, nil)
	g.sees(sol, "/staff/holds", []string{"an order of a court", strings.ToUpper(id[:4]), "Nothing was deleted yet"}, nil)

	g.ok(g.app.features.retention.Ask(t.Context(), id))
	g.sees(sol, "/staff/deletions", []string{"confirm over the safe contact", strings.ToUpper(id[:4])}, nil)
	g.sees(sol, page+"/deletion", []string{"Held:", "They gave no safe way", "They came here"}, []string{"I decide it as a supervisor", "I asked them over"})
	if got := g.ask(sol, http.MethodPost, page+"/deletion", "way=safe&reason=called"); got.status != http.StatusUnprocessableEntity {
		t.Errorf("confirmed over a way that there is not: %d", got.status)
	}
	if got := g.ask(sol, http.MethodPost, page+"/deletion", "way=person&reason=she+came"); got.status != http.StatusSeeOther {
		t.Errorf("confirming: %d", got.status)
	}
	g.sees(sol, page, []string{"the person asked, and it was confirmed"}, nil)
	g.sees(sol, page+"/seen", []string{"Held a contact", "an order of a court", "person: she came"}, nil)
	if got := g.ask(g.as(string(staff.Advocate)), http.MethodGet, page+"/deletion", ""); got.status == http.StatusOK {
		t.Errorf("another advocate got %d", got.status)
	}
}

// A day is the same day on the person's page and on each of ours, where the
// hotline has another day than UTC too; and a hold's last day is the one typed.
func TestADayOfDeletionIsTheSameToEverybody(t *testing.T) {
	g := opened(t)
	g.server.Move(time.FixedZone("west", -10*60*60))
	sol := g.as(string(staff.Supervisor))
	made, err := g.app.features.contact.Open(t.Context(), contact.Incoming{Channel: contact.Web, Language: "en", Text: "hello"}, "", true)
	g.ok(err)
	g.ok(g.app.features.contact.Take(t.Context(), sol.session, made.ID))
	page := "/staff/contacts/" + made.ID

	g.ok(g.app.features.retention.Ask(t.Context(), made.ID))
	asked, err := g.app.features.retention.Asked(t.Context(), made.ID)
	g.ok(err)
	at := asked.Earliest().In(g.server.Here())
	if at.Hour() != 0 || at.Minute() != 0 {
		t.Errorf("seven days after the end of the day, there, is %v", at)
	}
	day := g.app.Words.For("en").Date(at)
	theirs := g.ask(&viewer{}, http.MethodPost, "/mailbox", url.Values{"code": {made.Code}}.Encode())
	if !strings.Contains(theirs.body, "We delete nothing before "+day) || !strings.Contains(theirs.body, "<summary>Keep it</summary>") {
		t.Errorf("their page does not say %q, or how to take it back: %s", day, theirs.body)
	}
	g.sees(sol, "/staff/deletions", []string{day}, nil)
	g.sees(sol, page+"/deletion", []string{day}, nil)
	if got := g.ask(sol, http.MethodPost, page+"/deletion", "way=person&reason=she+came"); got.status != http.StatusSeeOther {
		t.Fatalf("confirming: %d", got.status)
	}
	g.sees(sol, page, []string{"deleted from " + day}, nil)
	// By its deed: within a second the log tells no order, so a page of all deeds may end before it.
	g.sees(g.as(string(staff.Auditor)), "/staff/log?did="+string(staff.ConfirmDeletion), []string{"Whoever has the code"}, []string{"<td>Took a contact"})

	hold := fieldsOf(g.sees(sol, page+"/hold", nil, nil))
	hold.Set("reason", "an order of a court")
	hold.Set("until", "2190-05-10")
	if got := g.ask(sol, http.MethodPost, page+"/hold", hold.Encode()); got.status != http.StatusSeeOther {
		t.Fatalf("holding: %d %s", got.status, got.body)
	}
	for _, p := range []string{page + "/hold", "/staff/holds"} {
		g.sees(sol, p, []string{"10 May 2190"}, []string{"11 May 2190"})
	}
}

// fieldsOf are the inputs of a page, with their values.
func fieldsOf(body string) url.Values {
	form := url.Values{}
	for _, input := range strings.Split(body, "<input ")[1:] {
		if name := attribute(input, "name"); name != "" {
			form.Set(name, attribute(input, "value"))
		}
	}
	return form
}

func attribute(tag, name string) string {
	tag, _, _ = strings.Cut(tag, ">")
	_, after, _ := strings.Cut(" "+tag, " "+name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// enginesAlone runs a story on each engine.
func enginesAlone(t *testing.T, story func(t *testing.T, cfg db.Config)) {
	enginePairs(t, func(t *testing.T, from, _ db.Config) { story(t, from) })
}
