package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// recoveryArgs are what a colleague does, who shows with their pass phrase that
// it is they.
type recoveryArgs struct {
	By, Passphrase string
	Name           string   // of the account that is to be let in
	Officers       []string // names
	Needed         int
	Accept         bool
	Why            string
	Share          string // typed from paper; empty: the sealed one
}

// runRecovery is "clew recovery …". Pass phrases and shares are asked for,
// never taken from the command line.
func runRecovery(ctx context.Context, args []string, s Streams) error {
	var in recoveryArgs
	var officers string
	var typed bool
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.By, "by", "", "the colleague who does it; their pass phrase is asked for")
		f.StringVar(&officers, "officers", "", "who shall hold shares: names, with commas between them")
		f.IntVar(&in.Needed, "needed", quorum.DefaultNeeded, "how many shares let somebody in")
		f.StringVar(&in.Why, "why", "", strings.Join(quorum.Whys, ", "))
		f.BoolVar(&typed, "typed", false, "type the share from paper")
	})
	if err != nil {
		return err
	}
	verb, name := "", ""
	if len(rest) > 0 {
		verb, rest = rest[0], rest[1:]
	}
	if slices.Contains([]string{"request", "cancel", "share"}, verb) && len(rest) == 1 {
		name, rest = rest[0], nil
		in.Name = name
	}
	task := map[string]string{
		"status": "status", "setup": "make", "accept": "reply", "decline": "reply", "request": "request", "cancel": "cancel", "share": "give", "paper": "paper",
	}[verb]
	switch {
	case task == "":
		return usageError{"what with the recovery key?"}
	case task == "status":
		return do(ctx, o, s, "recovery.status", struct{}{})
	case len(rest) > 0 || in.By == "" || name == "" && slices.Contains([]string{"request", "give", "cancel"}, task):
		return usageError{"--by names who does it, and request, cancel and share need the name of an account"}
	case task == "request" && !slices.Contains(quorum.Whys, in.Why):
		return usageError{"--why is one of " + strings.Join(quorum.Whys, ", ")}
	}
	if officers != "" && task == "make" {
		task, in.Officers = "name", strings.Split(officers, ",")
	}
	in.Accept = verb == "accept"
	if in.Passphrase, err = ask(s, "Pass phrase of "+in.By+": "); err != nil {
		return err
	}
	if typed {
		if in.Share, err = ask(s, "Share of "+in.By+", all four lines in one: "); err != nil {
			return err
		}
	}
	return do(ctx, o, s, "recovery."+task, in)
}

// colleague opens the account that does a deed, as signing in does.
func (a *App) colleague(ctx context.Context, in recoveryArgs) (p staff.Person, pair *seal.Pair, err error) {
	if p, pair, err = staff.Unlock(ctx, a.DB, homeAgency, in.By, in.Passphrase); err != nil {
		return p, nil, err
	}
	if p.Fresh { // whoever made the pass phrase knows it
		return p, nil, errs.New(errs.Conflict, "", fmt.Errorf("%s must first sign in and choose a pass phrase of their own", p.Name))
	}
	return p, pair, nil
}

// as does something as a colleague, in one transaction.
func (a *App) as(ctx context.Context, in recoveryArgs, need func(staff.Person) bool, do func(ctx context.Context, tx *db.Tx, p staff.Person, pair *seal.Pair) error) error {
	p, pair, err := a.colleague(ctx, in)
	if err != nil {
		return err
	}
	if need != nil && !need(p) {
		return errs.New(errs.Conflict, "", fmt.Errorf("that is not for a %s to do", p.Role))
	}
	return a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return do(ctx, tx, p, pair) })
}

func nameOfficers(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	err := a.as(ctx, in, func(p staff.Person) bool { return p.Role.May(staff.NameOfficers) }, func(ctx context.Context, tx *db.Tx, p staff.Person, _ *seal.Pair) error {
		var list []string
		for _, name := range in.Officers {
			o, err := staff.Named(ctx, tx, homeAgency, strings.TrimSpace(name))
			if err != nil {
				return err
			}
			list = append(list, o.ID)
		}
		return quorum.Name(ctx, tx, homeAgency, p.ID, in.Needed, list)
	})
	if err == nil {
		_, err = fmt.Fprintf(out, "They are asked. Each accepts on the page Recovery, or with \"clew recovery accept --by NAME\".\n")
	}
	return err
}

