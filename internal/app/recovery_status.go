package app

import (
	"context"
	"fmt"
	"io"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// recoveryState is all that commands tell about the recovery key.
type recoveryState struct {
	set, proposed quorum.Set
	shared, asked bool
	open          []quorum.Request
	lacks         []quorum.Lack
	names         map[string]string
}

func (a *App) recoveryState(ctx context.Context) (s recoveryState, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if s.set, s.shared, err = quorum.Current(ctx, tx, homeAgency); err != nil {
			return err
		}
		if s.proposed, s.asked, err = quorum.Proposed(ctx, tx, homeAgency); err != nil {
			return err
		}
		if s.open, err = quorum.Requests(ctx, tx, homeAgency, quorum.Open); err != nil {
			return err
		}
		if s.lacks, err = quorum.Lacks(ctx, tx, homeAgency); err != nil {
			return err
		}
		s.names, err = staff.Names(ctx, tx, homeAgency)
		return err
	})
	return s, err
}

var holdWords = map[quorum.Hold]string{
	quorum.Holds:     "holds a share",
	quorum.PaperOnly: "has another key now: only the paper is left, if there is one",
	quorum.Missing:   "is missing: the account is closed",
}

var answerWords = map[quorum.Answer]string{quorum.NotYet: "has not answered", quorum.Accepted: "has accepted", quorum.Declined: "does not want to"}

// recoveryStatus tells how the recovery key is kept, and what is asked.
func recoveryStatus(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	s, err := a.recoveryState(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, s.kept())
	for _, o := range s.set.Officers {
		printed := ""
		if !o.Printed.IsZero() {
			printed = ", printed " + a.at(o.Printed)
		}
		fmt.Fprintf(out, "  %d  %-24s %s%s\n", o.Number, s.names[o.ID], holdWords[o.Hold()], printed)
	}
	if s.asked {
		fmt.Fprintf(out, "a new set-up is proposed: %d of %d\n", s.proposed.Needed, len(s.proposed.Officers))
		for _, o := range s.proposed.Officers {
			fmt.Fprintf(out, "  %d  %-24s %s\n", o.Number, s.names[o.ID], answerWords[o.Answer])
		}
		if s.proposed.Ready() {
			fmt.Fprintln(out, "all have accepted. Next: a supervisor makes the shares, on the page Recovery or with \"clew recovery setup --by NAME\"")
		}
	}
	now := a.DB.Now()
	for _, r := range s.open {
		fmt.Fprintf(out, "asked %s by %s for %s (%s): ", a.at(r.Asked), s.names[r.AskedBy], s.names[r.Account], r.Why)
		if r.Waits(now) {
			fmt.Fprintf(out, "shares can be given from %s on\n", a.at(r.Due()))
		} else {
			fmt.Fprintf(out, "%d of %d shares given, until %s\n", len(r.Given), s.set.Needed, a.at(r.Until()))
		}
	}
	s.problems(func(format string, args ...any) { fmt.Fprintf(out, "! "+format+"\n", args...) })
	return nil
}

// kept says in one line how the recovery key is kept.
func (s recoveryState) kept() string {
	if !s.shared {
		return "recovery key: printed, in one piece"
	}
	return fmt.Sprintf("recovery key: in shares, %d of %d officers are needed, %d can give theirs", s.set.Needed, len(s.set.Officers), s.set.Able())
}

// problems are what somebody should mend.
func (s recoveryState) problems(say func(string, ...any)) {
	if !s.shared {
		return
	}
	if s.set.Able() < s.set.Needed {
		say("too few officers can give their share: nobody could be let in without their papers. Mend: name new officers on the page Recovery, while somebody opens contacts")
	} else if s.set.Thin() {
		say("if one more officer leaves, nobody can be let in any more. Mend: name new officers on the page Recovery")
	}
	for _, l := range s.lacks {
		say("the recovery key lacks %d keys of the group %s. Mend: somebody of that group signs in", l.Keys, l.Name)
	}
	var unprinted []string
	for _, o := range s.set.Officers {
		if o.Printed.IsZero() && o.Hold() == quorum.Holds {
			unprinted = append(unprinted, s.names[o.ID])
		}
	}
	if len(s.set.Officers)-len(unprinted) < s.set.Needed {
		say("fewer than %d shares are on paper: officers who all forget their pass phrases have nothing left. Mend: each prints theirs on the page Recovery", s.set.Needed)
	}
}
