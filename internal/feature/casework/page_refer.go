package casework

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/audit"
	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// referView is the form of a release.
type referView struct {
	Contact, Form string
	Service       ServiceLine
	Items         []formItem
	Need          string
	Needs         []desk.Option
	Terms         []desk.Option
	Days          string
	Hows, Bys     []desk.Option
	Sure          bool
	Self          bool // the person made contact themself
	Child         bool
	Errors        map[string]string // by field
	Faults        []fault           // all that is wrong, in the order of the form

	Ask             []string // to read out before they agree
	AskLang, AskDir string
	AskOther        string // the person's language when we have no words in it
	Listing         spoken // to read out where there is no consent
}

// fault is one thing to mend, and where.
type fault struct{ At, Text string }

// formItem is one line that could be shared, with the exact value.
type formItem struct {
	Field        Field
	Label        string
	Value, Shown string
	On           bool
	Error        string
}

// Rows is how many lines the value takes up: all of it is in view.
func (it formItem) Rows() int {
	rows := 1
	for line := range strings.SplitSeq(it.Value, "\n") {
		rows += 1 + len([]rune(line))/50
	}
	return min(rows, 20)
}

// usual are the lines that a service cannot answer without and that point at
// nobody. Only they begin ticked; the rest is asked for one by one.
var usual = []Field{Language, Interpreter, Needs}

// referPage shows the form: GET /staff/contacts/{id}/refer?service=ID.
func (f *Feature) referPage(w http.ResponseWriter, r *http.Request) error {
	v, err := f.referView(r, r.URL.Query().Get("service"))
	if err != nil {
		return err
	}
	return f.render(w, r, http.StatusOK, "refer", v)
}

// referView fills the form with what the record knows.
func (f *Feature) referView(r *http.Request, serviceID string) (v referView, err error) {
	s, words := staff.From(r.Context()), f.Web.Words.For(f.Web.Lang(r))
	v = referView{Contact: r.PathValue("id"), Form: ids.New(), Errors: map[string]string{}}
	person, err := f.Contact(r.Context(), s, v.Contact)
	if err != nil {
		return v, err
	}
	if err := f.logForm(r.Context(), s, v.Contact); err != nil || serviceID == "" {
		return v, err
	}
	if v.Service, err = f.Service(r.Context(), s.Person.Agency, serviceID); err != nil {
		return v, err
	}
	v.Self, v.Child = person.Contactor == "self", person.AgeGroup == "child"
	for _, field := range Fields {
		value := person.known(field, words)
		if field.Coded() && value == "" {
			continue // there is nothing to share
		}
		v.Items = append(v.Items, formItem{
			Field: field, Label: fieldIn(words, field), Value: value,
			Shown: shown(words, field, value), On: value != "" && slices.Contains(usual, field),
		})
	}
	v.Need = likelyNeed(person, v.Service)
	v.choices(words, usualTerm, "", map[bool]string{true: "person"}[v.Self], f)
	v.script(words, f.Web.Words, person.Language)
	return v, nil
}

// logForm notes that the form shows what a contact's record knows.
func (f *Feature) logForm(ctx context.Context, s *staff.Session, contactID string) error {
	e := audit.Entry{Action: string(staff.ReadReferral) + " form", Record: contactID}
	err := f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		keys, err := f.Keys(ctx, tx, s, staff.WriteReferral, contactID, false)
		if err != nil {
			return err
		}
		e.Tag = audit.TagOf(keys.Lineage())
		return nil
	})
	if err != nil {
		return err
	}
	return s.ReadOn(ctx, f.DB, e)
}

func shown(words *i18n.Printer, field Field, value string) string {
	if it := (Item{field, value}); value != "" && it.known() {
		return valueIn(words, it)
	}
	return value
}

// likelyNeed is what the person needs and the service has, if that is one
// thing, or the one thing that either names.
func likelyNeed(p Person, s ServiceLine) string {
	var both []string
	for _, n := range p.Needs {
		if slices.Contains(s.Needs, n) {
			both = append(both, n)
		}
	}
	for _, list := range [][]string{both, p.Needs, s.Needs} {
		if len(list) == 1 && slices.Contains(Needed, list[0]) {
			return list[0]
		}
	}
	return ""
}

