package admin

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Routes are the pages of this feature.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/people", Access: staff.ManageStaff, Handle: f.people},
		{Pattern: "POST /staff/people", Access: staff.ManageStaff, Handle: f.addPerson, Trace: web.ByDeed},
		{Pattern: "POST /staff/people/{id}/disable", Access: staff.ManageStaff, Handle: f.disable, Trace: web.ByDeed},
		{Pattern: "POST /staff/people/{id}/lost", Access: staff.ManageStaff, Handle: f.lost, Trace: web.ByDeed},
		{Pattern: "POST /staff/people/{id}/enable", Access: staff.ManageStaff, Handle: f.enable, Trace: web.ByDeed},
		{Pattern: "GET /staff/waiting", Access: staff.AdmitStaff, Handle: f.waiting, Trace: web.OnPage},
		{Pattern: "POST /staff/waiting/{id}", Access: staff.AdmitStaff, Handle: f.admit, Trace: web.ByDeed},

		{Pattern: "GET /staff/groups", Access: staff.ReadGroups, Handle: f.groups, Trace: web.OnPage},
		{Pattern: "POST /staff/groups", Access: staff.EditGroups, Handle: f.makeGroup, Trace: web.ByDeed},
		{Pattern: "POST /staff/groups/{id}/join", Access: staff.EditGroups, Handle: f.joinGroup, Trace: web.ByDeed},
		{Pattern: "POST /staff/groups/{id}/leave", Access: staff.EditGroups, Handle: f.leaveGroup, Trace: web.ByDeed},

		{Pattern: "GET /staff/settings", Access: staff.EditSettings, Handle: f.settings},
		{Pattern: "GET /staff/settings/general", Access: staff.EditSettings, Handle: f.generalPage},
		{Pattern: "POST /staff/settings/general", Access: staff.EditSettings, Handle: f.saveGeneral, Trace: web.ByDeed},
		{Pattern: "GET /staff/settings/in/{lang}", Access: staff.EditSettings, Handle: f.localPage},
		{Pattern: "POST /staff/settings/in/{lang}", Access: staff.EditSettings, Handle: f.saveLocal, Trace: web.ByDeed},
		{Pattern: "POST /staff/settings/public/{lang}", Access: staff.EditSettings, Handle: f.setPublic, Trace: web.ByDeed},
	}
}

// shown writes into the log that somebody sees a page in answer to a form that
// failed. Where it was asked for as a page, its route leaves the entry.
func (f *Feature) shown(r *http.Request, what web.Access) error {
	if r.Method == http.MethodGet {
		return nil
	}
	return staff.From(r.Context()).ReadOn(r.Context(), f.db, audit.Entry{Action: string(what)})
}

// words speak the language in which a request is answered.
func (f *Feature) words(r *http.Request) *i18n.Printer { return f.web.Words.For(f.web.Lang(r)) }

// complaint is what a form says of an error: the field and the sentence. An
// error that is none of the person's doing is given back.
func (f *Feature) complaint(r *http.Request, err error) (wrong map[string]string, other error) {
	e := errs.Of(err)
	switch e.Kind {
	case errs.Invalid, errs.Conflict, errs.TooLarge:
		return map[string]string{e.Field: f.words(r).T(e.Word)}, nil
	default:
		return nil, err
	}
}
