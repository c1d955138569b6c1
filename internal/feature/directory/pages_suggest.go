package directory

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

func (f *Feature) suggestRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/suggestions", Access: staff.HearPublic, Handle: f.showSuggestions},
		{Pattern: "POST /staff/directory/suggestions/{id}", Access: staff.HearPublic, Handle: f.postDecide, Trace: web.ByDeed},
	}
}

// suggestionsPage is what the public says, and what came of it.
type suggestionsPage struct {
	Waiting, Decided []suggestionLine
	Leads            bool // who looks opens what the public sends
	Error            string
}

type suggestionLine struct {
	Suggestion
	Name string // of the service; "" if it is gone, or none was meant
}

func (f *Feature) showSuggestions(w http.ResponseWriter, r *http.Request) error {
	return f.suggestions(w, r, "", http.StatusOK)
}

func (f *Feature) suggestions(w http.ResponseWriter, r *http.Request, wrong string, status int) error {
	s := staff.From(r.Context())
	list, err := f.Suggestions(r.Context(), s.Person.Agency, "")
	if err != nil {
		return err
	}
	page := suggestionsPage{Leads: s.May(staff.ReadContact), Error: wrong}
	names := map[string]string{}
	for _, one := range list {
		if _, known := names[one.Service]; !known && one.Service != "" {
			d, err := f.Service(r.Context(), s.Person.Agency, one.Service)
			if err != nil && !errs.Is(err, errs.NotFound) { // its source took it away meanwhile
				return err
			}
			names[one.Service] = d.Name
		}
		line := suggestionLine{one, names[one.Service]}
		if one.Decided.IsZero() {
			page.Waiting = append(page.Waiting, line)
		} else {
			page.Decided = append(page.Decided, line)
		}
	}
	return f.pages.Render(w, r, status, "suggestions", page)
}

func (f *Feature) postDecide(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	s := staff.From(r.Context())
	err = f.Decide(r.Context(), s.Person.Agency, r.PathValue("id"), form.Get("do"), form.Get("note"))
	if e := errs.Of(err); err != nil && e.Kind == errs.Invalid {
		return f.suggestions(w, r, f.words(r).T(e.Word), e.Kind.Status())
	}
	if err != nil {
		return err
	}
	if service := form.Get("service"); form.Get("do") == decidedCheck && service != "" && s.May(staff.VerifyDirectory) { // who checks goes on with that
		return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(service)+"#check")
	}
	return web.Redirect(w, "/staff/directory/suggestions")
}