func (v *referView) choices(words *i18n.Printer, days int, how, by string, f *Feature) {
	for _, n := range Needed {
		v.Needs = append(v.Needs, desk.Option{Value: n, Label: words.T("casework.need." + n)})
	}
	v.Days = number(days)
	for _, d := range Terms {
		v.Terms = append(v.Terms, desk.Option{
			Value: number(d),
			Label: words.T("casework.term", "count", d, "date", endOf(f.now().In(f.Web.Here()), d).In(f.Web.Here())),
		})
	}
	for _, h := range Hows {
		v.Hows = append(v.Hows, desk.Option{Value: h, Label: words.T("casework.how." + h), On: h == how})
	}
	for _, b := range Bys {
		v.Bys = append(v.Bys, desk.Option{Value: b, Label: words.T("casework.by." + b), On: b == by})
	}
}

// script is what to say before the person agrees, in their language if we
// have words in it.
func (v *referView) script(reader *i18n.Printer, all *i18n.Words, lang string) {
	p := printerFor(reader, all, lang)
	if lang != "" && p == reader && facts.LanguageOf(lang) != facts.LanguageOf(reader.Lang()) {
		v.AskOther = reader.LanguageName(lang)
	}
	v.AskLang, v.AskDir = p.Lang(), p.Dir()
	v.Ask = []string{
		p.T("casework.ask.to", "service", v.Service.Name, "organization", v.Service.Organization),
		p.T("casework.ask.lines"), p.T("casework.ask.free"), p.T("casework.ask.back"), p.T("casework.ask.agree"),
	}
	v.Listing = v.Service.spoken(p)
}

// printerFor is the printer of a person's language, the reader's own where we
// have no words in it.
func printerFor(reader *i18n.Printer, all *i18n.Words, lang string) *i18n.Printer {
	if code := facts.LanguageOf(lang); i18n.Known(code) {
		return all.For(code)
	}
	return reader
}

// refer takes the form.
func (f *Feature) refer(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	a := askedOf(form)
	var id string
	if err == nil {
		id, err = f.Refer(r.Context(), staff.From(r.Context()), r.PathValue("id"), a)
	}
	if err == nil {
		return web.Redirect(w, "/staff/referrals/"+id)
	}
	return f.referAgain(w, r, form, a, err)
}

// referAgain shows the form as it was sent, with what is to be mended.
func (f *Feature) referAgain(w http.ResponseWriter, r *http.Request, form url.Values, a Asked, cause error) error {
	e := errs.Of(cause)
	if e.Kind == errs.NotFound || e.Kind == errs.Internal {
		return cause
	}
	v, err := f.referView(r, a.Service)
	if err != nil {
		return err
	}
	words := f.Web.Words.For(f.Web.Lang(r))
	if ids.Valid(a.ID) {
		v.Form = a.ID
	}
	for i := range v.Items {
		it := &v.Items[i]
		it.On = slices.Contains(form["share"], string(it.Field))
		it.Value = form.Get("value." + string(it.Field))
		it.Shown = shown(words, it.Field, it.Value)
	}
	v.Need, v.Sure = a.Need, a.Sure
	v.Needs, v.Terms, v.Hows, v.Bys = nil, nil, nil, nil
	v.choices(words, a.Days, a.How, a.By, f)
	faults := []*errs.Error{e}
	if e.Field != "" {
		faults = a.faults()
	}
	v.wrong(words, faults)
	return f.render(w, r, e.Kind.Status(), "refer", v)
}

// wrong says everywhere at once what is to be mended.
func (v *referView) wrong(words *i18n.Printer, faults []*errs.Error) {
	for _, e := range faults {
		text := words.T(e.Word)
		v.Faults = append(v.Faults, fault{strings.Replace(e.Field, "value.", "value-", 1), text})
		v.Errors[e.Field] = text
		for i := range v.Items {
			if it := &v.Items[i]; e.Field == "value."+string(it.Field) {
				it.Error = text
			}
		}
	}
}

func askedOf(form url.Values) Asked {
	a := Asked{
		ID: form.Get("form"), Service: form.Get("service"), Need: form.Get("need"), Days: days(form.Get("days")),
		How: form.Get("how"), By: form.Get("by"), Sure: form.Get("sure") != "",
	}
	for _, field := range form["share"] {
		a.Items = append(a.Items, Item{Field(field), form.Get("value." + field)})
		if len(a.Items) > len(Fields) {
			break // clean refuses it
		}
	}
	return a
}

// give records that a service's details were given:
// POST /staff/contacts/{id}/give with service and form.
func (f *Feature) give(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	id, err := f.Give(r.Context(), staff.From(r.Context()), r.PathValue("id"), form.Get("form"), strings.TrimSpace(form.Get("service")))
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/referrals/"+id)
}
