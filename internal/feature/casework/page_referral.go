package casework

import (
	"net/http"
	"strconv"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// referralView is a referral's page.
type referralView struct {
	Referral
	Phones            []string
	Lines             []said   // while the release holds
	Kinds             []string // what kind of lines were shared, once it does not
	Reasons, Outcomes []desk.Option
	Error             string
	Deed              Deed // as it was sent, when it failed
	Late              bool
}

// Can says whether a step can follow.
func (v referralView) Can(step string) bool {
	for _, s := range v.CanFollow {
		if string(s) == step {
			return true
		}
	}
	return false
}

// Who is a colleague's name.
func (v referralView) Who(id string) string { return v.Names[id] }

// referralPage shows a referral: GET /staff/referrals/{id}.
func (f *Feature) referralPage(w http.ResponseWriter, r *http.Request) error {
	return f.showReferral(w, r, http.StatusOK, Deed{}, "")
}

func (f *Feature) showReferral(w http.ResponseWriter, r *http.Request, status int, d Deed, failed string) error {
	ctx, s, words := r.Context(), staff.From(r.Context()), f.Web.Words.For(f.Web.Lang(r))
	ref, err := f.Get(ctx, s, r.PathValue("id"))
	if err != nil {
		return err
	}
	v := referralView{Referral: ref, Deed: d}
	if failed != "" {
		v.Error = words.T(failed)
	}
	service, err := f.listed(r, ref)
	if err != nil {
		return err
	}
	v.Phones = service.Phones
	v.Late = Line{Due: ref.Due}.Late(f.now()) && open(ref.State)
	if ref.Holds {
		v.Lines = sayAll(words, ref.Release.Items)
	} else {
		for _, it := range ref.Release.Items {
			v.Kinds = append(v.Kinds, fieldIn(words, it.Field))
		}
	}
	for _, code := range Reasons {
		v.Reasons = append(v.Reasons, desk.Option{Value: code, Label: words.T("casework.outcome." + code)})
	}
	for _, code := range Outcomes[ref.State] {
		v.Outcomes = append(v.Outcomes, desk.Option{Value: code, Label: words.T("casework.outcome." + code)})
	}
	return f.render(w, r, status, "referral", v)
}

// listed is the service as the directory has it today; only its name if it has
// left the directory.
func (f *Feature) listed(r *http.Request, ref Referral) (ServiceLine, error) {
	service, err := f.Service(r.Context(), staff.From(r.Context()).Person.Agency, ref.Release.Service)
	if errs.Is(err, errs.NotFound) {
		return ServiceLine{Name: ref.Release.Name, Organization: ref.Release.Organization}, nil
	}
	return service, err
}

// follows records a step: POST /staff/referrals/{id} with step, code, note and
// seen.
func (f *Feature) follows(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	seen, _ := strconv.ParseInt(form.Get("seen"), 10, 64) // what is no number does not say
	d := Deed{Step: Step(form.Get("step")), Code: form.Get("code"), Note: form.Get("note"), Seen: seen}
	err = f.Follow(r.Context(), staff.From(r.Context()), id, d)
	if err == nil {
		return web.Redirect(w, "/staff/referrals/"+id)
	}
	if e := errs.Of(err); e.Kind == errs.Conflict || e.Kind == errs.Invalid || e.Kind == errs.TooLarge {
		return f.showReferral(w, r, e.Kind.Status(), d, e.Word)
	}
	return err
}

// listView is the list's page.
type listView struct {
	List
	Filter  Step
	Filters []Step
	All     bool // a supervisor's
	Further string
}

// listPage shows the list: GET /staff/referrals?state=open&after=….
func (f *Feature) listPage(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	v := listView{Filter: Step(r.URL.Query().Get("state")), Filters: Filters, All: listsAll(s.Person)}
	if v.Filter == "" {
		v.Filter = AllOpen
	}
	var err error
	if v.List, err = f.Referrals(r.Context(), s, v.Filter, r.URL.Query().Get("after")); err != nil {
		return err
	}
	if v.Next != "" {
		v.Further = "/staff/referrals?state=" + string(v.Filter) + "&after=" + v.Next
	}
	return f.render(w, r, http.StatusOK, "referrals", v)
}

// Who is a colleague's name.
func (v listView) Who(id string) string { return v.Names[id] }

func number(n int) string { return strconv.Itoa(n) }

// days reads a term; what is no number is no term.
func days(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0
	}
	return n
}
