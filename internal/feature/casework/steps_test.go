package casework

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/core/facts"
)

// may is the whole of what can follow what, written down a second time and in
// another form: from, to.
var may = []string{
	"offered sent", "offered ended", "offered withdrawn",
	"sent accepted", "sent declined", "sent ended", "sent withdrawn",
	"accepted ended", "accepted withdrawn",
	"declined ended", "declined withdrawn",
	"ended withdrawn",
}

func TestOnlyWhatCanFollowFollows(t *testing.T) {
	for _, from := range States {
		for _, to := range States {
			if to == Undone {
				continue
			}
			c := course{{Step: from, At: noon}}
			e := Event{Step: to, At: noon}
			if to == Declined {
				e.Code = Reasons[0]
			}
			if to == Ended && len(Outcomes[from]) > 0 {
				e.Code = Outcomes[from][0]
			}
			want := slices.Contains(may, string(from)+" "+string(to))
			if got := c.check(e, true) == nil; got != want {
				t.Errorf("%s → %s: allowed is %v, want %v", from, to, got, want)
			}
		}
	}
}

func TestOutcomesAreThoseOfTheFigures(t *testing.T) {
	kind, _ := facts.KindOf(facts.Outcome)
	known, _ := kind.Code("outcome")
	for from, list := range Outcomes {
		for _, o := range list {
			if !slices.Contains(known.Values, o) || o == outcomeWithdrawn {
				t.Errorf("%s → %s is no outcome to choose", from, o)
			}
		}
	}
	for _, reason := range Reasons {
		if !slices.Contains(Outcomes[Declined], reason) {
			t.Errorf("a service can decline for %s, and it cannot come out so", reason)
		}
	}
}

func drawEvent(t *rapid.T, at time.Time) Event {
	kind, _ := facts.KindOf(facts.Outcome)
	codes, _ := kind.Code("outcome")
	return Event{
		Step: rapid.SampledFrom(append(slices.Clone(States), "", "open", "nonsense")).Draw(t, "step"),
		Code: rapid.SampledFrom(append(slices.Clone(codes.Values), "", "nonsense")).Draw(t, "code"),
		At:   at,
	}
}

// Whatever is tried in whatever order, what was taken is a course: it begins
// with consent, every step could follow the one before, nothing is undone
// late, and what was withdrawn stays so and is told to nobody.
func TestRandomDeedsKeepTheCourseValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := noon
		rel := Release{Items: []Item{{Name, "Maria"}}, Until: noon.Add(7 * 24 * time.Hour)}
		c := course{{Step: rapid.SampledFrom([]Step{Offered, Given}).Draw(t, "first"), At: now}}
		first := c[0].Step
		withdrawn := false
		for range rapid.IntRange(1, 30).Draw(t, "deeds") {
			now = now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(t, "minutes")) * time.Minute / time.Duration(rapid.SampledFrom([]int{1, 1000}).Draw(t, "slow")))
			live := holds(rel, c, now)
			e := drawEvent(t, now)
			before := c.state()
			if c.check(e, live) != nil {
				continue
			}
			c = append(c, e)
			after := c.state()
			switch {
			case withdrawn:
				t.Fatalf("%s came after the consent was taken back", e.Step)
			case first == Given && e.Step != Undone:
				t.Fatalf("%s came where only a number was given", e.Step)
			case e.Step == Sent && !live:
				t.Fatal("sent without a release that holds")
			case e.Step != Undone && (!slices.Contains(may, string(before)+" "+string(e.Step)) || after != e.Step):
				t.Fatalf("%s → %s, now %s", before, e.Step, after)
			case e.Step == Undone && (before == Withdrawn || now.Sub(c[:len(c)-1].last().At) > UndoFor):
				t.Fatalf("%s was undone at %s", before, now)
			}
			withdrawn = withdrawn || e.Step == Withdrawn
			if withdrawn && holds(rel, c, now) {
				t.Fatal("a release that was taken back holds")
			}
			if !slices.Contains(States, after) {
				t.Fatalf("stands at %q", after)
			}
		}
		if !now.Before(rel.Until) && holds(rel, c, now) {
			t.Fatal("a release that ran out holds")
		}
	})
}

func TestTheDayOfTheNextLookIsCoarse(t *testing.T) {
	at := time.Date(2026, 11, 23, 14, 2, 33, 7, time.UTC)
	for _, s := range States {
		d := due(s, at)
		if d.Hour() != 0 || d.Minute() != 0 || d.Second() != 0 || d.Nanosecond() != 0 {
			t.Errorf("%s: %v tells the time of day", s, d)
		}
		if over := !open(s); over && d.Day() != 1 {
			t.Errorf("%s: %v tells the day of what is over", s, d)
		}
	}
}
