package app

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/blind"
	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/emergency"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/fault"
	"github.com/clew-hotline/clew/internal/platform/live"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// App is the program with its database open.
type App struct {
	Options  Options
	DB       *db.DB
	Hub      *live.Hub
	Words    *i18n.Words
	Log      *slog.Logger
	features features
	renewals *renewal.Renewals
	links    *blind.Index

	emergency emergency.Table
	keeper    *quorum.Keeper // of the officers' shares

	feedKey struct { // signs what is published
		mu  sync.Mutex
		key ed25519.PrivateKey
	}

	beside sync.WaitGroup // what has to come to its end before the program does
}

// openApp opens the database, brings its tables up to date and makes the
// features. They do nothing yet; see serve.
func openApp(ctx context.Context, o Options, key []byte, log *slog.Logger) (a *App, err error) {
	a = &App{Options: o, Log: log}
	if a.Words, err = loadWords(); err != nil {
		return nil, err
	}
	if a.emergency, err = emergencyTable(o.Emergency); err != nil {
		return nil, err
	}
	cfg := db.Config{URL: o.Database, PasswordFile: o.PasswordFile, Dir: o.Data, Key: key, Reserve: diskReserve, Disk: fault.OnDisk(), Clock: clock}
	if o.Database == "" {
		if _, err := os.Stat(filepath.Join(o.Data, db.FileName)); err != nil && db.Unfinished(o.Data) {
			return nil, errors.New("a restore into this folder was begun and did not come to its end: run it again")
		}
		if err := os.MkdirAll(o.Data, 0o700); err != nil {
			return nil, fmt.Errorf("the data folder cannot be made: %w", err)
		}
	}
	a.DB, err = db.Open(ctx, cfg)
	if errors.Is(err, db.ErrKey) {
		return nil, errors.New("this key does not open the database, or the database is damaged")
	}
	if err != nil {
		return nil, damaged(o, err)
	}
	if err := a.DB.Migrate(ctx, allMigrations()); err != nil {
		return nil, a.closeAfter(damaged(o, err))
	}
	a.Hub = live.New(a.DB)
	if err := a.makeFeatures(); err != nil {
		return nil, a.closeAfter(err)
	}
	return a, nil
}

// openData is openApp with the key that the options name, made if create says so.
func openData(ctx context.Context, o Options, s Streams, create bool) (*App, error) {
	key, err := dataKey(o, s, create)
	if err != nil {
		return nil, err
	}
	return openApp(ctx, o, key, newLog(o, s.Err))
}

// damaged says what to do when the embedded database is not as this program
// leaves one: its file was cut, overwritten, or is another's.
func damaged(o Options, err error) error {
	if o.Database != "" || errs.Is(err, errs.Unavailable) && !db.IsDamaged(err) {
		return err
	}
	return fmt.Errorf("the database in %s is damaged (%w). Mend: change nothing in that folder, put a copy of it aside, and restore the last backup with \"clew restore\"; see Backup in docs/operate.md", o.Data, err)
}

func (a *App) closeAfter(err error) error {
	if a.Hub != nil {
		a.Hub.Close()
	}
	_ = a.DB.Close()
	return err
}

// Close waits for what runs and lets go of the database.
func (a *App) Close() {
	a.beside.Wait()
	a.Hub.Close()
	if err := a.DB.Close(); err != nil {
		a.Log.Error("the database did not close well", "error", err)
	}
}

// recall reads one line about the installation.
func (a *App) recall(ctx context.Context, key string) (value string, err error) {
	err = a.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		value, err = recall(ctx, tx, key)
		return err
	})
	return value, err
}

// server makes the HTTP side: words, assets, errors, who may do what.
func (a *App) server(demo bool) (*web.Server, error) {
	assets, err := web.NewAssets(assetFolders()...)
	if err != nil {
		return nil, err
	}
	if err := assets.Brief(site.Assets); err != nil {
		return nil, err
	}
	s := &web.Server{
		Words: a.Words, Assets: assets, Zone: time.UTC, Demo: demo,
		Log: a.Log, Guard: staff.Guard(a.DB, a.present), Trace: staff.Trace(a.DB),
	}
	pages, err := s.NewPages(nil, desk.Pages)
	if err != nil {
		return nil, err
	}
	s.DeskError = desk.Errors(s, pages)
	return s, nil
}

