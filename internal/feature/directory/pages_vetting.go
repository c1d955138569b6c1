package directory

import (
	"net/http"
	"net/url"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func (f *Feature) vettingRoutes() []web.Route {
	return []web.Route{
		{Pattern: "GET /staff/directory/vetting", Access: staff.VetDirectory, Handle: f.showVetting},
		{Pattern: "GET /staff/directory/agencies/{id}", Access: staff.VetDirectory, Handle: f.showAgency},
		{Pattern: "POST /staff/directory/agencies/{id}/vouch", Access: staff.VetDirectory, Handle: f.postVouch, Trace: web.ByDeed},
		{Pattern: "POST /staff/directory/agencies/{id}/withdraw", Access: staff.VetDirectory, Handle: f.postWithdraw, Trace: web.ByDeed},
	}
}

// vettingPage is the queue of agencies that wait to be vetted.
type vettingPage struct {
	Agencies []Agency
	Waiting  int // all of them; the page shows the first
	Alone    bool
}

func (f *Feature) showVetting(w http.ResponseWriter, r *http.Request) error {
	agency := staff.From(r.Context()).Person.Agency
	list, err := f.Unvetted(r.Context(), agency)
	if err != nil {
		return err
	}
	needed, waiting, err := f.Vetters(r.Context(), agency)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, http.StatusOK, "vetting", vettingPage{list, waiting, needed < 2})
}

// agencyPage is one agency with what helps to vet it.
type agencyPage struct {
	Agency
	Signs []string // in words
	Deeds []deedLine
	Whats []desk.Option
	Form  url.Values
	Field string // that Error is about
	Error string
	Next  *Agency
}

type deedLine struct {
	Deed
	Text string
}

func (f *Feature) showAgency(w http.ResponseWriter, r *http.Request) error {
	return f.agency(w, r, url.Values{}, nil)
}

// agency draws the page; failed, if not nil, is told in the form.
func (f *Feature) agency(w http.ResponseWriter, r *http.Request, form url.Values, failed error) error {
	of := staff.From(r.Context()).Person.Agency
	a, err := f.Agency(r.Context(), of, r.PathValue("id"))
	if err != nil {
		return err
	}
	p := f.words(r)
	page := agencyPage{Agency: a, Form: form}
	for _, s := range a.Signs {
		page.Signs = append(page.Signs, saySign(p, s))
	}
	for _, d := range a.Deeds {
		page.Deeds = append(page.Deeds, deedLine{d, p.T("directory.vet.deed." + first(d.What, d.Kind))})
	}
	page.Whats = options(Vouches, []string{form.Get("what")}, func(c string) string { return p.T("directory.vet.deed." + c) })
	if page.Next, err = f.nextToVet(r.Context(), of, a.ID); err != nil {
		return err
	}
	status := http.StatusOK
	if failed != nil {
		e := errs.Of(failed)
		if e.Kind != errs.Invalid {
			return failed
		}
		page.Field, page.Error, status = e.Field, p.T(e.Word), e.Kind.Status()
	}
	return f.pages.Render(w, r, status, "agency", page)
}

// othersNamed is how many other agencies a sign names.
const othersNamed = 3

func saySign(p *i18n.Printer, s Sign) string {
	others := s.Others
	if len(others) > othersNamed {
		others = append(append([]string{}, others[:othersNamed]...), "…")
	}
	return p.T("directory.sign."+s.Code, "value", s.Value, "others", p.List(others))
}

func (f *Feature) postVouch(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := f.Vouch(r.Context(), staff.From(r.Context()).Person.Agency, id, form.Get("what"), form.Get("note")); err != nil {
		return f.agency(w, r, form, err)
	}
	if next := form.Get("next"); next != "" {
		return web.Redirect(w, "/staff/directory/agencies/"+url.PathEscape(next)+"#vouch")
	}
	return web.Redirect(w, "/staff/directory/agencies/"+url.PathEscape(id)+"#deeds")
}

func (f *Feature) postWithdraw(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if err := f.Withdraw(r.Context(), staff.From(r.Context()).Person.Agency, id, form.Get("deed"), form.Get("do") == "again"); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/directory/agencies/"+url.PathEscape(id)+"#deeds")
}
