package directory

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// rulesPage is where an administrator decides about the directory.
type rulesPage struct {
	Rules    Rules
	Standing Standing
	Form     url.Values
	Field    string // that Error is about
	Error    string
	Saved    bool
}

func (rulesPage) Least() int { return MinDays }
func (rulesPage) Most() int  { return MaxDays }

// Alone says that one person alone lets an agency in.
func (p rulesPage) Alone() bool { return p.Rules.Vetters < 2 }

func (r Rules) form() url.Values {
	form := url.Values{}
	for field, n := range map[string]int{"version": r.Version, "hotline": r.Hotline, "shelter": r.Shelter, "other": r.Other, "vetters": r.Vetters} {
		form.Set(field, strconv.Itoa(n))
	}
	return form
}

// rulesOf reads the form. The error names the first field that is no number.
func rulesOf(form url.Values) (r Rules, err error) {
	number := func(field, word string) (n int) {
		if err == nil {
			if n, err = strconv.Atoi(form.Get(field)); err != nil {
				err = errs.In(field, word)
			}
		}
		return n
	}
	r.Version = number("version", "error.form")
	r.Hotline = number("hotline", "directory.rules.days_bad")
	r.Shelter = number("shelter", "directory.rules.days_bad")
	r.Other = number("other", "directory.rules.days_bad")
	r.Vetters = number("vetters", "directory.rules.vetters_bad")
	return r, err
}

func (f *Feature) showRules(w http.ResponseWriter, r *http.Request) error {
	return f.rules(w, r, rulesPage{Saved: r.URL.Query().Has("saved")}, http.StatusOK)
}

func (f *Feature) rules(w http.ResponseWriter, r *http.Request, page rulesPage, status int) (err error) {
	agency := staff.From(r.Context()).Person.Agency
	if page.Rules, err = f.Rules(r.Context(), agency); err != nil {
		return err
	}
	if page.Standing, err = f.standing(r.Context(), agency); err != nil {
		return err
	}
	if page.Form == nil {
		page.Form = page.Rules.form()
	}
	return f.pages.Render(w, r, status, "rules", page)
}

func (f *Feature) postRules(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	rules, err := rulesOf(form)
	if err == nil {
		err = f.SetRules(r.Context(), staff.From(r.Context()).Person.Agency, rules)
	}
	if err == nil {
		return web.Redirect(w, "/staff/settings/directory?saved")
	}
	e := errs.Of(err)
	switch e.Kind {
	case errs.Invalid:
		return f.rules(w, r, rulesPage{Form: form, Field: e.Field, Error: f.words(r).T(e.Word, "least", MinDays, "most", MaxDays, "people", MaxVetters)}, e.Kind.Status())
	case errs.Conflict: // what a colleague decided meanwhile is shown, to be decided upon
		return f.rules(w, r, rulesPage{Error: f.words(r).T(e.Word)}, e.Kind.Status())
	}
	return err
}
