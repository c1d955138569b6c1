package retention

import (
	"slices"
	"time"
)

// Record is a closed contact as this package knows it: nothing of what it says.
type Record struct {
	ID       string
	Month    time.Time // in which it was closed, its first moment
	Gone     []Part    // what was deleted of it already
	Noted    bool      // it has a structured record
	Referred bool      // it has referrals
	Busy     bool      // one of them is not over
}

// Kind is which rules are for it.
func (r Record) Kind() Kind {
	if r.Referred {
		return Referred
	}
	return Told
}

// Due is something that a rule deletes, and when.
type Due struct {
	ID   string
	Kind Kind
	Part Part
	Days int // of the rule
	At   time.Time
	Held bool
}

// keeping is what holds say of a record.
type keeping struct {
	held bool
	free time.Time // when the last hold that has ended did; zero: there was none
}

// dues are what the rules delete of a record, the earliest first. A part that
// goes no earlier than the whole is left out.
func (t Terms) dues(r Record, k keeping) (list []Due) {
	if t.Version == 0 || r.Busy {
		return nil
	}
	return t.planned(r, k)
}

// planned is dues for rules that may only be proposed.
func (t Terms) planned(r Record, k keeping) (list []Due) {
	for _, p := range slices.Backward(Parts) {
		rule := t.Rule(r.Kind(), p)
		if rule.Days == 0 || slices.Contains(r.Gone, p) || p == Transcript && (!r.Noted || slices.Contains(r.Gone, Narrative)) {
			continue
		}
		d := Due{ID: r.ID, Kind: r.Kind(), Part: p, Days: rule.Days, At: t.date(rule, r, k), Held: k.held}
		if len(list) > 0 && list[0].Part == Whole && !d.At.Before(list[0].At) {
			continue
		}
		list = append(list, d)
	}
	slices.SortStableFunc(list, func(a, b Due) int { return a.At.Compare(b.At) })
	return list
}

// date is the earliest moment at which a rule may delete. The month of closing
// counts to its end; who lives by a rule or a hold that is new or has just
// ended is given notice first.
func (t Terms) date(rule Rule, r Record, k keeping) time.Time {
	at := r.Month.AddDate(0, 1, 0).Add(days(rule.Days))
	for _, since := range []time.Time{rule.Since, k.free} {
		if since.IsZero() {
			continue
		}
		if notice := since.Add(days(t.Notice)); notice.After(at) {
			at = notice
		}
	}
	return at
}