// start sets everything going that runs beside the requests, until ctx ends.
func (a *App) start(ctx context.Context) {
	a.features.contact.Start(ctx)
	a.runLinks(ctx)
	a.beside.Go(func() { a.tellFiles(ctx) })
	a.beside.Go(func() { a.renewals.Run(ctx) })
	a.keeper.Serves = true
	go every(ctx, keepEvery, func() {
		if err := a.keeper.Tend(ctx); err != nil && ctx.Err() == nil {
			a.Log.Error("requests to recover an account", "error", err)
		}
	})
	go audit.Run(ctx, a.DB, func(err error) { a.Log.Error("the log of deeds", "error", err) })
	if a.Options.BackupTo != "" {
		a.beside.Go(func() {
			every(ctx, time.Minute, func() {
				if err := a.backUp(ctx); err != nil && ctx.Err() == nil {
					a.Log.Error("no backup could be made", "error", explain(err))
				}
			})
		})
	}
	a.beside.Go(func() {
		every(ctx, time.Minute, func() {
			if err := a.features.directory.FetchDue(ctx, homeAgency); err != nil && ctx.Err() == nil {
				a.Log.Error("a feed could not be taken over", "error", err)
			}
		})
	})
	go a.features.retention.Work(ctx, func(err error) { a.Log.Error("not every part that is due was deleted", "error", err) })
	a.beside.Go(func() { // an end in the midst of a night's work is waited for
		every(ctx, time.Minute, func() {
			if err := a.features.retention.Daily(ctx); err != nil && ctx.Err() == nil {
				a.Log.Error("not everything that is due was deleted", "error", err)
			}
		})
	})
	go every(ctx, time.Minute, func() {
		for name, sweep := range map[string]func(context.Context) error{
			"sessions": func(ctx context.Context) error { return staff.Sweep(ctx, a.DB) },
			"requests": a.features.contact.Sweep,
			"files":    a.features.contact.SweepFiles,
			"uploads":  a.features.directory.Sweep,
			"words":    a.features.directory.SweepSuggestions,
			"zone":     a.moveZone,
			"reserve":  func(context.Context) error { return a.refill() },
			"trim":     a.DB.TrimLog,
			"log":      a.sweepLog,
		} {
			if err := sweep(ctx); err != nil && ctx.Err() == nil {
				a.Log.Error("sweep", "what", name, "error", err)
			}
		}
	})
}

// sweepLog drops the log's keys that have had their time, and puts in order
// what another machine wrote and left behind when it ended.
func (a *App) sweepLog(ctx context.Context) error {
	audit.Forget(a.DB, time.Now())
	return audit.SequenceAll(ctx, a.DB)
}

// clock is nil, which is the machine's own; see SetClock.
var clock func() time.Time

// SetClock gives programs that are opened from then on another clock. Tests use
// it to come to the end of a delay without waiting; nothing else does.
func SetClock(now func() time.Time) { clock = now }

// diskReserve is kept free for the day on which the disk is full, in bytes:
// room for some ten thousand contacts while somebody makes more.
const diskReserve = 32 << 20

// refill takes the reserve again once there is room.
func (a *App) refill() error {
	if !a.DB.DiskLow() {
		return nil
	}
	a.Log.Warn("the disk is full: contacts are taken into the reserve. Make room")
	return a.DB.Refill()
}

func every(ctx context.Context, d time.Duration, do func()) {
	tick := time.NewTicker(d)
	defer tick.Stop()
	for {
		do()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// handler joins the routes of all features.
func (a *App) handler(s *web.Server) (http.Handler, error) {
	return s.Handler(append(a.features.routes(), a.healthRoutes()...))
}
