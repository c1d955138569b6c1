package retention

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// rulesView is the page on which the rules are set, with what they will do and
// what they did.
type rulesView struct {
	Plan         Plan
	Form         url.Values
	Wrong        map[string]string
	Saved        bool
	Certificates []Certificate
}

// Parts and Kinds are the rows and columns of the form.
func (rulesView) Parts() []Part { return Parts }
func (rulesView) Kinds() []Kind { return Kinds }

// Field is the name of a rule's input.
func (rulesView) Field(k Kind, p Part) string { return string(k) + "." + string(p) }

func formOf(t Terms) url.Values {
	form := url.Values{"version": {strconv.Itoa(t.Version)}, "notice": {strconv.Itoa(t.Notice)}}
	for _, r := range t.Rules {
		form.Set(rulesView{}.Field(r.Kind, r.Part), strconv.Itoa(r.Days))
	}
	return form
}

// termsOf reads the form. The error names the first field that is no number.
func termsOf(form url.Values) (t Terms, err error) {
	number := func(field, word string) (n int) {
		if text := form.Get(field); text != "" && err == nil {
			if n, err = strconv.Atoi(text); err != nil || n < 0 {
				err = errs.In(field, word)
			}
		}
		return n
	}
	t.Version = number("version", "error.form")
	t.Notice = number("notice", "retention.error.notice")
	for _, k := range Kinds {
		for _, p := range Parts {
			t.Rules = append(t.Rules, Rule{Kind: k, Part: p, Days: number(rulesView{}.Field(k, p), "retention.error.days")})
		}
	}
	return t, err
}

func (f *Feature) showRules(w http.ResponseWriter, r *http.Request) error {
	return f.rulesPage(w, r, http.StatusOK, rulesView{Saved: r.URL.Query().Has("saved")})
}

func (f *Feature) rulesPage(w http.ResponseWriter, r *http.Request, status int, v rulesView) (err error) {
	if v.Plan, err = f.Plan(r.Context()); err != nil {
		return err
	}
	if v.Form == nil {
		v.Form = formOf(v.Plan.Terms)
	}
	if v.Certificates, err = f.Certificates(r.Context()); err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "rules", v)
}

// saveRules puts the rules in force; sending them as they are accepts them.
func (f *Feature) saveRules(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	t, err := termsOf(form)
	if err == nil {
		err = f.SetTerms(r.Context(), staff.From(r.Context()), t)
	}
	if err == nil {
		return web.Redirect(w, "/staff/settings/retention?saved")
	}
	wrong, err := f.complaint(r, err)
	if err != nil {
		return err
	}
	return f.rulesPage(w, r, http.StatusUnprocessableEntity, rulesView{Form: form, Wrong: wrong})
}
