package app

import (
	"context"
	"errors"
	"flag"
	"fmt"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// runInit sets up a hotline: an administrator who runs the system and reads
// nothing, a first supervisor who holds the intake key, and the recovery key,
// which is printed once and kept nowhere.
func runInit(ctx context.Context, args []string, s Streams) error {
	admin, supervisor, generate := "admin", "supervisor", false
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&admin, "admin", admin, "the administrator's name")
		f.StringVar(&supervisor, "supervisor", supervisor, "the first supervisor's name")
		f.BoolVar(&generate, "generate", false, "make the pass phrases and print them")
	})
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"too many words"}
	}
	a, err := openData(ctx, o, s, true)
	if err != nil {
		return err
	}
	defer a.Close()
	if done, err := a.recall(ctx, isSetUp); err != nil || done != "" {
		return errs.First(err, errors.New("this hotline is set up already. \"clew staff add\" adds colleagues"))
	}
	people, made, err := firstPeople(ctx, s, generate, map[staff.Role]string{staff.Administrator: admin, staff.Supervisor: supervisor})
	if err != nil {
		return err
	}
	recovery, err := seal.NewPair()
	if err != nil {
		return err
	}
	// The key is shown before anything depends on it: what cannot be shown,
	// because the disk or the terminal is gone, must not be the only way back.
	if err := showRecovery(s, recovery); err != nil {
		return fmt.Errorf("the recovery key could not be shown, so nothing was set up: %w", err)
	}
	signedBy := ""
	err = a.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if err := setUp(ctx, tx, recovery.Public(), people, map[string]string{}); err != nil {
			return err
		}
		signedBy, err = signerFingerprint(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("nothing was set up, and the recovery key above is worthless: %w", err)
	}
	if _, err := a.features.directory.LoadStarter(ctx, homeAgency); err != nil {
		fmt.Fprintf(s.Err, "The starter directory could not be loaded (%s). Everything else is set up.\n", explain(err))
	}
	for _, n := range people {
		if phrase := made[n.Person.Name]; phrase != "" {
			if err := showPassphrase(s, n.Person.Name, phrase); err != nil {
				return err
			}
		}
	}
	_, err = fmt.Fprintf(s.Out, `
Backups of this hotline are signed by (write it beside the recovery key; it is no secret)

    %s

Next: "clew serve", sign in at /staff/ as %s, and fill in the hotline's own facts.
`, signedBy, admin)
	return err
}

func showRecovery(s Streams, recovery *seal.Pair) error {
	_, err := fmt.Fprintf(s.Out, `
Recovery key. Write it down, put it in a safe, and keep it off every machine.
It is shown this once. With it and the data, everything can be opened again.

    %s

`, paperKey(recovery))
	return err
}

// firstPeople are the first two accounts, and the pass phrases that were made
// for them, by name.
func firstPeople(ctx context.Context, s Streams, generate bool, names map[staff.Role]string) (people []staff.New, made map[string]string, err error) {
	made = map[string]string{}
	for _, role := range []staff.Role{staff.Administrator, staff.Supervisor} {
		name := names[role]
		phrase, generated, err := choosePassphrase(s, name, generate)
		if err != nil {
			return nil, nil, err
		}
		n, err := staff.Prepare(ctx, homeAgency, name, role, phrase)
		if err != nil {
			return nil, nil, err
		}
		if people = append(people, n); generated {
			made[name] = phrase
		}
	}
	return people, made, nil
}

// choosePassphrase lets somebody type their own pass phrase, or makes one.
func choosePassphrase(s Streams, name string, generate bool) (phrase string, made bool, err error) {
	if !generate {
		phrase, err = ask(s, fmt.Sprintf("Pass phrase, typed by %s (empty: one is made): ", name))
		if err != nil || phrase != "" {
			return phrase, false, err
		}
	}
	return staff.NewPassphrase(), true, nil
}

// showPassphrase comes after the account is made: one that does not work must
// not be handed to anybody.
func showPassphrase(s Streams, name, phrase string) error {
	_, err := fmt.Fprintf(s.Out, "Pass phrase for %s, shown this once: %s\n", name, phrase)
	return err
}
