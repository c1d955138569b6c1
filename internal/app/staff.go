package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// runStaff is "clew staff …". Pass phrases and the recovery key are asked for,
// never taken from the command line.
func runStaff(ctx context.Context, args []string, s Streams) error {
	var role, by string
	var generate, recovery bool
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&role, "role", "", "what they do here: "+roleNames())
		f.StringVar(&by, "by", "", "the colleague who admits: a supervisor who was admitted")
		f.BoolVar(&generate, "generate", false, "make the pass phrase and print it")
		f.BoolVar(&recovery, "recovery", false, "admit with the recovery key")
	})
	if err != nil {
		return err
	}
	verb, name, err := verbAndName(rest)
	if err != nil {
		return err
	}
	switch verb {
	case "list":
		return do(ctx, o, s, "staff.list", struct{}{})
	case "add":
		if !staff.Role(role).Valid() {
			return usageError{"--role is one of " + roleNames()}
		}
		phrase, made, err := choosePassphrase(s, name, generate)
		if err != nil {
			return err
		}
		if err := do(ctx, o, s, "staff.add", addArgs{name, role, phrase, made}); err != nil || !made {
			return err
		}
		return showPassphrase(s, name, phrase)
	case "lost":
		phrase, made, err := choosePassphrase(s, name, generate)
		if err != nil {
			return err
		}
		if err := do(ctx, o, s, "staff.lost", addArgs{name, "", phrase, made}); err != nil || !made {
			return err
		}
		return showPassphrase(s, name, phrase)
	case "admit":
		return askAdmit(ctx, o, s, name, by, recovery)
	case "disable", "enable":
		return do(ctx, o, s, "staff.disable", disableArgs{name, verb == "disable"})
	}
	return usageError{"there is no " + verb}
}

func verbAndName(rest []string) (verb, name string, err error) {
	switch {
	case len(rest) == 0:
		return "", "", usageError{"what with the staff?"}
	case rest[0] == "list" && len(rest) == 1:
		return "list", "", nil
	case len(rest) != 2:
		return "", "", usageError{"one name is needed"}
	}
	return rest[0], rest[1], nil
}

func roleNames() string {
	var names []string
	for _, r := range staff.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

type addArgs struct {
	Name, Role, Passphrase string
	HandedOver             bool // the pass phrase was made here and read by who typed the command
}

func addStaff(ctx context.Context, a *App, in addArgs, out io.Writer) error {
	var known []string
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		known, err = a.knownWords(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	n, err := staff.Prepare(ctx, homeAgency, in.Name, staff.Role(in.Role), in.Passphrase, known...)
	if err != nil {
		return err
	}
	if in.HandedOver {
		n = n.HandedOver()
	}
	err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return n.Insert(ctx, tx, "") })
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is added as %s.\n", n.Person.Name, n.Person.Role)
	if admin.Needs(n.Person.Role) {
		fmt.Fprintf(out, "They can open nothing until a supervisor admits them: on the page People, or with \"clew staff admit\".\n")
	}
	return nil
}

// lostPassphrase gives an account another key: what the old pass phrase
// opened, it opens no more, and its owner waits to be admitted.
func lostPassphrase(ctx context.Context, a *App, in addArgs, out io.Writer) error {
	var p staff.Person
	var known []string
	err := a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if known, err = a.knownWords(ctx, tx); err != nil {
			return err
		}
		p, err = staff.Named(ctx, tx, homeAgency, in.Name)
		return err
	})
	if err != nil {
		return err
	}
	n, err := staff.PrepareLost(ctx, p, in.Passphrase, known...)
	if err != nil {
		return err
	}
	if in.HandedOver {
		n = n.HandedOver()
	}
	if err := a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error { return admin.Lost(ctx, tx, homeAgency, "", n) }); err != nil {
		return err
	}
	fmt.Fprintf(out, "%s has another pass phrase.\n", p.Name)
	if admin.Needs(p.Role) {
		fmt.Fprintf(out, "They can open nothing until a supervisor admits them: on the page People, or with \"clew staff admit\".\n")
	}
	return nil
}

