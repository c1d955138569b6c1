package retention

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Routes are the pages of retention.
func (f *Feature) Routes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/settings/retention", Access: staff.EditRetention, Handle: f.showRules},
		{Pattern: "POST /staff/settings/retention", Access: staff.EditRetention, Handle: f.saveRules, Trace: web.ByDeed},
		{Pattern: "GET /staff/holds", Access: staff.HoldRecords, Handle: f.showHolds},
		{Pattern: "GET /staff/contacts/{id}/hold", Access: staff.HoldRecords, Handle: f.showHold, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/hold", Access: staff.HoldRecords, Handle: f.saveHold, Trace: web.ByDeed},
		{Pattern: "GET /staff/deletions", Access: staff.ConfirmDeletion, Handle: f.showTasks},
		{Pattern: "GET /staff/contacts/{id}/deletion", Access: staff.ConfirmDeletion, Handle: f.showTask, Trace: web.ByDeed},
		{Pattern: "POST /staff/contacts/{id}/deletion", Access: staff.ConfirmDeletion, Handle: f.decideTask, Trace: web.ByDeed},
	}
}

func (f *Feature) words(r *http.Request) *i18n.Printer { return f.Web.Words.For(f.Web.Lang(r)) }

// short names a contact where people speak of it, as its own page does.
func short(id string) string { return strings.ToUpper(id[:min(4, len(id))]) }

// Short names the contact that is due.
func (d Due) Short() string { return short(d.ID) }

// Short names the contact that is held.
func (h Hold) Short() string { return short(h.Contact) }

// Short names the contact that somebody wants deleted.
func (t Task) Short() string { return short(t.Contact) }

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

func contactPath(id, page string) string { return "/staff/contacts/" + url.PathEscape(id) + page }
