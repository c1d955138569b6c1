package oversight

import (
	"context"
	"embed"
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json
var files embed.FS

var (
	// Words are the catalogs of these pages, and what is said of a damaged log.
	Words = web.Folder(files, "words")
	pages = web.Folder(files, "pages")
)

// Feature is the oversight of one agency.
type Feature struct {
	DB     *db.DB
	Web    *web.Server
	Agency string
	// Contact gives what is needed to find a contact's entries, for a
	// colleague who may open the contact. For anybody else, and where there is
	// none, it says NotFound.
	Contact func(ctx context.Context, s *staff.Session, id string) (Subject, error)
	// Sees says whether somebody may know that a contact is there.
	Sees func(ctx context.Context, tx *db.Tx, p staff.Person, id string) (bool, error)

	pages *web.Pages
	state state
}

// Subject is a contact as the log knows it.
type Subject struct {
	Tag      audit.Tag
	Since    time.Time // no entry is older
	Language string    // of the person, as facts names languages
}

// Start parses the pages. It is called once, before the first request.
func (f *Feature) Start() (err error) {
	f.pages, err = f.Web.NewPages(nil, desk.Pages, pages)
	return err
}

// Routes are the pages of oversight.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/log", Access: staff.ReadAudit, Handle: f.showLog},
		{Pattern: "GET /staff/log/checkpoint", Access: staff.ReadAudit, Handle: f.saveCheckpoint},
		{Pattern: "GET /staff/outside", Access: staff.ReadOutside, Handle: f.showOutside},
		{Pattern: "GET /staff/outside/now", Access: staff.ReadOutside, Handle: f.showOutsideNow, Trace: web.OnPage},
		{Pattern: "GET /staff/contacts/{id}/seen", Access: staff.SeeReaders, Handle: f.showSeen, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/seen/print", Access: staff.SeeReaders, Handle: f.printSeen, Trace: web.ByDeed},
	}
}

func (f *Feature) words(r *http.Request) *i18n.Printer { return f.Web.Words.For(f.Web.Lang(r)) }
