package retention

import (
	"slices"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Kind is a kind of record that has rules of its own.
type Kind string

// The kinds.
const (
	Told     Kind = "contact"  // somebody made contact, and was passed to nobody
	Referred Kind = "referred" // somebody was referred: a consent may have to be shown later
)

// Part is what a rule deletes.
type Part string

// The parts, from the first to go to the last.
const (
	Attachments Part = "attachments"
	Transcript  Part = "transcript" // the conversation, where a structured record exists
	Narrative   Part = "narrative"  // what came in, the conversation, the summary
	Whole       Part = "record"
)

// Kinds and Parts are all of them, in the order of the page.
var (
	Kinds = []Kind{Told, Referred}
	Parts = []Part{Attachments, Transcript, Narrative, Whole}
)

// Rule says how long a part of a kind of record is kept.
type Rule struct {
	Kind  Kind      `json:"kind"`
	Part  Part      `json:"part"`
	Days  int       `json:"days"`  // after the end of the month of closing; 0: for ever
	Since time.Time `json:"since"` // when it became this; deletion by it begins a notice later
}

// Limits of a rule and of the notice, in days. A rule is no shorter than a
// person needs to come back about what was said, and a hundred years is a slip
// of the pen.
const (
	MinDays   = 30
	MaxDays   = 36500
	MinNotice = 7
	MaxNotice = 60
)

// Terms are the rules of an agency.
type Terms struct {
	Rules  []Rule `json:"rules"`
	Notice int    `json:"notice"` // days for which something stands on the desk before it is deleted

	Version int       `json:"-"` // 0: nobody has accepted any, and these are proposed
	Changed time.Time `json:"-"`
	Staff   string    `json:"-"`
}

// Proposed are the rules that the page proposes. No law that we know gives a
// hotline such times; the reason for each is in decision 0018.
func Proposed() Terms {
	t := Terms{Notice: 14}
	for kind, days := range map[Kind][4]int{Told: {90, 180, 365, 1095}, Referred: {180, 365, 1095, 2190}} {
		for i, part := range Parts {
			t.Rules = append(t.Rules, Rule{Kind: kind, Part: part, Days: days[i]})
		}
	}
	t.sort()
	return t
}

func (t *Terms) sort() {
	at := func(r Rule) int { return slices.Index(Kinds, r.Kind)*len(Parts) + slices.Index(Parts, r.Part) }
	slices.SortFunc(t.Rules, func(a, b Rule) int { return at(a) - at(b) })
}

// Rule gives the rule of a part.
func (t Terms) Rule(k Kind, p Part) Rule {
	for _, r := range t.Rules {
		if r.Kind == k && r.Part == p {
			return r
		}
	}
	return Rule{Kind: k, Part: p}
}

// check says what is wrong with the terms: the field of the form, and why.
func (t Terms) check() error {
	if t.Notice < MinNotice || t.Notice > MaxNotice {
		return errs.In("notice", "retention.error.notice")
	}
	for _, r := range t.Rules {
		if r.Days != 0 && (r.Days < MinDays || r.Days > MaxDays) {
			return errs.In(string(r.Kind)+"."+string(r.Part), "retention.error.days")
		}
	}
	return nil
}

// since gives each rule the time since which it is this, where it was another before.
func (t *Terms) since(before Terms, now time.Time) {
	for i := range t.Rules {
		r := &t.Rules[i]
		r.Since = now
		if was := before.Rule(r.Kind, r.Part); before.Version > 0 && was.Days == r.Days && was.Since.Before(now) {
			r.Since = was.Since
		}
	}
	t.sort()
}

// shortest is the fewest days of any rule, 0 if no rule deletes anything.
func (t Terms) shortest() (days int) {
	for _, r := range t.Rules {
		if r.Days > 0 && (days == 0 || r.Days < days) {
			days = r.Days
		}
	}
	return days
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
