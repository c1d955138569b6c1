package contact

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// asks fails unless a reason is asked for, for this contact.
func (h *house) asks(err error, id string) {
	h.t.Helper()
	if record, asked := staff.ReasonFor(err); !asked || record != id {
		h.t.Fatalf("got %v, want to be asked why", err)
	}
}

func TestAColleaguesContactOpensWithAReason(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id, another := h.write("secret").ID, h.write("another").ID
		h.ok(h.Take(ctx, h.advocate, id))
		h.ok(h.Take(ctx, h.advocate, another))
		get := func(id string) error {
			_, err := h.Get(ctx, h.other, id)
			return err
		}
		h.asks(get(id), id)
		h.asks(h.Say(ctx, h.other, id, Note, "hello", ""), id)
		h.asks(h.Close(ctx, h.other, id, complete), id)

		h.refused(h.OpenOutside(ctx, h.other, id, "curious", ""), errs.Invalid)
		h.refused(h.OpenOutside(ctx, h.other, id, staff.Elsewise, "  "), errs.Invalid)
		h.refused(h.OpenOutside(ctx, h.other, id, "danger", strings.Repeat("x", maxWhy+1)), errs.Invalid)
		h.asks(get(id), id)

		h.ok(h.OpenOutside(ctx, h.other, id, staff.Elsewise, "the shop called"))
		h.ok(get(id))
		h.ok(h.Say(ctx, h.other, id, Note, "hello", ""))
		h.asks(get(another), another)
		var told bool
		for _, e := range h.log.All() {
			told = told || e.Action == "contact.outside" && e.Record == id && e.Staff == h.other.Person.ID && e.Reason == "other\nthe shop called"
		}
		if !told {
			t.Error("the log does not say who opened it and why")
		}

		// It is for this session: the same colleague at another screen is asked anew.
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			token, err := staff.SignIn(ctx, tx, h.other.Person, h.other.Pair)
			if err != nil {
				return err
			}
			second, err := staff.Find(ctx, tx, token)
			if err != nil {
				return err
			}
			h.asks(h.may(ctx, tx, second, staff.ReadContact, id, false), id)
			return nil
		}))

		// It holds for an hour, and what remains of it names nobody.
		h.ok(h.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
			var mark string
			var until int64
			if err := tx.QueryRow(ctx, `SELECT mark, until FROM contact_outside`).Scan(&mark, &until); err != nil {
				return err
			}
			if left := db.Time(until).Sub(tx.Now); left > OutsideFor || left < OutsideFor-OutsideFor/4 {
				t.Errorf("it holds for %v more", left)
			}
			if strings.Contains(mark, id) || strings.Contains(mark, h.other.Person.ID) {
				t.Errorf("the mark is %s", mark)
			}
			_, err := tx.Exec(ctx, `UPDATE contact_outside SET until = $1`, db.Micros(tx.Now))
			return err
		}))
		h.asks(get(id), id)
		h.ok(h.Sweep(ctx))
		h.ok(h.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
			var n int
			err := tx.QueryRow(ctx, `SELECT COUNT(*) FROM contact_outside`).Scan(&n)
			if n != 0 {
				t.Errorf("%d are kept", n)
			}
			return err
		}))
	})
}

// Who leads is not asked about what waits and what is open: that is the floor.
func TestASupervisorIsAskedAboutWhatIsOver(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		id := h.write("secret").ID
		opens := func() error {
			_, err := h.Get(ctx, h.supervisor, id)
			return err
		}
		h.ok(opens())
		h.ok(h.Take(ctx, h.advocate, id))
		h.ok(opens())
		h.ok(h.Close(ctx, h.advocate, id, complete))
		h.asks(opens(), id)
		_, err := h.Get(ctx, h.advocate, id)
		h.ok(err) // it was theirs
		h.ok(h.OpenOutside(ctx, h.supervisor, id, "request", ""))
		h.ok(opens())
	})
}

func TestAFormIsHeldBackUntilTheReason(t *testing.T) {
	console(t, func(t *testing.T, c *counter) {
		id := c.write("a story").ID
		c.ok(c.Take(t.Context(), c.advocate, id))
		at := "/staff/contacts/" + id
		c.want(c.ask("other", "GET", at+"/help"), http.StatusSeeOther, at+"/outside?next=%2Fstaff%2Fcontacts%2F"+id+"%2Fhelp")
		body := c.want(c.ask("other", "GET", at+"/outside", "next", ""), http.StatusOK, "Why do you open it?", "Somebody is in danger now", "Ada")
		if strings.Contains(body, "a story") {
			t.Error("the form tells the story")
		}

		said := []string{"kind", "note", "text", "she is <there>"}
		body = c.want(c.ask("other", "POST", at+"/say", said...), http.StatusConflict, `name="text" value="she is &lt;there&gt;"`, "What you sent is kept here")
		if strings.Contains(body, "a story") {
			t.Error("the form tells the story")
		}
		c.want(c.ask("other", "POST", "hx "+at+"/say", said...), http.StatusOK, "she is &lt;there&gt;</textarea>", "Say first why")
		c.want(c.ask("other", "POST", at+"/say", append(said, "outside_why", "", "outside_words", "my words")...), http.StatusUnprocessableEntity,
			`name="text" value="she is &lt;there&gt;"`, "Choose why", `value="my words"`)
		c.want(c.ask("other", "POST", at+"/say", append(said, "outside_why", "danger", "outside_words", "")...), http.StatusSeeOther, at+"#end")
		c.want(c.ask("other", "GET", at), http.StatusOK, "a story", "she is &lt;there&gt;", "Take over")
		c.want(c.ask("other", "GET", at+"/outside"), http.StatusSeeOther, at)
		c.want(c.ask("other", "POST", at+"/assign", "to", "me"), http.StatusSeeOther, at)

		// Now it is the first who is outside; the form leads to nowhere else.
		c.want(c.ask("advocate", "POST", at+"/outside", "outside_why", "", "next", "/staff/referrals/x"), http.StatusUnprocessableEntity, `name="next" value="/staff/referrals/x"`)
		for _, next := range []string{"https://elsewhere.example", "//elsewhere.example", "/staff/signout", at + "/../../signout", at + "?x"} {
			c.want(c.ask("advocate", "POST", at+"/outside", "outside_why", "returned", "next", next), http.StatusSeeOther, at)
			if to := c.ask("advocate", "POST", at+"/outside", "outside_why", "returned", "next", next).Header().Get("Location"); to != at {
				t.Errorf("%q leads to %q", next, to)
			}
		}
		for _, who := range []string{"fresh", "administrator"} {
			c.want(c.ask(who, "GET", at+"/outside"), http.StatusNotFound)
			c.want(c.ask(who, "POST", at+"/outside", "outside_why", "danger"), http.StatusNotFound)
		}
	})
}
