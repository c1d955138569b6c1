package contact

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/audit/audittest"
	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/blob"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
	"github.com/clew-hotline/clew/internal/platform/web"
)

func TestMain(m *testing.M) {
	seal.UseCheapCosts()
	m.Run()
}

const agency = "home"

type noHints struct{}

func (noHints) Publish(*db.Tx, string) {}

// house is a hotline with an advocate and a supervisor who hold the intake
// key, and a newcomer and an administrator who do not.
type house struct {
	log *audittest.Log
	*Feature
	t                                  testing.TB
	folder                             string // of sealed files
	advocate, other, supervisor, fresh *staff.Session
}

var tables = []db.Migrations{staff.Migrations, keyring.Migrations, audit.Migrations, facts.Migrations, blind.Migrations, Migrations}

func each(t *testing.T, story func(t *testing.T, h *house)) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) { story(t, newHouse(t, d)) }, tables...)
}

func newHouse(t testing.TB, d *db.DB) *house {
	h := &house{Feature: &Feature{DB: d, Hub: noHints{}, Agency: agency, Web: &web.Server{Zone: time.UTC}}, t: t, folder: t.TempDir()}
	h.Blobs = blob.NewFolder(h.folder)
	h.Links = blind.New(d, agency, keyring.Intake)
	h.log = audittest.Make(t, d, agency)
	h.Start(t.Context())
	person := func(name string, role staff.Role) (staff.New, *staff.Session) {
		n, err := staff.Prepare(t.Context(), agency, name, role, "correct horse battery")
		h.ok(err)
		return n, &staff.Session{Person: n.Person, Pair: n.Pair}
	}
	var list [4]staff.New
	list[0], h.advocate = person("Ada", staff.Advocate)
	list[1], h.other = person("Ben", staff.Advocate)
	list[2], h.supervisor = person("Sue", staff.Supervisor)
	list[3], h.fresh = person("Fay", staff.Advocate)
	h.ok(d.Update(t.Context(), func(ctx context.Context, tx *db.Tx) error {
		var members []keyring.Member
		for _, n := range list {
			if err := n.Insert(ctx, tx, ""); err != nil {
				return err
			}
			members = append(members, keyring.Member{ID: n.Person.ID, Public: n.Person.Public})
		}
		_, err := keyring.Create(ctx, tx, agency, keyring.Intake, members[:3]...)
		return err
	}))
	return h
}

func (h *house) ok(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) refused(err error, kind errs.Kind) {
	h.t.Helper()
	if !errs.Is(err, kind) {
		h.t.Fatalf("got %v, want status %d", err, kind.Status())
	}
}

func (h *house) write(text string) Receipt {
	h.t.Helper()
	r, err := h.Open(h.t.Context(), Incoming{Channel: Web, RequestType: Crisis, Language: "es", Text: text, About: "self"}, "", true)
	h.ok(err)
	return r
}

var complete = Record{
	Danger: No, SafeSpeak: Unknown, SafeVoicemail: No, SafeText: Yes, Language: "es", Interpreter: No, Country: "US", Region: "US-IL",
	Contactor: "self", Proximity: "own_experience", AgeGroup: "adult", SeenBefore: No, RequestType: Crisis, Substantive: "yes", Disposition: "referred",
}

func TestSomebodyWritesAndReadsTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("he keeps my papers")
		q, err := h.Queue(ctx, agency, h.advocate.Person.ID)
		h.ok(err)
		if len(q.Waiting) != 1 || !q.Waiting[0].Crisis() {
			t.Fatalf("queue: %+v", q)
		}
		id, err := h.TakeNext(ctx, h.advocate)
		h.ok(err)
		if id != r.ID {
			t.Fatalf("took %q", id)
		}
		c, err := h.Get(ctx, h.advocate, id)
		h.ok(err)
		if c.Incoming.Text != "he keeps my papers" || c.Record.Contactor != "self" || c.Record.RequestType != Crisis {
			t.Fatalf("opened: %+v", c)
		}
		h.ok(h.Say(ctx, h.advocate, id, Out, "we can help", ""))
		h.ok(h.Say(ctx, h.advocate, id, Note, "sounds afraid", ""))

		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		if box.Status != StatusAnswered || len(box.Lines) != 2 || box.Lines[1].Text != "we can help" {
			t.Fatalf("mailbox: %+v", box)
		}
		if box.Lines[0].Reply || box.Lines[0].Text != "" {
			t.Fatalf("the code shows what the person wrote: %+v", box.Lines[0])
		}
		h.ok(h.WriteAgain(ctx, box, Again{Text: "thank you, he is back", Channel: Web, Language: "es"}, ""))
		c, err = h.Get(ctx, h.advocate, id)
		h.ok(err)
		var kinds []string
		for _, m := range c.Lines {
			kinds = append(kinds, string(m.Kind)+":"+m.Text)
		}
		box, err = h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		if box.Status != StatusReading {
			t.Errorf("who wrote again reads %q, and has no answer to that yet", box.Status)
		}
		if got := strings.Join(kinds, "|"); got != "log:taken|out:we can help|note:sounds afraid|in:thank you, he is back" {
			t.Fatalf("conversation: %s", got)
		}
		h.ok(h.Close(ctx, h.advocate, id, complete))
		q, _ = h.Queue(ctx, agency, h.advocate.Person.ID)
		if len(q.Waiting)+len(q.Mine) != 0 {
			t.Fatalf("still there: %+v", q)
		}
		h.ok(h.OpenOutside(ctx, h.supervisor, id, "quality", ""))
		c, err = h.Get(ctx, h.supervisor, id)
		h.ok(err)
		if c.Channel != Web || c.Language != "es" {
			t.Fatalf("closed, it opens as %s %s", c.Channel, c.Language)
		}
		h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			r, err := get(ctx, tx, agency, id)
			if r.Channel != "" || r.Language != "" {
				t.Errorf("a closed contact shows %s %s without a key: the facts have few of these", r.Channel, r.Language)
			}
			return err
		}))
		h.ok(h.WriteAgain(ctx, box, Again{Text: "again", Channel: Web, Language: "pl"}, ""))
		q, _ = h.Queue(ctx, agency, h.advocate.Person.ID)
		if len(q.Waiting) != 1 || q.Waiting[0].Channel != Web || q.Waiting[0].Language != "pl" {
			t.Fatalf("a closed contact did not wait anew: %+v", q.Waiting)
		}
	})
}

// A second click, or a page sent again, says nothing twice; another text with
// the same mark is not swallowed.
func TestALineSentTwiceIsSaidOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hello")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		for _, kind := range []Kind{Out, Note} {
			once := Once("0123456789012345678901" + string(kind))
			var all sync.WaitGroup
			for range 4 {
				all.Go(func() { h.ok(h.Say(ctx, h.advocate, r.ID, kind, "we can help", once)) })
			}
			all.Wait()
			h.refused(h.Say(ctx, h.advocate, r.ID, kind, "something else", once), errs.Conflict)
		}
		c, err := h.Get(ctx, h.advocate, r.ID)
		h.ok(err)
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		if len(c.Lines) != 3 || len(box.Lines) != 2 {
			t.Errorf("%d lines at the desk, %d in the mailbox, want 3 and 2", len(c.Lines), len(box.Lines))
		}
	})
}

func TestWhoMayNotSeeAContactCannotTellThatItExists(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("secret")
		_, missing := h.Get(ctx, h.advocate, "nosuchcontact")
		h.refused(missing, errs.NotFound)
		_, waiting := h.Get(ctx, h.advocate, r.ID)
		h.refused(waiting, errs.NotFound)
		h.ok(h.Take(ctx, h.advocate, r.ID))
		_, others := h.Get(ctx, h.fresh, r.ID)
		h.refused(others, errs.NotFound)
		_, err := h.Get(ctx, h.supervisor, r.ID)
		h.ok(err)
		h.refused(h.Take(ctx, h.fresh, r.ID), errs.NotFound)
		h.refused(h.Say(ctx, h.fresh, r.ID, Out, "hello", ""), errs.NotFound)
		h.refused(h.SaveDraft(ctx, h.fresh, r.ID, Out, "hello"), errs.NotFound)
		h.refused(h.Close(ctx, h.fresh, r.ID, complete), errs.NotFound)
		h.refused(h.OpenOutside(ctx, h.fresh, r.ID, "danger", ""), errs.NotFound)
		h.refused(h.OpenOutside(ctx, h.fresh, "nosuchcontact", "danger", ""), errs.NotFound)
	})
}

