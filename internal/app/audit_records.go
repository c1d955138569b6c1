package app

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/casework"
	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// witnessed is a kind of record whose states the log knows.
type witnessed struct {
	word  string // the problem of one that is not what was written last
	made  string // what the log knows from the beginning, if it knows this kind from when one is made
	ids   func(ctx context.Context, tx *db.Tx, agency, after string, limit int) ([]string, error)
	state func(ctx context.Context, tx *db.Tx, agency, id string) (audit.State, error)
}

func (a *App) witnessed() []witnessed {
	return []witnessed{
		{"log.problem.contact", "", a.features.contact.IDs, contact.StateOf},
		{"log.problem.referral", "", a.features.casework.IDs, casework.StateOf},
		{"log.problem.group", string(staff.EditGroups) + " made", audit.GroupIDs, audit.GroupStateOf},
		{"log.problem.account", string(staff.ManageStaff), staff.IDs, staff.StateOf},
		{"log.problem.officers", string(staff.ManageStaff), quorum.IDs, quorum.StateOf},
	}
}

// recordsChecked is what came of comparing records with the log.
type recordsChecked struct {
	agree, unknown int
	problems       []audit.Problem
	named          []string
	people         map[string]string // by their ids
}

// verifyRecords compares what is there of each record with what the log says was
// written last. It takes the key of a colleague who reads the log: what an entry
// says of a record is sealed. Everything is read as it is at one moment.
func (a *App) verifyRecords(ctx context.Context, in logArgs, out io.Writer) error {
	person, pair, err := staff.Unlock(ctx, a.DB, homeAgency, in.By, in.Passphrase)
	if err != nil {
		return err
	}
	if err := audit.SequenceAll(ctx, a.DB); err != nil {
		return err
	}
	var c recordsChecked
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		c = recordsChecked{}
		reader, err := audit.Open(ctx, tx, homeAgency, person.ID, pair)
		if errs.Is(err, errs.NotFound) {
			return errs.New(errs.Conflict, "", fmt.Errorf("%s does not read the log. An auditor does, or a supervisor who was admitted", person.Name))
		}
		if err != nil {
			return err
		}
		history, err := reader.History(ctx, tx)
		if err != nil {
			return err
		}
		if c.people, err = staff.Names(ctx, tx, homeAgency); err != nil {
			return err
		}
		return a.compare(ctx, tx, history, &c)
	})
	if err != nil {
		return err
	}
	p := a.Words.For(i18n.English)
	for i, problem := range c.problems {
		fmt.Fprintf(out, "! %s\n", p.T(problem.Word, "record", c.named[i]))
	}
	fmt.Fprintln(out, p.T("log.records", "count", c.agree))
	if c.unknown > 0 {
		fmt.Fprintln(out, p.T("log.records.unknown", "count", c.unknown))
	}
	if n := len(c.problems); n > 0 {
		return fmt.Errorf("%d records are not as they were written last", n)
	}
	return nil
}

// recordsAtOnce is how many records are asked for at a time.
const recordsAtOnce = 500

func (a *App) compare(ctx context.Context, tx *db.Tx, history audit.History, c *recordsChecked) error {
	there := map[string]bool{}
	for _, kind := range a.witnessed() {
		holds, whole := history.Holds, history.Always(kind.made)
		if whole {
			holds = history.HoldsWhole
		}
		for after := ""; ; {
			ids, err := kind.ids(ctx, tx, homeAgency, after, recordsAtOnce)
			if err != nil {
				return err
			}
			for _, id := range ids {
				there[id], after = true, id
				if !whole && !history.Known(id) {
					c.unknown++
					continue
				}
				now, err := kind.state(ctx, tx, homeAgency, id)
				if err != nil {
					return err
				}
				c.note(holds(id, now), kind.word, id)
			}
			if len(ids) < recordsAtOnce {
				break
			}
		}
	}
	for _, id := range history.Records() {
		if !there[id] {
			c.note(history.Holds(id, audit.Gone), "log.problem.gone", id)
		}
	}
	return nil
}

func (c *recordsChecked) note(holds bool, word, id string) {
	if holds {
		c.agree++
		return
	}
	c.problems = append(c.problems, audit.Problem{Word: word})
	name := c.people[id]
	if name == "" {
		name = strings.ToUpper(id)
	}
	c.named = append(c.named, name)
}
