package retention

import (
	"context"
	"slices"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Safe is how a person said that they can be reached, as far as asking them
// needs it.
type Safe struct {
	Channel              string // phone, text, email; empty or none
	Address              string
	From, To             string // local time, "18:00"
	Speak, Voicemail     string // yes, no, or anything else for not known
	Text                 string
	WhoAnswers           string
	CoverStory, SafeWord string
	Note                 string
}

// Way is how a colleague became sure that it is the person who wants it.
type Way string

// The ways.
const (
	BySafe     Way = "safe"     // asked over the safe way that the person gave
	ByWord     Way = "word"     // the person said the word that they had chosen
	InPerson   Way = "person"   // they came, and are known here
	Supervisor Way = "decision" // none of these can be; a supervisor decides
)

// ways are those that there are for a request: each needs what it names.
func (s Safe) ways(role staff.Role, waited bool) (list []Way) {
	if s.reachable() {
		list = append(list, BySafe)
	}
	if s.SafeWord != "" {
		list = append(list, ByWord)
	}
	list = append(list, InPerson)
	// Without a safe way nobody can be asked, and waiting for ever would be a
	// refusal that nobody answers for.
	if len(list) == 1 && role == staff.Supervisor && waited {
		list = append(list, Supervisor)
	}
	return list
}

// reachable says that the person gave a way which they hold for safe.
func (s Safe) reachable() bool {
	switch s.Channel {
	case "phone":
		return s.Address != "" && (s.Speak != "no" || s.Voicemail != "no")
	case "text", "email":
		return s.Address != "" && s.Text != "no"
	}
	return false
}

// Confirm says that a colleague who may open the contact is sure that the
// person wants it deleted, in which way, and in words how. The run deletes it
// when seven days have passed since the person asked, and no hold is on it.
func (f *Feature) Confirm(ctx context.Context, s *staff.Session, contactID string, way Way, how string) (err error) {
	defer errs.Wrap(&err, "retention.Confirm")
	if how, err = reason(how); err != nil {
		return err
	}
	safe, err := f.Safe(ctx, s, contactID)
	if err != nil {
		return err
	}
	return f.decide(ctx, s, contactID, func(r Request, waited bool) (State, string, error) {
		if !slices.Contains(safe.ways(s.Person.Role, waited), way) {
			return "", "", errs.In("way", "retention.error.way")
		}
		return Confirmed, string(way) + ": " + how, nil
	})
}

// Decline says that the person does not want it, or that nobody could be sure.
// The person's page says so: it never happens silently.
func (f *Feature) Decline(ctx context.Context, s *staff.Session, contactID, why string) (err error) {
	defer errs.Wrap(&err, "retention.Decline")
	if why, err = reason(why); err != nil {
		return err
	}
	return f.decide(ctx, s, contactID, func(Request, bool) (State, string, error) { return Declined, why, nil })
}

func (f *Feature) decide(ctx context.Context, s *staff.Session, contactID string, to func(r Request, waited bool) (State, string, error)) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, contactID)
		if err != nil {
			return err
		}
		r, err := getRequest(ctx, tx, f.Agency, contactID)
		if err != nil && !errs.Is(err, errs.NotFound) {
			return err
		}
		if err != nil || r.State == Declined {
			return errs.New(errs.Conflict, "retention.error.no_request", err) // taken back meanwhile
		}
		state, why, err := to(r, !tx.Now.Before(r.Earliest()))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE retention_requests SET state = $3, staff = $4 WHERE agency = $1 AND contact = $2`,
			f.Agency, contactID, string(state), s.Person.ID)
		if err != nil {
			return err
		}
		f.changed(tx, contactID)
		return s.Log(ctx, tx, audit.Entry{Action: string(staff.ConfirmDeletion) + " " + string(state), Record: contactID, Tag: audit.TagOf(keys.Lineage()), Reason: why})
	})
}

// Task is a request that waits for a colleague.
type Task struct {
	Request
	Waited bool // the seven days are over
	Held   bool
}

// mostTasks bounds what one page lists.
const mostTasks = 500

// Tasks are the requests about contacts that the colleague may open, the
// oldest first.
func (f *Feature) Tasks(ctx context.Context, s *staff.Session) (list []Task, err error) {
	defer errs.Wrap(&err, "retention.Tasks")
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list = nil
		rows, err := tx.Query(ctx, `SELECT contact, asked, state, staff FROM retention_requests WHERE agency = $1 AND state <> $2
			ORDER BY state, asked, contact LIMIT $3`, f.Agency, string(Declined), mostTasks)
		if err != nil {
			return err
		}
		defer rows.Close()
		var all []Task
		for rows.Next() {
			var t Task
			var at int64
			if err := rows.Scan(&t.Contact, &at, &t.State, &t.Staff); err != nil {
				return err
			}
			t.Asked = db.Time(at)
			all = append(all, t)
		}
		if err := errs.First(rows.Err(), rows.Close()); err != nil {
			return err
		}
		kept, err := keepingOf(ctx, tx, f.Agency)
		if err != nil {
			return err
		}
		for _, t := range all {
			knows, err := f.knows(ctx, tx, s, t.Contact) // a reason is asked for when it is opened; the line says nothing
			if err != nil {
				return err
			}
			if !knows {
				continue
			}
			t.Waited, t.Held = !tx.Now.Before(t.Earliest()), kept[t.Contact].held
			list = append(list, t)
		}
		return nil
	})
	return list, err
}
