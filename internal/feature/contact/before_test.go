package contact

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// call is a contact whose person can be reached at a number.
func (h *house) call(number string) string {
	h.t.Helper()
	r, err := h.Open(h.t.Context(), Incoming{
		Channel: Web, RequestType: Tip, Language: "es", Text: "it is me", Country: "US",
		Safe: SafeContact{Channel: "text", Address: number},
	}, "", false)
	h.ok(err)
	return r.ID
}

// arrives is a colleague's first request, and what it sets going.
func (h *house) arrives(s *staff.Session) {
	h.t.Helper()
	h.ok(h.Links.Work(h.t.Context())) // as the program does at its start
	h.ok(h.Links.Unlock(h.t.Context(), s.Person.ID, s.Pair))
	h.ok(h.Links.Work(h.t.Context()))
}

func (h *house) beforeOf(s *staff.Session, id string) Before {
	h.t.Helper()
	b, err := h.Before(h.t.Context(), s, id)
	h.ok(err)
	return b
}

// seen says which of the queue a colleague sees marked.
func (h *house) seen(s *staff.Session) (marked []string) {
	h.t.Helper()
	q, err := h.Queue(h.t.Context(), agency, s.Person.ID)
	h.ok(err)
	h.ok(h.markSeen(h.t.Context(), s, q.Waiting))
	for _, w := range q.Waiting {
		if w.Seen {
			marked = append(marked, w.ID)
		}
	}
	slices.Sort(marked)
	return marked
}

func TestARepeatContactorIsRecognisedBeforeTheAnswer(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		first := h.call("(312) 555-0147")
		h.ok(h.Take(ctx, h.other, first))
		rec := complete
		rec.Safe, rec.Summary = SafeContact{Channel: "text", Address: "(312) 555-0147"}, "afraid of her boss"
		h.ok(h.Close(ctx, h.other, first, rec))
		second, stranger := h.call("+1 312 555 0147"), h.call("+1 312 555 0199")

		if got := h.seen(h.advocate); got != nil {
			t.Fatalf("sealed, and %q are recognised", got)
		}
		h.ok(h.Take(ctx, h.supervisor, stranger))
		if b := h.beforeOf(h.supervisor, stranger); !b.Sealed || b.Some() {
			t.Fatalf("sealed: %+v", b)
		}
		h.arrives(h.fresh) // who is not admitted opens nothing
		if h.Links.Open() {
			t.Fatal("a newcomer opened the index")
		}
		h.arrives(h.advocate)
		if got := h.seen(h.advocate); !slices.Equal(got, []string{second}) {
			t.Fatalf("recognised: %q, want %q", got, second)
		}
		if got := h.seen(h.fresh); got != nil {
			t.Errorf("who is not admitted learns of %q", got)
		}

		// Who takes it learns that there are some, and of a colleague's no more.
		h.ok(h.Take(ctx, h.advocate, second))
		if b := h.beforeOf(h.advocate, second); b.Sealed || !b.Others || len(b.List) != 0 {
			t.Fatalf("the advocate: %+v", b)
		}
		// So does who leads, of what is closed; with a reason they read on.
		if b := h.beforeOf(h.supervisor, second); !b.Others || len(b.List) != 0 {
			t.Fatalf("the supervisor, without a reason: %+v", b)
		}
		h.ok(h.OpenOutside(ctx, h.supervisor, first, "returned", ""))
		b := h.beforeOf(h.supervisor, second)
		if b.Others || len(b.List) != 1 {
			t.Fatalf("the supervisor: %+v", b)
		}
		e := b.List[0]
		if e.ID != first || e.Summary != "afraid of her boss" || e.TakenBy != h.other.Person.ID || e.State != Closed || !slices.Equal(e.Same, []blind.Kind{blind.Phone}) {
			t.Errorf("%+v", e)
		}
		if b := h.beforeOf(h.supervisor, stranger); b.Some() {
			t.Errorf("a stranger: %+v", b)
		}
		_, err := h.Before(ctx, h.other, second)
		h.asks(err, second)
		_, err = h.Before(ctx, h.fresh, second)
		h.refused(err, errs.NotFound)
	})
}

