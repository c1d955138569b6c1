package app

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

type subscribeArgs struct {
	URL, Source, Key string
	Every            time.Duration
}

// subscribe begins to take a feed over. The running server fetches it within a
// minute.
func subscribe(ctx context.Context, a *App, in subscribeArgs, out io.Writer) error {
	err := a.features.directory.Subscribe(ctx, homeAgency, directory.Subscription{URL: in.URL, Source: in.Source, Key: in.Key, Every: in.Every})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s is fetched within a minute while the server runs, then every %s. Nothing of it is public before somebody checks it here.\n", in.Source, in.Every)
	if in.Key == "" {
		fmt.Fprintln(out, "It is taken without signatures. If they sign, end it and begin again with --key.")
	}
	_, err = fmt.Fprintln(out, "A server that holds itself to its ports (--confine) must be restarted once, to reach theirs.")
	return err
}

// listFeeds says what is taken over and how that goes.
func listFeeds(ctx context.Context, a *App, _ struct{}, out io.Writer) error {
	list, err := a.features.directory.Subscriptions(ctx, homeAgency)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "no feed is taken over")
		return err
	}
	words := a.Words.For(i18n.English)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "source\taddress\tkey\tlast fetched\trecords\tstate")
	for _, s := range list {
		key, at, state := s.Key, "never", "goes on"
		if key == "" {
			key = "not signed"
		}
		if !s.Since.IsZero() {
			at = s.Since.Format(dateForm)
		}
		switch {
		case s.Paused:
			state = "paused"
		case s.Failed != "":
			state = words.T("directory.sources.failed." + s.Failed)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", s.Source, s.URL, key, at, s.Records, state)
	}
	return table.Flush()
}

type feedArgs struct {
	Source string
	Dry    bool
	Keep   bool
}

// fetchFeed fetches a feed at once, or says what would come.
func fetchFeed(ctx context.Context, a *App, in feedArgs, out io.Writer) error {
	rep, err := a.features.directory.Fetch(ctx, homeAgency, in.Source, in.Dry)
	if rep != nil {
		_, _ = io.WriteString(out, rep.Summary())
	}
	return a.sayFeed(err)
}

// sayFeed puts into words why a feed could not be taken over.
func (a *App) sayFeed(err error) error {
	if code := directory.FeedFailure(err); code != "" {
		return fmt.Errorf("%s", a.Words.For(i18n.English).T("directory.sources.failed."+code))
	}
	return err
}

// endFeed ends a feed.
func endFeed(ctx context.Context, a *App, in feedArgs, out io.Writer) error {
	n, err := a.features.directory.Unsubscribe(ctx, homeAgency, in.Source, in.Keep, "")
	if err == nil {
		_, err = fmt.Fprintf(out, "%s has ended. %d records went; the list of imports at the desk can take that back.\n", in.Source, n)
	}
	return err
}
