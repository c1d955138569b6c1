package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
)

func TestAReferralRunsItsCourse(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		ref := h.get(id)
		if ref.State != Offered || !ref.Holds || ref.Release.Organization != "Harbour Aid" || len(ref.Release.Items) != 4 {
			t.Fatalf("%+v", ref)
		}
		if until := ref.Release.Until; !until.Equal(time.Date(2026, 12, 23, 23, 59, 59, 0, time.UTC)) {
			t.Fatalf("until %v", until)
		}
		h.follow(id, Sent, "")
		h.follow(id, Accepted, "")
		h.later(20 * 24 * time.Hour)
		h.follow(id, Ended, "served")
		ref = h.get(id)
		var steps []string
		for _, e := range ref.Events {
			if e.Staff != h.ada.Person.ID || e.At.IsZero() {
				t.Errorf("%s by %q at %v", e.Step, e.Staff, e.At)
			}
			steps = append(steps, string(e.Step))
		}
		if got := strings.Join(steps, " "); got != "offered sent accepted ended" || ref.Outcome != "served" {
			t.Fatalf("%s: %s", got, ref.Outcome)
		}
		if c := h.counted(facts.Referral, "need"); c["legal"] != 1 {
			t.Errorf("referrals counted: %v", c)
		}
		if c := h.counted(facts.Referral, "region"); c["US-IL"] != 1 {
			t.Errorf("regions counted: %v", c)
		}
		if c := h.counted(facts.Outcome, "outcome"); c["served"] != 1 || len(c) != 1 {
			t.Errorf("outcomes counted: %v", c)
		}
		if h.hints.Load() != 4 {
			t.Errorf("%d hints for 4 deeds", h.hints.Load())
		}
	})
}

func TestEveryDeedIsInTheLog(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.follow(id, Sent, "")
		h.get(id)
		_, err := h.Share(t.Context(), h.ada, id, usePrint)
		h.ok(err)
		h.follow(id, Undone, "")
		h.follow(id, Withdrawn, "")
		got := h.log.Actions(id)
		slices.Sort(got)
		want := []string{"referral.read", "referral.read print", "referral.write offered", "referral.write sent", "referral.write undone", "referral.write withdrawn"}
		if !slices.Equal(got, want) {
			t.Errorf("log: %q", got)
		}
	})
}

func TestWithdrawnConsentLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.ok(h.Follow(t.Context(), h.ada, id, Deed{Step: Sent, Note: "they asked for Maria"}))
		h.follow(id, Withdrawn, "")
		ref := h.get(id)
		if text := fmt.Sprintf("%+v", ref); strings.Contains(text, "Maria") || strings.Contains(text, "papers") {
			t.Fatalf("still there: %s", text)
		}
		if ref.Holds || len(ref.Release.Items) != 4 || ref.Release.Items[0].Field != Name {
			t.Errorf("what kind of lines there were is gone: %+v", ref.Release)
		}
		h.view(func(ctx context.Context, tx *db.Tx) error { // not hidden only: erased
			r, keys, err := h.access(ctx, tx, h.ada, staff.ReadReferral, id)
			h.ok(err)
			rel, err := r.openRelease(keys)
			if text := fmt.Sprintf("%+v", rel); strings.Contains(text, "Maria") {
				t.Errorf("still sealed on disk: %s", text)
			}
			return err
		})
		for _, use := range []string{usePrint, useReadOut} {
			got, err := h.Share(t.Context(), h.ada, id, use)
			h.refused(err, errs.Conflict)
			if got.ID != "" {
				t.Errorf("a refusal gave %+v", got)
			}
		}
		h.refused(h.Follow(t.Context(), h.ada, id, Deed{Step: Undone}), errs.Conflict)
		h.refused(h.Follow(t.Context(), h.ada, id, Deed{Step: Accepted}), errs.Conflict)
		if c := h.counted(facts.Outcome, "outcome"); c["withdrawn"] != 1 {
			t.Errorf("outcomes counted: %v", c)
		}
	})
}

