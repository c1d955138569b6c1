package signin

import (
	"context"
	"embed"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/oidc"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json assets/*.js
var files embed.FS

var (
	// Words are the catalogs of these pages.
	Words = web.Folder(files, "words")
	// Assets are their scripts.
	Assets = web.Folder(files, "assets")
)

// Hub passes hints; platform/live has one.
type Hub interface {
	Publish(tx *db.Tx, topic string)
	Subscribe(ctx context.Context, topics ...string) <-chan string
}

// Standing is what an account may open.
type Standing struct {
	Admission desk.Admission
}

// Feature is the way to the desk of one agency.
type Feature struct {
	DB     *db.DB
	Hub    Hub
	Web    *web.Server
	Agency string

	// Standing tells what an account may open.
	Standing func(ctx context.Context, tx *db.Tx, p staff.Person) (Standing, error)

	// SeesContact says whether somebody may know that a contact is there, and
	// OpensContact whether they are in the group that opens it.
	SeesContact, OpensContact func(ctx context.Context, tx *db.Tx, p staff.Person, id string) (bool, error)

	// Known are words that a guess at a pass phrase begins with: the hotline's
	// name, the roles.
	Known func(ctx context.Context, tx *db.Tx) ([]string, error)

	// Provider is the organisation's own, which tells who somebody is; nil without one.
	Provider *oidc.Provider

	pages   *web.Pages
	recheck time.Duration // how often a stream asks whether its session still is one
}

// Start reads the pages.
func (f *Feature) Start() (err error) {
	f.recheck = recheck
	f.pages, err = f.Web.NewPages(nil, desk.Pages, web.Folder(files, "pages"))
	return err
}
