package recovery

import (
	"context"
	"embed"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json
var files embed.FS

var (
	// Words are the catalogs of these pages, and of what commands say.
	Words = web.Folder(files, "words")
	pages = web.Folder(files, "pages")
)

// Feature is the recovery of one agency's accounts.
type Feature struct {
	DB     *db.DB
	Web    *web.Server
	Agency string
	Keeper *quorum.Keeper
	// Lacking gives the accounts that lack a key that their role works with.
	Lacking func(ctx context.Context, tx *db.Tx) ([]staff.Person, error)

	pages *web.Pages
}

// Start parses the pages. It is called once, before the first request.
func (f *Feature) Start() (err error) {
	f.pages, err = f.Web.NewPages(nil, desk.Pages, pages)
	return err
}

// Routes are the pages of recovery.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/recovery", Access: staff.ReadRecovery, Handle: f.show, Trace: web.OnPage},
		{Pattern: "GET /staff/recovery/told", Access: staff.Watch, Handle: f.told, Trace: web.Untraced},
		{Pattern: "POST /staff/recovery/officers", Access: staff.NameOfficers, Handle: f.name, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/reply", Access: staff.UseRecovery, Handle: f.reply, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/shares", Access: staff.AdmitStaff, Handle: f.make, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/paper", Access: staff.UseRecovery, Handle: f.paper, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/requests", Access: staff.UseRecovery, Handle: f.ask, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/requests/{id}/cancel", Access: staff.UseRecovery, Handle: f.cancel, Trace: web.ByDeed},
		{Pattern: "POST /staff/recovery/requests/{id}/share", Access: staff.UseRecovery, Handle: f.give, Trace: web.ByDeed},
	}
}

func (f *Feature) words(r *http.Request) *i18n.Printer { return f.Web.Words.For(f.Web.Lang(r)) }