// Somebody leaves while a contact is being made. It is made under the new key,
// and who stays opens it.
func TestAContactThatComesWhileSomebodyLeaves(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		before := h.write("before") // and from now on the group's key is remembered for a second
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			h.ok(err)
			h.ok(g.Remove(ctx, tx, h.other.Person.ID))
			_, err = g.Turn(ctx, tx, []keyring.Member{{ID: h.advocate.Person.ID, Public: h.advocate.Person.Public}})
			return err
		}))
		after := h.write("after")
		h.refused(h.Take(ctx, h.other, after.ID), errs.Conflict)
		for _, r := range []Receipt{before, after} {
			h.ok(h.Take(ctx, h.advocate, r.ID))
			c, err := h.Get(ctx, h.advocate, r.ID)
			h.ok(err)
			if c.Incoming.Text == "" {
				t.Error("it opens empty")
			}
		}
	})
}

func TestANewColleagueOpensNothingUntilAdmitted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("secret")
		h.refused(h.Take(ctx, h.fresh, r.ID), errs.Conflict)
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Find(ctx, tx, agency, keyring.Intake)
			h.ok(err)
			ring, err := g.Open(ctx, tx, h.supervisor.Person.ID, h.supervisor.Pair)
			h.ok(err)
			return ring.Admit(ctx, tx, keyring.Member{ID: h.fresh.Person.ID, Public: h.fresh.Person.Public})
		}))
		h.ok(h.Take(ctx, h.fresh, r.ID))
		_, err := h.Get(ctx, h.fresh, r.ID)
		h.ok(err)
	})
}

func TestTheSameRequestTwiceIsOneContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		in := Incoming{Channel: API, Text: "once", Language: "en"}
		once := Once(strings.Repeat("k", minOnce))
		var mu sync.Mutex
		codes := map[string]int{}
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				r, err := h.Open(ctx, in, once, true)
				mu.Lock()
				defer mu.Unlock()
				if err != nil {
					t.Error(err)
				}
				codes[r.Code]++
			})
		}
		all.Wait()
		if len(codes) != 1 {
			t.Fatalf("twenty repetitions got %d codes", len(codes))
		}
		q, _ := h.Queue(ctx, agency, "")
		if len(q.Waiting) != 1 {
			t.Fatalf("%d contacts were stored", len(q.Waiting))
		}
		in.Text = "something else"
		_, err := h.Open(ctx, in, once, true)
		h.refused(err, errs.Conflict)
		h.Clock = func() time.Time { return time.Now().Add(answerKept + time.Minute) }
		in.Text = "once"
		_, err = h.Open(ctx, in, once, true)
		h.refused(err, errs.Conflict)
	})
}

func TestLeavingEndsTheRepeatedAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		in := Incoming{Channel: Web, Text: "once"}
		once := Once(strings.Repeat("e", minOnce))
		_, err := h.Open(ctx, in, once, true)
		h.ok(err)
		h.ok(h.EndAnswer(ctx, once))
		_, err = h.Open(ctx, in, once, true)
		h.refused(err, errs.Conflict)
		if q, _ := h.Queue(ctx, agency, ""); len(q.Waiting) != 1 {
			t.Fatalf("%d contacts were stored", len(q.Waiting))
		}
	})
}

func TestALookupNumberThatIsTakenCostsNobodyTheirContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.write("mine")
		code, _ := seal.ParseCode(first.Code)
		taken, err := issue(t.Context())
		h.ok(err)
		taken.code.Lookup = code.Lookup
		h.codes = newIssuer() // a stock that holds just this one
		h.codes.ready <- taken
		second := h.write("yours")
		for text, r := range map[string]Receipt{"mine": first, "yours": second} {
			box, err := h.OpenMailbox(t.Context(), r.Code)
			h.ok(err)
			if box.box.Contact != r.ID {
				t.Errorf("the code of %q opens another mailbox", text)
			}
		}
	})
}