func TestARecordIsRecognisedByWhatItNames(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.arrives(h.supervisor)
		save := func(change func(*Record)) string {
			id := h.write("a van").ID
			h.ok(h.Take(ctx, h.advocate, id))
			rec := complete
			rec.Place = "Chicago"
			change(&rec)
			h.ok(h.SaveRecord(ctx, h.advocate, id, rec))
			h.ok(h.Links.Work(ctx))
			return id
		}
		all := map[blind.Kind][2]func(*Record){
			blind.Plate:   {func(r *Record) { r.Plate = "ABC 1234" }, func(r *Record) { r.Plate = "abc-1234" }},
			blind.Address: {func(r *Record) { r.Street = "1200 West Lake Street" }, func(r *Record) { r.Street = "1200 W Lake St." }},
			blind.Email:   {func(r *Record) { r.Reach = "Ana@Example.org" }, func(r *Record) { r.Safe.Address = "ana@example.org" }},
			blind.Phone:   {func(r *Record) { r.Reach = "312 555 0147" }, func(r *Record) { r.Safe.Address = "+1 (312) 555-0147" }},
		}
		for kind, ways := range all {
			a, b := save(ways[0]), save(ways[1])
			got := h.beforeOf(h.advocate, b)
			if len(got.List) != 1 || got.List[0].ID != a || !slices.Equal(got.List[0].Same, []blind.Kind{kind}) {
				t.Errorf("%s: %+v", kind.Code(), got)
			}
			h.ok(h.SaveRecord(ctx, h.advocate, b, complete)) // it was a mistake
			h.ok(h.Links.Work(ctx))
			if got := h.beforeOf(h.advocate, a); got.Some() {
				t.Errorf("%s, taken back: %+v", kind.Code(), got)
			}
		}
	})
}

func TestWhoIsToldApartShowsNothingOfTheOther(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.arrives(h.advocate)
		mother, daughter, again := h.call("312 555 0147"), h.call("312 555 0147"), h.call("312 555 0147")
		h.ok(h.Links.Work(ctx))
		h.ok(h.Take(ctx, h.other, mother))
		h.ok(h.Take(ctx, h.advocate, daughter))
		h.ok(h.Take(ctx, h.advocate, again))

		h.refused(h.Apart(ctx, h.advocate, daughter, again, "  "), errs.Invalid)
		h.refused(h.Apart(ctx, h.advocate, daughter, mother, "not hers to name"), errs.Invalid)
		if _, asked := staff.ReasonFor(h.Apart(ctx, h.advocate, mother, "", "not hers")); !asked {
			t.Error("a colleague's contact was told apart without a reason to open it")
		}
		h.refused(h.Apart(ctx, h.fresh, daughter, "", "not admitted"), errs.NotFound)

		h.ok(h.Apart(ctx, h.supervisor, daughter, mother, "her mother's telephone"))
		if b := h.beforeOf(h.supervisor, mother); len(b.List) != 1 || b.List[0].ID != again || b.Others {
			t.Errorf("the mother's shows %+v", b)
		}
		if b := h.beforeOf(h.advocate, daughter); b.Others || len(b.List) != 1 || b.List[0].ID != again {
			t.Errorf("the daughter's shows %+v", b)
		}
		c, err := h.Get(ctx, h.advocate, daughter)
		h.ok(err)
		if n := len(c.Lines); n < 2 || c.Lines[n-2].Text != "apart" || c.Lines[n-1].Kind != Note || c.Lines[n-1].Text != "her mother's telephone" {
			t.Errorf("the reason is not kept: %+v", c.Lines)
		}
		h.ok(h.Apart(ctx, h.advocate, again, "", "a wrong number"))
		for id, s := range map[string]*staff.Session{mother: h.other, daughter: h.advocate, again: h.advocate} {
			if b := h.beforeOf(s, id); b.Some() {
				t.Errorf("apart from all: %+v", b)
			}
		}
		h.ok(h.Apart(ctx, h.advocate, again, "", "from nobody"))
	})
}

