package casework

import (
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Step is what can happen to a referral. Where a referral stands is named
// after the last step that counts.
type Step string

// The steps.
const (
	Offered   Step = "offered"   // the person agreed; nothing has left us yet
	Sent      Step = "sent"      // a colleague passed it to the service
	Accepted  Step = "accepted"  // the service takes the person
	Declined  Step = "declined"  // it does not, with a reason
	Ended     Step = "ended"     // how it came out is known
	Withdrawn Step = "withdrawn" // the person took their consent back
	Given     Step = "given"     // only the service's details were given; nothing is shared
	Undone    Step = "undone"    // the step before was a mistake; as a state, the first one was
)

// States are where a referral can stand, in the order of its course.
var States = []Step{Offered, Sent, Accepted, Declined, Ended, Withdrawn, Given, Undone}

// UndoFor is how long a step can be undone by whoever made a mistake.
const UndoFor = 10 * time.Minute

// next are the steps that can follow each state; what is not here is refused.
// Undone is apart, because it depends on time.
var next = map[Step][]Step{
	Offered:  {Sent, Ended, Withdrawn},
	Sent:     {Accepted, Declined, Ended, Withdrawn},
	Accepted: {Ended, Withdrawn},
	Declined: {Ended, Withdrawn},
	Ended:    {Withdrawn},
}

// Outcomes are how a referral can come out from each state, as the figures
// count them. "withdrawn" is never chosen: it comes with the consent.
var Outcomes = map[Step][]string{
	Offered:  {"declined_by_person", "not_reached"},
	Sent:     {"declined_by_person", "not_reached", facts.Unknown},
	Accepted: {"served", "waiting_list", "no_capacity", "not_eligible", "declined_by_service", "declined_by_person", "not_reached", facts.Unknown},
	Declined: {"no_capacity", "not_eligible", "declined_by_service", "waiting_list"},
}

// Reasons are why a service declines.
var Reasons = []string{"no_capacity", "not_eligible", "declined_by_service"}

// outcomeWithdrawn is what the figures count when consent was taken back
// before anything else came out.
const outcomeWithdrawn = "withdrawn"

// Event is one step of a referral's course.
type Event struct {
	Step  Step      `json:"step"`
	At    time.Time `json:"at"`
	Staff string    `json:"staff"`
	Code  string    `json:"code,omitempty"` // the reason of Declined, the outcome of Ended
	Note  string    `json:"note,omitempty"`

	// Counted is what the figures were told, to take it out if this is undone.
	Counted *told `json:"counted,omitempty"`
}

// told is a facts.Fact as an event keeps it.
type told struct {
	Kind   string            `json:"kind"`
	Month  string            `json:"month"`
	Region string            `json:"region,omitempty"`
	Codes  map[string]string `json:"codes"`
}

// course is a referral's events, oldest first.
type course []Event

// standing gives the events that still count: an Undone takes away the one
// before it and itself.
func (c course) standing() []Event {
	var out []Event
	for _, e := range c {
		if e.Step != Undone {
			out = append(out, e)
		} else if len(out) > 0 {
			out = out[:len(out)-1]
		}
	}
	return out
}

// state is where the referral stands.
func (c course) state() Step {
	if last := c.last(); last != nil {
		return last.Step
	}
	return Undone
}

// last is the last event that counts, nil if none does.
func (c course) last() *Event {
	if s := c.standing(); len(s) > 0 {
		return &s[len(s)-1]
	}
	return nil
}

// outcome is what the figures were told of the end, or nothing.
func (c course) outcome() string {
	for _, e := range c.standing() {
		if e.Counted != nil && e.Counted.Kind == facts.Outcome {
			return e.Counted.Codes["outcome"]
		}
	}
	return ""
}

// withdrawn says whether the consent was ever taken back. That is not undone:
// who said stop has said stop, and can say yes again.
func (c course) withdrawn() bool {
	return slices.ContainsFunc(c, func(e Event) bool { return e.Step == Withdrawn })
}

// undoable gives the event that can be undone now, nil if none can.
func (c course) undoable(now time.Time) *Event {
	last := c.last()
	if last == nil || last.Step == Withdrawn || now.Sub(last.At) > UndoFor {
		return nil
	}
	return last
}

// check says whether an event can follow. live is whether the release holds.
func (c course) check(e Event, live bool) error {
	from := c.state()
	switch {
	case e.Step == Undone:
		if c.undoable(e.At) == nil {
			return errs.New(errs.Conflict, "casework.error.undo_late", nil)
		}
		return nil
	case !slices.Contains(next[from], e.Step):
		return errs.New(errs.Conflict, "casework.error.step", nil)
	case e.Step == Sent && !live:
		return errs.New(errs.Conflict, "casework.error.expired", nil)
	case e.Step == Declined && !slices.Contains(Reasons, e.Code):
		return errs.In("code", "casework.error.reason")
	case e.Step == Ended && !slices.Contains(Outcomes[from], e.Code):
		return errs.In("code", "casework.error.outcome")
	}
	return nil
}

// looks are after how many days a colleague looks at a referral again, unless
// it is over.
var looks = map[Step]int{Offered: 1, Sent: 3, Accepted: 14, Declined: 1}

// open says whether something is still to be done.
func open(s Step) bool { return looks[s] > 0 }

// due is the day of the next look, and of a referral that is over the month:
// it stands in clear, so it is no finer than it has to be.
func due(s Step, now time.Time) time.Time {
	if days := looks[s]; days > 0 {
		return time.Date(now.Year(), now.Month(), now.Day()+days, 0, 0, 0, 0, now.Location())
	}
	return time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, now.Location())
}
