package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"time"
)

type verifyArgs struct{ Source, By, How string }

// runDirectory is "clew directory …".
func runDirectory(ctx context.Context, args []string, s Streams) error {
	if slices.Contains(args, "invent") {
		return runInvent(ctx, args, s)
	}
	return runChecked(ctx, args, s)
}

// runChecked is "clew directory verify", "vet" and "key".
func runChecked(ctx context.Context, args []string, s Streams) error {
	var in verifyArgs
	var feed subscribeArgs
	var of feedArgs
	var all bool
	o, rest, err := parse(args, func(f *flag.FlagSet) {
		f.StringVar(&in.Source, "source", "", "the set whose services were checked; a name for a feed")
		f.StringVar(&in.By, "by", "", "who checked them")
		f.StringVar(&in.How, "how", "", "how: by telephone, on their site …")
		f.BoolVar(&all, "all", false, "every set")
		f.StringVar(&feed.Key, "key", "", "of subscribe: the fingerprint that has to sign all that comes; compare it by telephone")
		f.DurationVar(&feed.Every, "every", 24*time.Hour, "of subscribe: how often")
		f.BoolVar(&of.Dry, "dry-run", false, "of fetch: say what would come and write nothing")
		f.BoolVar(&of.Keep, "keep", false, "of unsubscribe: keep the services that were edited or checked here")
	})
	if err != nil {
		return err
	}
	if len(rest) == 2 {
		feed.URL, feed.Source, of.Source = rest[1], in.Source, rest[1]
		switch rest[0] {
		case "subscribe":
			if in.Source == "" {
				return usageError{"a feed needs a name: --source"}
			}
			return do(ctx, o, s, "directory.subscribe", feed)
		case "fetch":
			return do(ctx, o, s, "directory.fetch", of)
		case "unsubscribe":
			return do(ctx, o, s, "directory.unsubscribe", of)
		}
	}
	switch {
	case len(rest) == 1 && rest[0] == "key":
		return do(ctx, o, s, "directory.key", struct{}{})
	case len(rest) == 1 && rest[0] == "sources":
		return do(ctx, o, s, "directory.sources", struct{}{})
	case len(rest) != 1 || rest[0] != "verify" && rest[0] != "vet" || (in.Source == "") == !all || in.By == "" || in.How == "":
		return usageError{"verify or vet which source, by whom, how?"}
	}
	return do(ctx, o, s, "directory."+rest[0], in)
}

// vetDirectory vouches for all agencies of a source at once: for who knows
// where the set is from.
func vetDirectory(ctx context.Context, a *App, in verifyArgs, out io.Writer) error {
	n, err := a.features.directory.VetAll(ctx, homeAgency, in.Source, in.By, in.How)
	if err == nil {
		_, err = fmt.Fprintf(out, "%d agencies are vetted now; those that were, and those that somebody doubts, are as they were.\n", n)
	}
	return err
}

func verifyDirectory(ctx context.Context, a *App, in verifyArgs, out io.Writer) error {
	n, err := a.features.directory.VerifyAll(ctx, homeAgency, in.Source, in.By, in.How)
	if err == nil && n == 0 {
		return errors.New("there is nothing to verify: no service is offered, or no source has this name")
	}
	if err == nil {
		_, err = fmt.Fprintf(out, "%d services are verified.\n", n)
	}
	return err
}