func TestWithdrawingAfterTheEndCountsNoSecondOutcome(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.follow(id, Sent, "")
		h.follow(id, Accepted, "")
		h.follow(id, Ended, "served")
		h.follow(id, Withdrawn, "")
		if c := h.counted(facts.Outcome, "outcome"); c["served"] != 1 || len(c) != 1 {
			t.Errorf("outcomes counted: %v", c)
		}
		if ref := h.get(id); ref.State != Withdrawn || ref.Outcome != "served" || ref.Holds {
			t.Errorf("%+v", ref)
		}
	})
}

func TestAReleaseRunsOut(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.later(31 * 24 * time.Hour)
		ref := h.get(id)
		if ref.Holds || !ref.Ended || ref.Release.Items[0].Value != "" || slices.Contains(ref.CanFollow, Sent) {
			t.Fatalf("%+v", ref)
		}
		_, err := h.Share(t.Context(), h.ada, id, usePrint)
		h.refused(err, errs.Conflict)
		h.refused(h.Follow(t.Context(), h.ada, id, Deed{Step: Sent}), errs.Conflict)
		h.follow(id, Ended, "not_reached")
	})
}

func TestAMistakeIsUndoneWithinTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		h.later(time.Hour)
		h.follow(id, Sent, "")
		h.follow(id, Accepted, "")
		h.follow(id, Ended, "served")
		h.later(9 * time.Minute)
		h.follow(id, Undone, "")
		if ref := h.get(id); ref.State != Accepted || len(ref.Events) != 5 || ref.Outcome != "" {
			t.Fatalf("%+v", ref)
		}
		if c := h.counted(facts.Outcome, "outcome"); len(c) != 0 {
			t.Errorf("an undone outcome is counted: %v", c)
		}
		h.later(2 * time.Minute)
		h.refused(h.Follow(t.Context(), h.ada, id, Deed{Step: Undone}), errs.Conflict)

		wrong := h.refer()
		h.follow(wrong, Undone, "")
		ref := h.get(wrong)
		if ref.State != Undone || ref.Holds || ref.Release.Items[0].Value != "" {
			t.Fatalf("%+v", ref)
		}
		if c := h.counted(facts.Referral, "need"); c["legal"] != 1 {
			t.Errorf("referrals counted: %v", c)
		}
	})
}

func TestGivingTheNumberSharesNothing(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id, err := h.Give(t.Context(), h.ada, h.mine, ids.New(), "svc-1")
		h.ok(err)
		ref := h.get(id)
		if ref.State != Given || ref.Holds || len(ref.Release.Items) != 0 || ref.Release.Language != "" || ref.Release.Service != "svc-1" {
			t.Fatalf("%+v", ref)
		}
		if c := h.counted(facts.Referral, "need"); len(c) != 0 {
			t.Errorf("a number given is counted as a referral: %v", c)
		}
		_, err = h.Share(t.Context(), h.ada, id, usePrint)
		h.refused(err, errs.Conflict)
		for _, step := range []Step{Sent, Accepted, Ended, Withdrawn} {
			h.refused(h.Follow(t.Context(), h.ada, id, Deed{Step: step, Code: "served"}), errs.Conflict)
		}
	})
}

