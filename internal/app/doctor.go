package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/feature/admin"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// runDoctor says what is wrong and how to mend it. It exits with 1 when
// something is.
func runDoctor(ctx context.Context, args []string, s Streams) error {
	o, _, err := parse(args, nil)
	if err != nil {
		return err
	}
	problems := slices.Concat(examineFiles(o), examineFilesKey(o), examineCopies(o), examineMemory(), o.examineNames())
	for _, p := range problems {
		fmt.Fprintf(s.Out, "! %s\n", p)
	}
	if err := do(ctx, o, s, "doctor", struct{}{}); err != nil {
		return err
	}
	return toMend(len(problems))
}

// toMend is the doctor's last word, nil if all is well.
func toMend(n int) error {
	switch n {
	case 0:
		return nil
	case 1:
		return errors.New("one thing to mend")
	}
	return fmt.Errorf("%d things to mend", n)
}

// examineFiles looks at what lies on the disk, before anything is opened.
func examineFiles(o Options) (problems []string) {
	if o.Database != "" || runtime.GOOS == "windows" {
		return nil
	}
	if info, err := os.Stat(o.Data); err == nil && info.Mode().Perm()&0o077 != 0 {
		problems = append(problems, fmt.Sprintf("others can look into the data folder. Mend: chmod 700 %s", o.Data))
	}
	path, err := keyPath(o)
	if err != nil {
		return append(problems, err.Error())
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm()&0o077 != 0 && path != "-" {
		problems = append(problems, fmt.Sprintf("others can read the key of the database. Mend: chmod 600 %s", path))
	}
	_, statErr := os.Stat(path)
	if same, err := sameFolder(path, o.Data); err == nil && same && statErr == nil {
		problems = append(problems, "the key lies beside the data: a copy of the disk has both. Better: a credential of the service manager, or --key-file on another disk")
	}
	return problems
}

func sameFolder(a, b string) (bool, error) {
	pa, err := filepath.Abs(a)
	if err != nil {
		return false, err
	}
	pb, err := filepath.Abs(b)
	return filepath.Dir(pa) == filepath.Dir(pb), err
}

// examine looks at what is in the database.
func examine(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	var problems []string
	kept := ""
	say := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	done, err := a.recall(ctx, isSetUp)
	if err != nil {
		return err
	}
	if done == "" {
		say("this hotline is not set up. Mend: clew init")
	} else if kept, err = a.examineRecovery(ctx, say); err != nil {
		return err
	}
	for _, fact := range a.missingFacts(ctx) {
		say("the hotline's own facts lack: %s. Mend: sign in as administrator, Settings", fact)
	}
	if a.DB.DiskLow() {
		say("the disk is full and the reserve is in use. Mend: make room on the disk of the data")
	}
	a.examineBucket(ctx, say)
	backups, err := a.examineBackups(ctx, say)
	if err != nil {
		return err
	}
	for _, p := range problems {
		fmt.Fprintf(out, "! %s\n", p)
	}
	a.tellUnreviewed(out)
	if err := a.tellVetting(ctx, out); err != nil {
		return err
	}
	if kept != "" {
		fmt.Fprintln(out, kept)
	}
	fmt.Fprintln(out, backups)
	if err := a.tellArchive(ctx, out); err != nil {
		return err
	}
	fmt.Fprintf(out, "database: %s, reachable, tables up to date\n", a.DB.Engine())
	return toMend(len(problems))
}

// tellUnreviewed says what nobody has read yet in languages that are not ours
// to judge: a fact to know, not a fault to mend.
func (a *App) tellUnreviewed(out io.Writer) {
	for _, l := range i18n.Languages() {
		if n := len(a.Words.Unreviewed(l.Code)); n > 0 {
			fmt.Fprintf(out, "%s: nobody has reviewed %d texts that people's safety hangs on\n", l.Name, n)
		}
	}
}

// tellVetting says who lets new agencies in. That one person alone does is
// what a small organisation may have to live with, and should know.
func (a *App) tellVetting(ctx context.Context, out io.Writer) error {
	needed, waiting, err := a.features.directory.Vetters(ctx, homeAgency)
	if err != nil {
		return err
	}
	if needed < 2 {
		fmt.Fprintln(out, "warning: one person alone lets a new agency into the public directory. Better: two, in Settings, the directory")
	}
	if waiting > 0 {
		fmt.Fprintf(out, "%d agencies wait to be vetted: the public does not see their services before that\n", waiting)
	}
	return nil
}

// examineRecovery looks at who opens what, and at what is left when they cannot.
func (a *App) examineRecovery(ctx context.Context, say func(string, ...any)) (kept string, err error) {
	s, err := a.recoveryState(ctx)
	if err != nil {
		return "", err
	}
	s.problems(say)
	return s.kept(), errs.First(a.examinePeople(ctx, s.shared, say), a.examineRenewals(ctx, say))
}

func (a *App) examinePeople(ctx context.Context, shared bool, say func(string, ...any)) error {
	people, holders, err := a.people(ctx)
	if err != nil {
		return err
	}
	openers := 0
	for _, p := range people {
		switch {
		case p.Disabled || !admin.Needs(p.Role):
		case !holders.Lacks(p):
			if holders[keyring.Intake][p.ID] {
				openers++
			}
		default:
			say("%s waits to be admitted and can open nothing. Mend: clew staff admit %q --by SUPERVISOR", p.Name, p.Name)
		}
	}
	way, left := "clew staff admit NAME --recovery", "only the recovery key is"
	if shared {
		way, left = "clew recovery request NAME, then the officers", "only the officers are"
	}
	switch openers {
	case 0:
		say("nobody who is here can open contacts. Mend: %s; see docs/lost-passphrase.md", way)
	case 1:
		say("only one colleague can open contacts. If they are lost, %s left. Mend: admit a second", left)
	}
	return nil
}