func listStaff(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	people, holders, err := a.people(ctx)
	for _, p := range people {
		notes := []string{}
		if p.Disabled {
			notes = append(notes, "disabled")
		}
		if holders.Lacks(p) {
			notes = append(notes, "not admitted")
		}
		if p.Fresh {
			notes = append(notes, "has to choose a pass phrase of their own")
		}
		fmt.Fprintln(out, strings.TrimSpace(fmt.Sprintf("%-24s %-14s %s", p.Name, p.Role, strings.Join(notes, ", "))))
	}
	return err
}

// people are all accounts, and which of them are in which group.
func (a *App) people(ctx context.Context) (list []staff.Person, holders admin.Holders, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		if list, err = staff.List(ctx, tx, homeAgency); err != nil {
			return err
		}
		holders, err = admin.ReadHolders(ctx, tx, homeAgency)
		return err
	})
	return list, holders, err
}

type disableArgs struct {
	Name    string
	Disable bool
}

func disableStaff(ctx context.Context, a *App, in disableArgs, out io.Writer) error {
	err := a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := staff.Named(ctx, tx, homeAgency, in.Name)
		if err != nil {
			return err
		}
		return admin.SetDisabled(ctx, tx, homeAgency, "", p.ID, in.Disable)
	})
	if err != nil {
		return err
	}
	said := "can sign in again"
	if in.Disable {
		said = "is signed out and can sign in no more"
	}
	_, err = fmt.Fprintf(out, "%s %s.\n", in.Name, said)
	return err
}

type admitArgs struct{ Name, By, Passphrase, Recovery string }

func askAdmit(ctx context.Context, o Options, s Streams, name, by string, recovery bool) (err error) {
	in := admitArgs{Name: name, By: by}
	switch {
	case recovery:
		in.Recovery, err = ask(s, "Recovery key: ")
	case by == "":
		return usageError{"--by names the supervisor who admits, or --recovery"}
	default:
		in.Passphrase, err = ask(s, "Pass phrase of "+by+": ")
	}
	if err != nil {
		return err
	}
	return do(ctx, o, s, "staff.admit", in)
}

// admitStaff lets somebody who holds the groups' keys, or the paper with the
// recovery key, bring a colleague into those that their role needs.
func admitStaff(ctx context.Context, a *App, in admitArgs, out io.Writer) error {
	holder, pair, err := a.keyHolder(ctx, in)
	if err != nil {
		return err
	}
	opens, reason := "", ""
	if in.Recovery != "" {
		reason = "with the recovery key"
	}
	err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		p, err := staff.Named(ctx, tx, homeAgency, in.Name)
		if err != nil {
			return err
		}
		if !admin.Needs(p.Role) {
			return errs.New(errs.Conflict, "", fmt.Errorf("a %s reads neither contacts nor the log", p.Role))
		}
		opens = "contacts"
		if !slices.Contains(admin.Groups(p.Role), keyring.Intake) {
			opens = "the log"
		}
		return admin.Admit(ctx, tx, homeAgency, holder, pair, p.ID, reason)
	})
	if err == nil {
		_, err = fmt.Fprintf(out, "%s can open %s now.\n", in.Name, opens)
	}
	return err
}

// keyHolder is who the groups' keys are wrapped to, and their key pair.
func (a *App) keyHolder(ctx context.Context, in admitArgs) (holder string, pair *seal.Pair, err error) {
	if in.Recovery == "" {
		p, pair, err := staff.Unlock(ctx, a.DB, homeAgency, in.By, in.Passphrase)
		return p.ID, pair, err
	}
	if pair, err = readPaperKey(in.Recovery); err != nil {
		return "", nil, err
	}
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		group, err := keyring.Find(ctx, tx, homeAgency, keyring.Recovery)
		if err == nil && !slices.Equal(group.Public.Bytes(), pair.Public().Bytes()) {
			return fmt.Errorf("this recovery key is of another hotline, or was replaced by shares: see \"clew recovery status\"")
		}
		holder = group.ID
		return err
	})
	return holder, pair, err
}
