package app

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// runServe answers until it is told to stop.
func runServe(ctx context.Context, args []string, s Streams) error {
	o, rest, err := parse(args, nil)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usageError{"too many words"}
	}
	a, err := openData(ctx, o, s, false)
	if errors.Is(err, db.ErrInUse) {
		return errors.New("another clew answers from this data folder already. Stop that one first, or name another folder with --data")
	}
	if err != nil {
		return err
	}
	defer a.Close()
	demo, err := a.recall(ctx, isDemo)
	if err != nil {
		return err
	}
	if demo != "" {
		return errors.New("this data was made by \"clew demo\" and stays a demonstration: its numbers must not be called. Use another data folder or database")
	}
	if done, err := a.recall(ctx, isSetUp); err != nil || done == "" {
		return errs.First(err, errors.New("this hotline is not set up yet: run \"clew init\" first"))
	}
	for _, fact := range a.missingFacts(ctx) {
		fmt.Fprintf(s.Err, "not set yet, so not on the site: %s\n", fact)
	}
	for _, problem := range o.examineNames() {
		fmt.Fprintln(s.Err, problem)
	}
	return a.serve(ctx, false, func(address string) error {
		if !o.https() && !web.Loopback(o.Listen) {
			fmt.Fprintln(s.Err, "without --tls-cert or --acme, and without a proxy before it that speaks HTTPS, nobody can sign in from another machine")
		}
		_, err := fmt.Fprintf(s.Err, "answering on %s\n", address)
		return err
	})
}

// serve answers until ctx ends. ready is told where, once it does. keeps are
// folders that the caller goes on to need.
func (a *App) serve(ctx context.Context, demo bool, ready func(address string) error, keeps ...string) error {
	ctx, end := context.WithCancel(ctx)
	defer end() // Close waits for what runs beside
	if err := a.Options.checkBackups(); err != nil {
		return err
	}
	server, err := a.server(demo)
	if err != nil {
		return err
	}
	if err := a.usePages(ctx, server); err != nil {
		return err
	}
	h, err := a.handler(server)
	if err != nil {
		return err
	}
	l, err := a.openSockets(ctx)
	if err != nil {
		return err
	}
	if err := a.confine(ctx, keeps...); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	a.start(ctx)
	group.Go(func() error { return a.answer(ctx, l, h) })
	group.Go(func() error { return a.control(ctx) })
	a.beside.Go(func() { a.warm(ctx) })
	scheme := "http"
	if a.Options.https() {
		scheme = "https"
	}
	if err := ready(scheme + "://" + reachable(l.main.Addr())); err != nil {
		return err
	}
	return group.Wait()
}

// warm makes the directory's index before anybody asks: of a large one it takes
// seconds, and the first who looks for help would wait for them. What fails here
// is told to whoever asks.
func (a *App) warm(ctx context.Context) {
	_, _ = a.features.directory.Search(ctx, directory.Query{Agency: homeAgency, Limit: 1})
}
