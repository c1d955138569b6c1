package casework

import (
	"embed"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json assets/*.css
var pageFiles embed.FS

var (
	// Pages are the feature's pages of the desk.
	Pages = web.Folder(pageFiles, "pages")
	// Words are what they say.
	Words = web.Folder(pageFiles, "words")
	// Assets hold the style of the printed sheet.
	Assets = web.Folder(pageFiles, "assets")
)

// Start parses the pages. It is called once, before the first request.
func (f *Feature) Start() (err error) {
	f.pages, err = f.Web.NewPages(nil, desk.Pages, Pages)
	return err
}

// Routes are the pages of referrals.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/contacts/{id}/refer", Access: staff.WriteReferral, Handle: f.referPage, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/refer", Access: staff.WriteReferral, Handle: f.refer, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/give", Access: staff.WriteReferral, Handle: f.give, Trace: web.ByDeed},
		{Pattern: "GET /staff/referrals", Access: staff.ListReferral, Handle: f.listPage, Trace: web.ByDeed},
		{Pattern: "GET /staff/referrals/{id}", Access: staff.ReadReferral, Handle: f.referralPage, Trace: web.ByDeed},
		{Pattern: "POST /staff/referrals/{id}", Access: staff.WriteReferral, Handle: f.follows, Trace: web.ByDeed},
		{Pattern: "GET /staff/referrals/{id}/print", Access: staff.ReadReferral, Handle: f.printPage, Trace: web.ByDeed},
		{Pattern: "GET /staff/referrals/{id}/read", Access: staff.ReadReferral, Handle: f.readOutPage, Trace: web.ByDeed},
	}
}

// render shows a page of the feature.
func (f *Feature) render(w http.ResponseWriter, r *http.Request, status int, page string, data any) error {
	return f.pages.Render(w, r, status, page, data)
}
