package app

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// runRetention is "clew retention …". Both commands look, and delete nothing.
func runRetention(ctx context.Context, args []string, s Streams) error {
	o, rest, err := parse(args, nil)
	if err != nil {
		return err
	}
	switch {
	case len(rest) == 0:
		return usageError{"plan or certificate?"}
	case rest[0] == "plan" && len(rest) == 1:
		return do(ctx, o, s, "retention.plan", struct{}{})
	case rest[0] == "certificate" && len(rest) <= 2:
		return do(ctx, o, s, "retention.proof", proofArgs{strings.Join(rest[1:], "")})
	}
	return usageError{"there is no " + rest[0]}
}

// printPlan says how many of what each rule will delete when.
func printPlan(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	p, err := a.features.retention.Plan(ctx)
	if err != nil {
		return err
	}
	if p.Terms.Version == 0 {
		fmt.Fprintln(out, "Nobody has accepted any rules yet, so nothing is deleted. These would do this:")
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "record\tpart\tdays after closing\tnow\tin %d days\tin the year after\tof these held\n", p.Terms.Notice)
	for _, l := range p.Lines {
		after := fmt.Sprint(l.Days)
		if l.Days == 0 {
			after = "never"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%d\n", l.Kind, l.Part, after, l.Now, l.Soon, l.Year, l.Held)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "people who asked, confirmed, and whose seven days are over: %d\n", p.Asked)
	return err
}

type proofArgs struct{ Run string }

// printCertificate prints a signed certificate, as it was signed: the last one,
// or that of a run.
func printCertificate(ctx context.Context, a *App, in proofArgs, out io.Writer) error {
	list, err := a.features.retention.Certificates(ctx)
	if err != nil {
		return err
	}
	for _, c := range list {
		if in.Run == "" || c.Run == in.Run {
			_, err := io.WriteString(out, c.Note)
			return err
		}
	}
	if in.Run == "" {
		_, err := fmt.Fprintln(out, "nothing was deleted yet")
		return err
	}
	return errs.New(errs.NotFound, "", nil)
}