func TestWhoMayNotOpenTheContactCannotTellThatThereIsAReferral(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), h.refer()
		for name, s := range map[string]*staff.Session{"ben": h.ben, "case manager": h.cas} {
			for what, err := range map[string]error{
				"get":       second(h.Get(ctx, s, id)),
				"no such":   second(h.Get(ctx, s, ids.New())),
				"print":     second(h.Share(ctx, s, id, usePrint)),
				"follow":    h.Follow(ctx, s, id, Deed{Step: Sent}),
				"bad step":  h.Follow(ctx, s, id, Deed{Step: "nonsense"}),
				"refer":     second(h.Refer(ctx, s, h.mine, asked())),
				"give":      second(h.Give(ctx, s, h.mine, ids.New(), "svc-1")),
				"lines":     second(h.Lines(ctx, s, h.mine)),
				"any lines": second(h.Lines(ctx, s, ids.New())),
			} {
				if e := errs.Of(err); e.Kind != errs.NotFound || e.Word != "error.not_found" {
					t.Errorf("%s, %s: %v", name, what, err)
				}
			}
			list, err := h.Referrals(ctx, s, AllOpen, "")
			h.ok(err)
			if len(list.Lines) != 0 {
				t.Errorf("%s sees %+v", name, list.Lines)
			}
		}
		list, err := h.Referrals(ctx, h.sue, AllOpen, "")
		h.ok(err)
		if len(list.Lines) != 1 || list.Lines[0].Service != "Harbour Legal Clinic" {
			t.Errorf("the supervisor sees %+v", list.Lines)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestAContactThatMovedTakesItsReferralsAlong(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), h.refer()
		h.taken[h.mine] = h.ben.Person.ID
		h.refused(second(h.Get(ctx, h.ada, id)), errs.NotFound)
		list, err := h.Referrals(ctx, h.ada, AllOpen, "")
		h.ok(err)
		if len(list.Lines) != 0 {
			t.Errorf("ada still sees %+v", list.Lines)
		}
		h.ok(h.Follow(ctx, h.ben, id, Deed{Step: Sent}))
		h.ok(h.Follow(ctx, h.sue, id, Deed{Step: Accepted})) // a supervisor's step moves nothing
		list, err = h.Referrals(ctx, h.ben, AllOpen, "")
		h.ok(err)
		if len(list.Lines) != 1 || list.Lines[0].Staff != h.ben.Person.ID {
			t.Errorf("ben sees %+v", list.Lines)
		}
	})
}

// While the person waits anew and nobody has their contact, whoever follows the
// referral still does; nobody else.
func TestAReferralIsFollowedWhileItsContactWaits(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx, id := t.Context(), h.refer()
		h.taken[h.mine] = nobody
		list, err := h.Referrals(ctx, h.ada, AllOpen, "")
		h.ok(err)
		if len(list.Lines) != 1 {
			t.Errorf("ada follows %+v", list.Lines)
		}
		h.follow(id, Sent, "")
		h.refused(second(h.Get(ctx, h.ben, id)), errs.NotFound)
	})
}

func TestTheSameFormTwiceIsOneReferral(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		a := asked()
		var all sync.WaitGroup
		for range 10 {
			all.Go(func() {
				if id, err := h.Refer(t.Context(), h.ada, h.mine, a); err != nil || id != a.ID {
					t.Errorf("%s: %v", id, err)
				}
			})
		}
		all.Wait()
		lines, err := h.Lines(t.Context(), h.ada, h.mine)
		h.ok(err)
		if len(lines) != 1 || h.counted(facts.Referral, "need")["legal"] != 1 {
			t.Fatalf("%d referrals, counted %v", len(lines), h.counted(facts.Referral, "need"))
		}
		h.refused(second(h.Refer(t.Context(), h.ben, h.other, a)), errs.Conflict) // another's number tells nothing
	})
}

func TestTwoCannotTakeTheSameStep(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		id := h.refer()
		var mu sync.Mutex
		var all sync.WaitGroup
		won := 0
		for range 10 {
			all.Go(func() {
				err := h.Follow(t.Context(), h.ada, id, Deed{Step: Sent, Seen: 1})
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					won++
				} else if !errs.Is(err, errs.Conflict) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if won != 1 || h.get(id).Seen != 2 {
			t.Fatalf("%d won", won)
		}
	})
}

