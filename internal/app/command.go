package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/archive"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// command is one word of the command line.
type command struct {
	name, args, help string
	run              func(ctx context.Context, args []string, s Streams) error
}

func commands() []command {
	return []command{
		{"demo", "[--listen ADDR] [--data DIR] [--database URL] [--services N]", "try everything: a starter directory and one colleague of each role", runDemo},
		{"init", "[--admin NAME] [--supervisor NAME] [--generate]", "set up: administrator, first supervisor, recovery key", runInit},
		{"serve", "", "answer", runServe},
		{"staff", "add NAME --role ROLE | list | admit NAME --by NAME | admit NAME --recovery | lost NAME | disable NAME | enable NAME", "the people who work here", runStaff},
		{"recovery", "status | setup --officers NAMES [--needed N] --by NAME | accept | decline | setup --by NAME | request NAME --why WHY --by NAME | cancel NAME --by NAME | share NAME [--typed] --by NAME | paper --by NAME", "the recovery key among officers: who holds shares, what is asked of them", runRecovery},
		{"audit", "checkpoint | verify [FILE] [--by NAME] | key", "the log of who did what: its signed state, and whether it is whole", runAudit},
		{"import", "hsds|ohana|csv|xlsx|icarol|visionlink|wellsky|illinois DIR|FILE --source NAME [--map FILE] [--dry-run]", "take services into the directory", runImport},
		{"export", "hsds [--format json|ndjson|datapackage]", "write the directory's verified services", runExport},
		{"directory", "verify|vet --source NAME|--all --by NAME --how TEXT | key | subscribe URL --source NAME [--key FINGERPRINT] [--every 24h] | sources | fetch NAME [--dry-run] | unsubscribe NAME [--keep] | invent [--services N] [--seed S] | invent --remove", "say that a source's services were checked, or its agencies; take over feeds of others, and say by what key they know ours; fill a demonstration with services that do not exist", runDirectory},
		{"backup", "[--to DIR] [--recipients FILE] | verify FILE… --identity FILE | keygen --to FILE", "write everything into two encrypted files, also while the server runs", runBackup},
		{"restore", "CONTENT KEYS --identity FILE [--signer FINGERPRINT]", "make a hotline of a backup, where there is none", runRestore},
		{"retention", "plan | certificate [RUN]", "what the rules will delete, and proof of what they did", runRetention},
		{"doctor", "", "say what is wrong and how to mend it", runDoctor},
		{"version", "", "say which program this is", runVersion},
		{"help", "[COMMAND]", "this page, or what a command takes", runHelp},
	}
}

// usageError is a mistake on the command line; the command's own line is
// shown with it.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// Main runs a command and gives the exit status: 0 done, 1 not done, 2 not
// understood.
func Main(ctx context.Context, args []string, s Streams) int {
	keepPrivate()
	keepMemory(s)
	if len(args) == 0 {
		_ = runHelp(ctx, nil, s)
		return 2
	}
	args = asTyped(args)
	for _, c := range commands() {
		if c.name != args[0] {
			continue
		}
		err := c.run(ctx, args[1:], s)
		var usage usageError
		var help helpWanted
		switch {
		case err == nil || errors.Is(err, context.Canceled):
			return 0
		case errors.As(err, &help):
			c.explain(s.Out, help.set)
			return 0
		case errors.As(err, &usage):
			fmt.Fprintf(s.Err, "clew %s: %s\n\n  clew %s %s\n", c.name, usage.text, c.name, c.args)
			return 2
		}
		fmt.Fprintf(s.Err, "clew %s: %s\n", c.name, explain(err))
		return 1
	}
	fmt.Fprintf(s.Err, "clew: there is no command %q\n\n", args[0])
	_ = runHelp(ctx, nil, s)
	return 2
}

// asTyped reads the other ways in which people ask for help and version.
func asTyped(args []string) []string {
	switch args[0] {
	case "help":
		if len(args) > 1 {
			return []string{args[1], "--help"}
		}
	case "-h", "-help", "--help":
		return []string{"help"}
	case "-v", "-version", "--version":
		return []string{"version"}
	}
	return args
}

// explain gives an error in words where it has some, with its cause.
func explain(err error) string {
	if errors.Is(err, db.ErrInUse) {
		return "another program has this data folder open and takes no commands yet. If it is clew, it is starting or ending: try again in some seconds. Otherwise stop it first."
	}
	for _, known := range []error{db.ErrNewer, db.ErrNotEmpty, archive.ErrDamaged} {
		if errors.Is(err, known) {
			return from(err.Error(), known.Error())
		}
	}
	var e *errs.Error
	if !errors.As(err, &e) || db.IsDamaged(err) {
		return err.Error()
	}
	if e.Kind == errs.NotFound {
		return "nobody and nothing here has this name" // the public's words are about pages
	}
	if e.Kind == errs.Unavailable && e.Cause != nil {
		return "the database cannot be used: " + e.Cause.Error() // the public's words are about what they wrote
	}
	words, werr := loadWords()
	if werr != nil || !words.Has(e.Word) {
		return err.Error()
	}
	said := words.For(i18n.English).T(e.Word)
	if e.Cause != nil {
		said += " (" + e.Cause.Error() + ")"
	}
	return said
}

// from cuts off what stands before a sentence: where in the program it was
// said helps nobody who types a command.
func from(text, sentence string) string {
	if i := strings.Index(text, sentence); i >= 0 {
		return text[i:]
	}
	return text
}

// helpWanted is no mistake: somebody asked what a command takes.
type helpWanted struct{ set *flag.FlagSet }

func (helpWanted) Error() string { return "help was asked for" }

// explain writes what a command does and takes: what is its own first, then
// the options that it shares with others.
func (c command) explain(w io.Writer, set *flag.FlagSet) {
	fmt.Fprintf(w, "clew %s: %s\n\n  clew %s %s\n", c.name, c.help, c.name, c.args)
	var shared []option
	own := "\nIts own flags:\n\n"
	set.VisitAll(func(f *flag.Flag) {
		if i := slices.IndexFunc(optionTable, func(o option) bool { return o.name == f.Name && o.help == f.Usage }); i >= 0 {
			shared = append(shared, optionTable[i])
			return
		}
		fmt.Fprintf(w, "%s  --%-14s %s\n", own, f.Name, f.Usage)
		own = ""
	})
	fmt.Fprint(w, "\nOptions (flag, variable, or line of the configuration file):\n\n")
	printOptions(w, shared)
}

func runHelp(_ context.Context, _ []string, s Streams) error {
	fmt.Fprint(s.Out, "Clew: the software behind an anti-trafficking hotline.\n\n")
	for _, c := range commands() {
		fmt.Fprintf(s.Out, "  clew %-10s %s\n  %15s %s\n", c.name, c.args, "", c.help)
	}
	fmt.Fprint(s.Out, "\nOptions of every command (flag, variable, or line of the configuration file):\n\n")
	printOptions(s.Out, optionTable)
	return nil
}