// A contact that another group opens is as secret as what it says.
func TestAnotherGroupsContactIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.arrives(h.advocate)
		hidden, open := h.call("312 555 0147"), h.call("312 555 0147")
		h.ok(h.Links.Work(ctx))
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			g, err := keyring.Create(ctx, tx, agency, "legal")
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `UPDATE contacts SET key_group = $2 WHERE id = $1`, hidden, g.ID)
			return err
		}))
		if got := h.seen(h.advocate); got != nil {
			t.Errorf("the queue marks %q", got)
		}
		h.ok(h.Take(ctx, h.advocate, open))
		for _, s := range []*staff.Session{h.advocate, h.supervisor} {
			if b := h.beforeOf(s, open); b.Some() {
				t.Errorf("it shows %+v", b)
			}
		}
	})
}

// A contact that was shredded shares nothing with anybody any more.
func TestAShreddedContactIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		h.arrives(h.supervisor)
		gone, stays := h.call("312 555 0147"), h.call("312 555 0147")
		h.ok(h.Links.Work(ctx))
		h.ok(h.Take(ctx, h.supervisor, stays))
		if !h.beforeOf(h.supervisor, stays).Some() {
			t.Fatal("the two were not linked")
		}
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			if err := h.Shred(ctx, tx, agency, gone); err != nil {
				return err
			}
			known, err := h.Links.Knows(ctx, tx, gone)
			if known {
				t.Error("its marks stay on the disk")
			}
			return err
		}))
		if b := h.beforeOf(h.supervisor, stays); b.Some() || len(h.Links.Shared(stays)) > 0 {
			t.Errorf("it is still found: %+v", b)
		}
	})
}

// Who is shown another contact's summary leaves an entry about that contact.
func TestTheSummaryThatIsShownIsInTheLog(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		ctx := t.Context()
		c.arrives(c.advocate)
		first, second := c.call("312 555 0147"), c.call("312 555 0147")
		c.ok(c.Links.Work(ctx))
		c.want(c.ask("advocate", http.MethodGet, "/staff/queue"), http.StatusOK, "seen before")
		if body := c.ask("fresh", http.MethodGet, "/staff/queue").Body.String(); strings.Contains(body, "seen before") {
			t.Error("who is not admitted sees that somebody was seen before")
		}
		for _, id := range []string{first, second} {
			c.ok(c.Take(ctx, c.advocate, id))
		}
		rec := complete
		rec.Safe, rec.Summary = SafeContact{Channel: "text", Address: "312 555 0147"}, "afraid of her boss"
		c.ok(c.SaveRecord(ctx, c.advocate, first, rec))
		c.ok(c.Links.Work(ctx))
		if got := c.log.Actions(first); slices.Contains(got, "contact.read before") {
			t.Fatalf("before it was shown: %q", got)
		}
		c.want(c.ask("advocate", http.MethodGet, "/staff/contacts/"+second), http.StatusOK, "Other contacts: 1", "afraid of her boss", "?show=before")
		if got := c.log.Actions(first); !slices.Contains(got, "contact.read before") {
			t.Errorf("after it was shown: %q", got)
		}
		c.want(c.ask("advocate", http.MethodGet, "/staff/contacts/"+second+"?show=before"), http.StatusOK, "same number", "This is somebody else", short(first))
		body := c.want(c.ask("advocate", http.MethodPost, "/staff/contacts/"+second+"/apart", "reason", ""), http.StatusUnprocessableEntity, "Write something first")
		if strings.Count(body, `name="reason"`) != 1 {
			t.Error("the form is gone")
		}
		c.want(c.ask("advocate", http.MethodPost, "/staff/contacts/"+second+"/apart", "reason", "her sister", "other", first), http.StatusSeeOther, "?show=before")
		for _, id := range []string{first, second} {
			body := c.want(c.ask("advocate", http.MethodGet, "/staff/contacts/"+id+"?show=before"), http.StatusOK)
			if strings.Contains(body, "Other contacts") || id == second && strings.Contains(body, "afraid of her boss") {
				t.Error("told apart, and it shows the other")
			}
		}
		if got := c.log.Actions(second); !slices.Contains(got, "contact.write apart") {
			t.Errorf("telling apart is not in the log: %q", got)
		}
	})
}
