package directory

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/outbound"
)

// feedNode is of db.Alone: one machine of several fetches.
const feedNode = 3

// feedOverlap is how far before the last fetch changes are asked for: clocks differ, and
// what comes twice changes nothing.
const feedOverlap = 24 * time.Hour

// FetchDue fetches the feeds that are due. It is asked every minute; what fails is
// kept with its feed and tried again later.
func (f *Feature) FetchDue(ctx context.Context, agency string) (err error) {
	defer errs.Wrap(&err, "directory.FetchDue")
	list, err := f.dueFeeds(ctx, agency)
	if err != nil || len(list) == 0 {
		return err
	}
	_, err = f.DB.Alone(ctx, feedNode, func(ctx context.Context) error {
		list, err := f.dueFeeds(ctx, agency) // another machine may have fetched meanwhile
		for _, s := range list {
			if err == nil && ctx.Err() == nil {
				_, err = f.fetch(ctx, agency, s, false)
			}
		}
		return err
	})
	return err
}

func (f *Feature) dueFeeds(ctx context.Context, agency string) (due []Subscription, err error) {
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		list, err := subscriptions(ctx, tx, agency)
		due = nil
		for _, s := range list {
			if !s.Paused && !s.Due.After(f.now()) {
				due = append(due, s)
			}
		}
		return err
	})
	return due, err
}

// Fetch fetches a feed now, or in a dry run says what would come. Why it came to
// nothing is an error and, but in a dry run, kept with the feed.
func (f *Feature) Fetch(ctx context.Context, agency, source string, dry bool) (rep *Report, err error) {
	defer errs.Wrap(&err, "directory.Fetch")
	s, err := f.subscription(ctx, agency, source)
	if err != nil {
		return newReport(), err
	}
	ran, err := f.DB.Alone(ctx, feedNode, func(ctx context.Context) error {
		if rep, err = f.take(ctx, agency, &s, dry); !dry {
			err = errors.Join(err, f.remember(ctx, agency, s, f.now(), err))
		}
		return err
	})
	if err == nil && !ran {
		err = errs.New(errs.Unavailable, "directory.sources.busy", nil)
	}
	return rep, err
}

// fetch is take for who looks at the feed's state for its errors.
func (f *Feature) fetch(ctx context.Context, agency string, s Subscription, dry bool) (rep *Report, err error) {
	at := f.now()
	rep, err = f.take(ctx, agency, &s, dry)
	if ctx.Err() != nil {
		return rep, nil //nolint:nilerr // the program ends: the next one fetches it
	}
	if _, ok := errors.AsType[feedFailure](err); err == nil || ok {
		return rep, f.remember(ctx, agency, s, at, err)
	}
	return rep, errors.Join(err, f.remember(ctx, agency, s, at, feedRefused))
}

// take reads what is new of a feed, or all of it when that is due, and imports it as
// anything else: whole, or not at all.
func (f *Feature) take(ctx context.Context, agency string, s *Subscription, dry bool) (*Report, error) {
	ctx, end := context.WithTimeout(ctx, maxFeedTime)
	defer end()
	whole := s.whole(f.now())
	if !whole && s.Upto != "" {
		w := f.reader(ctx, *s)
		w.upto = s.Upto
		switch err := w.begin(true); {
		case err == nil:
			return f.followed(ctx, agency, s, w, dry)
		case !errors.Is(err, feedStatus) && !errors.Is(err, feedForm):
			return newReport(), err
		}
		s.Walked, whole = time.Time{}, true // it has forgotten where we were, or tells no changes any more
	}
	w := f.reader(ctx, *s)
	if !whole {
		w.since = s.Since.Add(-feedOverlap)
	}
	if err := w.begin(false); err != nil {
		return newReport(), err
	}
	if w.total == 0 {
		if whole {
			return newReport(), feedEmpty // somebody should look, before everything goes
		}
		return newReport(), nil
	}
	rep, err := f.takeRecords(ctx, agency, *s, w, whole, dry)
	if err == nil && whole {
		s.Upto = w.upto
	}
	return rep, err
}

func (f *Feature) reader(ctx context.Context, s Subscription) *feedReader {
	w := &feedReader{ctx: ctx, asks: f.Asks, sub: s, now: f.now, lim: feedLimits{maxFeedPage, maxFeedAll, maxFeedList}}
	if w.asks == nil {
		w.asks = outbound.New()
	}
	return w
}

// followed takes what a feed tells of its changes: records, and then who is gone.
func (f *Feature) followed(ctx context.Context, agency string, s *Subscription, w *feedReader, dry bool) (rep *Report, err error) {
	rep = newReport()
	if w.rest.Len() > 0 {
		if rep, err = f.takeRecords(ctx, agency, *s, w, false, dry); err != nil {
			return rep, err
		}
	}
	removed, err := f.letGo(ctx, agency, s.Source, w.gone, dry)
	if rep.Removed += removed; err == nil {
		s.Upto = w.upto
	}
	return rep, err
}

// takeRecords imports what a reader gives.
func (f *Feature) takeRecords(ctx context.Context, agency string, s Subscription, w *feedReader, whole, dry bool) (*Report, error) {
	given := false
	opt := Options{Agency: agency, DryRun: dry, Replace: whole}
	if !whole { // a few of it do not say where the rest is
		if err := f.whereabouts(ctx, agency, s.Source, &opt); err != nil {
			return newReport(), err
		}
	}
	rep, err := f.Import(ctx, func() (string, io.Reader, error) {
		if given {
			return "", nil, io.EOF
		}
		given = true
		return "services.ndjson", w, nil
	}, s.Source, opt)
	if failed, ok := errors.AsType[feedFailure](w.err); ok {
		return rep, failed // why the reading ended says more than that it did
	}
	if errs.Is(err, errs.Invalid) {
		return rep, feedRefused
	}
	return rep, err
}

// whole says whether all of a feed is to be read.
func (s Subscription) whole(now time.Time) bool {
	return s.Since.IsZero() || s.Walked.IsZero() || now.Sub(s.Walked) >= wholeAt
}

func (f *Feature) whereabouts(ctx context.Context, agency, name string, opt *Options) error {
	return f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := sources(ctx, tx, agency)
		opt.Country, opt.Region = all[name].Country, all[name].Region
		return err
	})
}

// remember keeps with a feed what came of a fetch.
func (f *Feature) remember(ctx context.Context, agency string, s Subscription, at time.Time, failed error) error {
	return f.DB.Update(ctx, func(ctx context.Context, tx *db.Tx) error {
		if failed != nil {
			code := feedRefused
			if known, ok := errors.AsType[feedFailure](failed); ok {
				code = known
			}
			_, err := tx.Exec(ctx, `UPDATE directory_subscription SET failed = $3, due = $4 WHERE agency = $1 AND source = $2`,
				agency, s.Source, string(code), db.Micros(at.Add(min(s.Every, feedRetry))))
			return err
		}
		walked := s.Walked
		if s.whole(at) {
			walked = at
		}
		_, err := tx.Exec(ctx, `UPDATE directory_subscription SET failed = '', since = $3, walked = $4, due = $5, upto = $6 WHERE agency = $1 AND source = $2`,
			agency, s.Source, db.Micros(at), db.Micros(walked), db.Micros(at.Add(s.Every)), s.Upto)
		return err
	})
}
