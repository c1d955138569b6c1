package admin

import (
	"context"
	"embed"

	"github.com/clew-hotline/clew/internal/core/keyring"
	"github.com/clew-hotline/clew/internal/core/renewal"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json migrations/*.sql
var files embed.FS

var (
	// Words are the catalogs of these pages.
	Words = web.Folder(files, "words")
	// Migrations are the tables of the hotline's own facts.
	Migrations = db.Embedded("admin", files)
)

// Hub takes hints; platform/live has one.
type Hub interface {
	Publish(tx *db.Tx, topic string)
}

// Feature is the administration of one agency.
type Feature struct {
	db     *db.DB
	hub    Hub
	web    *web.Server
	agency string
	pages  *web.Pages

	// Progress says how far what a group could open is sealed anew, after
	// somebody left it.
	Progress func(ctx context.Context, tx *db.Tx, g keyring.Group) ([]renewal.Progress, error)

	// Recovery says how the recovery key is kept, and in what kind of banner; nil
	// says nothing. It is set before the first request.
	Recovery func(ctx context.Context, tx *db.Tx, p *i18n.Printer) (kind, text string, err error)
}

// New makes the feature on a server whose Words and Assets hold those of this
// package and of the desk.
func New(server *web.Server, d *db.DB, hub Hub, agency string) (f *Feature, err error) {
	f = &Feature{db: d, hub: hub, web: server, agency: agency}
	f.pages, err = server.NewPages(nil, desk.Pages, web.Folder(files, "pages"))
	return f, err
}