func TestWhatAReleaseMustSay(t *testing.T) {
	long := strings.Repeat("a", maxSummary+1)
	for name, c := range map[string]struct {
		change func(*Asked)
		field  string
	}{
		"nothing ticked":     {func(a *Asked) { a.Items = nil }, "share"},
		"an empty line":      {func(a *Asked) { a.Items[0].Value = " \u202e " }, "value.name"},
		"too long":           {func(a *Asked) { a.Items[3].Value = long }, "value.summary"},
		"an unknown field":   {func(a *Asked) { a.Items[0].Field = "passport" }, "share"},
		"a field twice":      {func(a *Asked) { a.Items[1] = a.Items[0] }, "share"},
		"a false language":   {func(a *Asked) { a.Items[1].Value = "the language of hers" }, "value.language"},
		"a false need":       {func(a *Asked) { a.Items[2].Value = "legal,revenge" }, "value.needs"},
		"no purpose":         {func(a *Asked) { a.Need = "" }, "need"},
		"not asked as one":   {func(a *Asked) { a.Need = "not_asked" }, "need"},
		"for ever":           {func(a *Asked) { a.Days = 36500 }, "days"},
		"no term":            {func(a *Asked) { a.Days = 0 }, "days"},
		"not said how":       {func(a *Asked) { a.How = "" }, "how"},
		"not said who":       {func(a *Asked) { a.By = "the caller" }, "by"},
		"a guardian, unsure": {func(a *Asked) { a.By = "guardian" }, "sure"},
	} {
		a := asked()
		c.change(&a)
		e := errs.Of(a.clean())
		if e.Field != c.field || e.Kind != errs.Invalid && e.Kind != errs.TooLarge {
			t.Errorf("%s: %v", name, e)
		}
		if strings.Contains(e.Error(), "passport") || strings.Contains(e.Error(), "revenge") || len(e.Error()) > 100 {
			t.Errorf("%s: the error repeats what was sent: %v", name, e)
		}
	}
	a := asked()
	a.By, a.Sure = "guardian", true
	if err := a.clean(); err != nil {
		t.Error(err)
	}
}

func TestTheListPagesWithoutGapOrRepetition(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ctx := t.Context()
		want := map[string]bool{}
		for i := range pageSize + 7 {
			if i%9 == 0 {
				h.later(24 * time.Hour)
			}
			want[h.refer()] = true
		}
		after, pages := "", 0
		var last time.Time
		for {
			list, err := h.Referrals(ctx, h.ada, AllOpen, after)
			h.ok(err)
			for _, l := range list.Lines {
				if !want[l.ID] || l.Due.Before(last) {
					t.Fatalf("repeated or out of order: %+v", l)
				}
				delete(want, l.ID)
				last = l.Due
			}
			pages++
			if after = list.Next; after == "" {
				break
			}
		}
		if len(want) != 0 || pages != 2 {
			t.Errorf("%d left out, %d pages", len(want), pages)
		}
		for _, filter := range Filters {
			if filter == Offered || filter == AllOpen {
				continue
			}
			list, err := h.Referrals(ctx, h.sue, filter, "broken-cursor")
			h.ok(err)
			if len(list.Lines) != 0 {
				t.Errorf("%s: %d lines", filter, len(list.Lines))
			}
		}
		h.refused(second(h.Referrals(ctx, h.ada, "nonsense", "")), errs.Invalid)
	})
}

// The same property as of the bare course, through the store: what is read
// back always agrees with a model that knows the rules.
func TestRandomDeedsThroughTheStore(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		runs := 0 // the bare course above has the numbers; here each deed is a commit
		rapid.Check(t, func(rt *rapid.T) {
			if runs++; runs > 25 {
				return
			}
			id := h.refer()
			model := h.get(id).Events
			for range rapid.IntRange(1, 6).Draw(rt, "deeds") {
				h.later(time.Duration(rapid.IntRange(0, 700).Draw(rt, "seconds")) * time.Second)
				e := drawEvent(rt, h.now())
				ref := h.get(id)
				err := h.Follow(context.Background(), h.ada, id, Deed{Step: e.Step, Code: e.Code})
				if (err == nil) != (course(model).check(e, ref.Holds) == nil) {
					rt.Fatalf("%s %s after %v: %v", e.Step, e.Code, model, err)
				}
				if err == nil {
					model = append(model, e)
				}
				got := h.get(id)
				if got.State != course(model).state() || len(got.Events) != len(model) {
					rt.Fatalf("stands at %s, want %s", got.State, course(model).state())
				}
				if (got.State == Withdrawn || got.State == Undone) && (got.Holds || got.Release.Items[0].Value != "") {
					rt.Fatalf("%s and still told: %+v", got.State, got.Release)
				}
			}
		})
	})
}
