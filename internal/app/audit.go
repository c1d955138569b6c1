package app

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// runAudit is "clew audit …". Whether entries are what they were needs no pass
// phrase; whether records are what entries say, that of somebody who reads them.
func runAudit(ctx context.Context, args []string, s Streams) error {
	var by string
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&by, "by", "", "a colleague who reads the log, to compare the records with it too")
	})
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return usageError{"what with the log?"}
	case rest[0] == "checkpoint" && len(rest) == 1:
		return do(ctx, o, s, "audit.checkpoint", struct{}{})
	case rest[0] == "key" && len(rest) == 1:
		return do(ctx, o, s, "audit.key", struct{}{})
	case rest[0] == "verify" && len(rest) <= 2:
		var in logArgs
		if len(rest) == 2 {
			if in.Kept, err = keptCheckpoints(rest[1]); err != nil {
				return err
			}
		}
		if in.By = by; by != "" {
			if in.Passphrase, err = ask(s, "Pass phrase of "+by+": "); err != nil {
				return err
			}
		}
		return do(ctx, o, s, "audit.verify", in)
	}
	return usageError{"there is no " + rest[0]}
}

// maxKept bounds a file of checkpoints, in bytes.
const maxKept = 16 << 20

func keptCheckpoints(path string) ([]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the file of checkpoints cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }()
	b, err := io.ReadAll(io.LimitReader(f, maxKept+1))
	if err != nil {
		return nil, fmt.Errorf("the file of checkpoints cannot be read: %w", err)
	}
	if len(b) > maxKept {
		return nil, fmt.Errorf("the file of checkpoints is too large")
	}
	return audit.SplitCheckpoints(string(b))
}

// printCheckpoint says where the log stands, in a form that an outsider can
// keep and that nobody can deny later.
func printCheckpoint(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	c, err := audit.Head(ctx, a.DB, homeAgency)
	if err == nil {
		_, err = io.WriteString(out, c.Note)
	}
	return err
}

// printLogKey prints the public key with which anybody can check a checkpoint.
func printLogKey(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	key, err := audit.Verifier(ctx, a.DB, homeAgency)
	if err == nil {
		_, err = fmt.Fprintln(out, key)
	}
	return err
}

type logArgs struct {
	Kept           []string
	By, Passphrase string
}

// verifyLog says in words what is wrong with the log.
func verifyLog(ctx context.Context, a *App, in logArgs, out io.Writer) error {
	r, err := audit.Verify(ctx, a.DB, homeAgency, in.Kept)
	if err != nil {
		return err
	}
	p := a.Words.For(i18n.English)
	for _, problem := range r.Problems {
		fmt.Fprintf(out, "! %s\n", sayProblem(p, problem))
	}
	if r.Agree > 0 {
		fmt.Fprintln(out, p.T("log.agree", "count", r.Agree))
	}
	if !r.Whole() {
		return fmt.Errorf("the log of %s entries is not as it was written", p.Number(r.Size))
	}
	if _, err := fmt.Fprintln(out, p.T("log.whole", "count", r.Size)); err != nil || in.By == "" {
		return err
	}
	return a.verifyRecords(ctx, in, out)
}

func sayProblem(p *i18n.Printer, problem audit.Problem) string {
	return p.T(problem.Word, "entry", problem.Entry, "count", problem.Count)
}