func replyOfficer(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	err := a.as(ctx, in, nil, func(ctx context.Context, tx *db.Tx, p staff.Person, _ *seal.Pair) error {
		return quorum.Reply(ctx, tx, p, in.Accept)
	})
	if err == nil {
		_, err = fmt.Fprintf(out, "%s has answered.\n", in.By)
	}
	return err
}

func makeShares(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	err := a.as(ctx, in, func(p staff.Person) bool { return p.Role.May(staff.AdmitStaff) }, quorum.Make)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The shares are made. The recovery key of before opens nothing here any more: destroy its paper.")
	return recoveryStatus(ctx, a, struct{}{}, out)
}

func askRecovery(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	var due time.Time
	err := a.as(ctx, in, nil, func(ctx context.Context, tx *db.Tx, p staff.Person, _ *seal.Pair) error {
		who, err := staff.Named(ctx, tx, homeAgency, in.Name)
		if err != nil {
			return err
		}
		lacking, err := lackingKeys(ctx, tx)
		if err != nil {
			return err
		}
		lacks := slices.ContainsFunc(lacking, func(p staff.Person) bool { return p.ID == who.ID })
		due = tx.Now.Add(quorum.Delay)
		_, err = quorum.Ask(ctx, tx, p, who.ID, in.Why, lacks)
		return err
	})
	if err == nil {
		_, err = fmt.Fprintf(out, "Asked. Everybody is told. Officers can give their shares from %s on.\n", a.at(due))
	}
	return err
}

// at tells a time of the machine's clock, as commands do.
func (a *App) at(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// openRequest is what is asked for an account.
func openRequest(ctx context.Context, tx *db.Tx, name string) (r quorum.Request, err error) {
	who, err := staff.Named(ctx, tx, homeAgency, name)
	if err != nil {
		return r, err
	}
	open, err := quorum.Requests(ctx, tx, homeAgency, quorum.Open)
	i := slices.IndexFunc(open, func(r quorum.Request) bool { return r.Account == who.ID })
	if err == nil && i < 0 {
		err = errs.New(errs.Conflict, "", fmt.Errorf("nothing is asked for %s", who.Name))
	}
	if err != nil {
		return r, err
	}
	return open[i], nil
}

func cancelRecovery(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	err := a.as(ctx, in, nil, func(ctx context.Context, tx *db.Tx, p staff.Person, _ *seal.Pair) error {
		r, err := openRequest(ctx, tx, in.Name)
		if err != nil {
			return err
		}
		return quorum.Cancel(ctx, tx, p, r.ID)
	})
	if err == nil {
		_, err = fmt.Fprintln(out, "The request is ended.")
	}
	return err
}

func giveShare(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	p, pair, err := a.colleague(ctx, in)
	if err != nil {
		return err
	}
	var r quorum.Request
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		r, err = openRequest(ctx, tx, in.Name)
		return err
	})
	if err == nil {
		err = a.keeper.Give(ctx, p, pair, r.ID, in.Share)
	}
	if err != nil {
		return err
	}
	return a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := quorum.Get(ctx, tx, homeAgency, r.ID)
		if err != nil {
			return err
		}
		set, _, err := quorum.Current(ctx, tx, homeAgency)
		if r.State == quorum.Done {
			_, err = fmt.Fprintf(out, "That was enough. %s opens again what they work with.\n", in.Name)
			return err
		}
		fmt.Fprintf(out, "The share is taken: %d of %d.\n", len(r.Given), set.Needed)
		return err
	})
}

func printShare(ctx context.Context, a *App, in recoveryArgs, out io.Writer) error {
	var share quorum.Share
	err := a.as(ctx, in, nil, func(ctx context.Context, tx *db.Tx, p staff.Person, pair *seal.Pair) (err error) {
		share, err = quorum.Print(ctx, tx, p, pair)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Share %d of the recovery key. Write it down and keep it where nobody else has it.\n\n", share.Number)
	for _, line := range share.Paper() {
		fmt.Fprintf(out, "    %s\n", line)
	}
	return nil
}
