package directory

import (
	"context"
	"embed"
	"io/fs"
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

//go:embed words/*.json
var wordFiles embed.FS

//go:embed pages/*.html
var pageFiles embed.FS

// Migrations are the directory's tables.
var Migrations = db.Migrations{Name: "directory", FS: within(migrationFiles, "migrations")}

// Words are the directory's catalogs.
func Words() fs.FS { return wordFiles }

func within(f embed.FS, folder string) fs.FS {
	sub, err := fs.Sub(f, folder)
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// Feature is the directory. Its methods may be called from many goroutines.
type Feature struct {
	DB *db.DB
	// Seal encrypts what a confidential location may not show to those entitled
	// to it, bound to the agency and the record. While it is nil, such an
	// address is not stored at all.
	Seal func(ctx context.Context, tx *db.Tx, agency, record string, plain []byte) ([]byte, error)
	// Unseal opens what was sealed, for a colleague who holds the key: NotFound for
	// any other. While it is nil nothing is opened.
	Unseal func(ctx context.Context, tx *db.Tx, s *staff.Session, agency, record string, sealed []byte) ([]byte, error)
	// Log writes a deed into the log of who did what, in the transaction that
	// does it. While it is nil nothing is written.
	Log func(ctx context.Context, tx *db.Tx, agency, staff, action, record string) error
	// Scratch is the folder for what a large import puts aside, sealed, until it
	// is joined; "" is the system's own for such.
	Scratch string
	// Asks fetches feeds of others; nil is a client that asks no machine inside.
	// Plain lets them be of plain HTTP, for tests.
	Asks  *http.Client
	Plain bool
	// Now is the clock for searches; nil is the real one.
	Now func() time.Time

	web     *web.Server
	pages   *web.Pages
	uploads waiting

	indexes   newest[index]
	published newest[Published]
	signals   newest[evidence]
}

// New makes the directory. Without a server (a command on the command line) it
// has no pages.
func New(d *db.DB, s *web.Server) (*Feature, error) {
	f := &Feature{DB: d}
	if s == nil {
		return f, nil
	}
	return f, f.UsePages(s)
}

// UsePages makes the console's pages ready on a server whose words hold [Words].
func (f *Feature) UsePages(s *web.Server) (err error) {
	f.web = s
	f.pages, err = s.NewPages(nil, desk.Pages, within(pageFiles, "pages"))
	return err
}

// log writes that somebody did something to a record; without a session it
// was a command.
func (f *Feature) log(ctx context.Context, tx *db.Tx, agency string, action web.Access, record string) error {
	if f.Log == nil {
		return nil
	}
	return f.Log(ctx, tx, agency, staffOf(ctx), string(action), record)
}

// staffOf is the id of the colleague whose session this is; "" for a command.
func staffOf(ctx context.Context) string {
	if s := staff.From(ctx); s != nil {
		return s.Person.ID
	}
	return ""
}

// now is the time in the zone of the hotline, whose days count: what was checked
// this evening was not checked tomorrow.
func (f *Feature) now() time.Time {
	now := time.Now
	if f.Now != nil {
		now = f.Now
	}
	if f.web == nil {
		return now()
	}
	return now().In(f.web.Here())
}