func TestAHiddenMailboxIsGone(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hide me")
		box, err := h.OpenMailbox(ctx, r.Code)
		h.ok(err)
		h.ok(h.Hide(ctx, box))
		_, err = h.OpenMailbox(ctx, r.Code)
		h.refused(err, errs.NotFound)
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.refused(h.Say(ctx, h.advocate, r.ID, Out, "too late", ""), errs.Conflict)
	})
}

func TestWrongCodesAllSayTheSame(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("hello")
		code, _ := seal.ParseCode(r.Code)
		wrongSecret := seal.Code{Lookup: code.Lookup, Secret: "0000000000000"}
		for _, typed := range []string{wrongSecret.String(), seal.NewCode().String()} {
			_, err := h.OpenMailbox(t.Context(), typed)
			if e := errs.Of(err); e.Kind != errs.NotFound || e.Word != "contact.error.code_wrong" {
				t.Errorf("%v", err)
			}
		}
	})
}

func TestTwoAdvocatesCannotTakeTheSameContact(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		r := h.write("one of you")
		var won, lost int
		var mu sync.Mutex
		var all sync.WaitGroup
		for i := range 10 {
			s := []*staff.Session{h.advocate, h.other}[i%2]
			all.Go(func() {
				err := h.Take(t.Context(), s, r.ID)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					won++
				case errs.Is(err, errs.Conflict):
					lost++
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || lost != 9 {
			t.Fatalf("%d won, %d lost", won, lost)
		}
	})
}

func TestDraftsComeBackAndGoWithTheReply(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hello")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		h.ok(h.SaveDraft(ctx, h.advocate, r.ID, Out, "half a sent"))
		h.ok(h.SaveDraft(ctx, h.advocate, r.ID, Out, "half a sentence"))
		got, err := h.Draft(ctx, h.advocate, r.ID, Out)
		h.ok(err)
		if got != "half a sentence" {
			t.Fatalf("draft: %q", got)
		}
		h.ok(h.Say(ctx, h.advocate, r.ID, Out, "a sentence", ""))
		if got, _ = h.Draft(ctx, h.advocate, r.ID, Out); got != "" {
			t.Fatalf("draft after the reply: %q", got)
		}
	})
}

func TestClosingNeedsTheSixFieldsAndCounts(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		r := h.write("hello")
		h.ok(h.Take(ctx, h.advocate, r.ID))
		part := complete
		part.Disposition = ""
		err := h.Close(ctx, h.advocate, r.ID, part)
		if e := errs.Of(err); e.Field != "disposition" {
			t.Fatalf("%v", err)
		}
		if n := len((Record{}).Missing()); n > 6 {
			t.Errorf("%d required fields", n)
		}
		h.ok(h.Close(ctx, h.advocate, r.ID, complete))
		h.refused(h.Close(ctx, h.advocate, r.ID, complete), errs.Conflict)
		h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			months, err := facts.Months(ctx, tx, agency, facts.Contact)
			if err != nil || len(months) != 1 {
				t.Errorf("months with facts: %v %v", months, err)
			}
			c, err := get(ctx, tx, agency, r.ID)
			if c.Arrived.Day() != 1 || c.Arrived.Hour() != 0 {
				t.Errorf("the time of arrival was not coarsened: %v", c.Arrived)
			}
			return err
		}))
	})
}

func TestSealedPartsDoNotOpenElsewhere(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		a, b := h.write("mine"), h.write("yours")
		h.ok(h.Take(ctx, h.advocate, a.ID))
		h.ok(h.Take(ctx, h.advocate, b.ID))
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `UPDATE contacts SET sealed_intake = (SELECT sealed_intake FROM contacts WHERE id = $1) WHERE id = $2`, b.ID, a.ID)
			return err
		}))
		if _, err := h.Get(ctx, h.advocate, a.ID); err == nil {
			t.Fatal("another contact's story opened in this one's place")
		}
	})
}
