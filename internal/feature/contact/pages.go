package contact

import (
	"embed"
	"io/fs"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

//go:embed pages/*.html words/*.json assets/*
var consoleFiles embed.FS

// Words are the catalogs of the console's pages about contacts, and the words
// of every code and error of this package.
func Words() fs.FS { return web.Folder(consoleFiles, "words") }

// Assets are the style sheet and the script of the console's pages about
// contacts.
func Assets() fs.FS { return web.Folder(consoleFiles, "assets") }

// UsePages makes the console's pages ready on a server whose words and assets
// hold [Words] and [Assets].
func (f *Feature) UsePages(s *web.Server) (err error) {
	f.Web = s
	f.pages, err = s.NewPages(nil, desk.Pages, web.Folder(consoleFiles, "pages"))
	return err
}

// Routes are the console's pages about contacts. A search is a POST although it
// changes nothing: what somebody needs, and where, and whom a colleague looks for,
// belongs in no address.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/queue", Access: staff.ReadQueue, Handle: f.showQueue},
		{Pattern: "GET /staff/queue/list", Access: staff.ReadQueue, Handle: f.showQueueList, Trace: web.OnPage},
		{Pattern: "POST /staff/contacts/next", Access: staff.TakeContact, Handle: f.postNext, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/next", Access: staff.ReadQueue, Handle: f.toQueue, Trace: web.Untraced},
		{Pattern: "GET /staff/search", Access: staff.FindContact, Handle: f.showFind, Trace: web.Untraced},
		{Pattern: "POST /staff/search", Access: staff.FindContact, Handle: f.postFind, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/new", Access: staff.WriteContact, Handle: f.showNew, Trace: web.Untraced},
		{Pattern: "POST /staff/contacts/new", Access: staff.WriteContact, Handle: f.postNew, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}", Access: staff.ReadContact, Handle: f.showContact, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/lines", Access: staff.ReadContact, Handle: f.showLines, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/help", Access: staff.ReadContact, Handle: f.showHelp, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/services", Access: staff.ReadContact, Handle: f.postServices, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/tell", Access: staff.WriteContact, Handle: f.postTell, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/take", Access: staff.TakeContact, Handle: f.postTake, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/say", Access: staff.WriteContact, Handle: f.postSay, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/draft", Access: staff.WriteContact, Handle: f.postDraft, Trace: web.Untraced},
		{Pattern: "POST /staff/contacts/{id}/record", Access: staff.WriteContact, Handle: f.postRecord, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/apart", Access: staff.WriteContact, Handle: f.postApart, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/close", Access: staff.WriteContact, Handle: f.postClose, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/return", Access: staff.WriteContact, Handle: f.postReturn, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/assign", Access: staff.WriteContact, Handle: f.postAssign, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/files", Access: staff.WriteContact, Handle: f.postFiles, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/files/{n}", Access: staff.ReadContact, Handle: f.sendFile, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/pictures/{n}", Access: staff.ReadContact, Handle: f.sendPicture, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/group", Access: staff.WriteContact, Handle: f.postGroup, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/outside", Access: staff.OpenOutside, Handle: f.showOutside, Trace: web.Untraced},
		{Pattern: "POST /staff/contacts/{id}/outside", Access: staff.OpenOutside, Handle: f.postOutside, Trace: web.ByDeed},
		{Pattern: "GET /staff/decoys", Access: staff.PlantDecoys, Handle: f.showDecoys},
		{Pattern: "POST /staff/decoys", Access: staff.PlantDecoys, Handle: f.postDecoy, Trace: web.ByDeed},
		{Pattern: "POST /staff/decoys/{id}/remove", Access: staff.PlantDecoys, Handle: f.removeDecoy, Trace: web.ByDeed},
		{Pattern: "GET /staff/contacts/{id}/{form}", Access: staff.ReadContact, Handle: f.toContact, Trace: web.Untraced},
		{Pattern: "GET /staff/floor", Access: staff.ReadFloor, Handle: f.showFloor},
		{Pattern: "GET /staff/floor/now", Access: staff.ReadFloor, Handle: f.showFloorNow, Trace: web.OnPage},
	}
}
