package directory

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// postInvite shows a provider's link once: only its hash is kept.
func (f *Feature) postInvite(w http.ResponseWriter, r *http.Request) error {
	secret, err := f.Invite(r.Context(), staff.From(r.Context()).Person.Agency, r.PathValue("id"))
	if err != nil {
		return err
	}
	return f.serviceWith(w, r, url.Values{}, nil, func(page *servicePage) { page.Link = web.Origin(r) + "/listing/" + secret })
}

func (f *Feature) postSettle(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	err = f.Settle(r.Context(), staff.From(r.Context()).Person.Agency, id, form.Get("proposal"), form.Get("do") == "take")
	if err != nil && !errs.Is(err, errs.NotFound) { // a colleague was faster: the page shows what came of it
		return f.service(w, r, form, err)
	}
	return web.Redirect(w, "/staff/directory/services/"+url.PathEscape(id)+"#history")
}

type waitingPage struct{ Services []Result }

// showWaiting lists the services of which somebody outside said that something
// is otherwise.
func (f *Feature) showWaiting(w http.ResponseWriter, r *http.Request) error {
	agency := staff.From(r.Context()).Person.Agency
	list, err := f.Waiting(r.Context(), agency)
	if err != nil {
		return err
	}
	var page waitingPage
	for _, id := range list {
		d, err := f.Service(r.Context(), agency, id)
		if errs.Is(err, errs.NotFound) { // its source took it away meanwhile
			continue
		}
		if err != nil {
			return err
		}
		page.Services = append(page.Services, d.Result)
	}
	return f.pages.Render(w, r, http.StatusOK, "waiting", page)
}
