package contact

import (
	"bytes"
	"context"
	"io"
	"maps"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// outsideView is the form that asks why.
type outsideView struct {
	ID     string
	With   string // the colleague who has it, or had it
	Closed bool
	Action string
	Next   string
	Whys   []desk.Option
	Why    string
	Words  string
	Kept   []keptField // what was sent and is held back until then
	Errors map[string]string

	words *i18n.Printer
}

// Wrong is what is to be mended in a field, in words.
func (v outsideView) Wrong(field string) string {
	if v.Errors[field] == "" {
		return ""
	}
	return v.words.T(v.Errors[field])
}

type keptField struct{ Name, Value string }

// showOutside asks why somebody opens a contact outside their own work:
// GET /staff/contacts/{id}/outside?next=/staff/contacts/{id}. It shows nothing
// of the person.
func (f *Feature) showOutside(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	next := onlyAbout(id, r.URL.Query().Get("next"))
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return f.may(ctx, tx, staff.From(ctx), staff.ReadContact, id, false)
	})
	if err == nil {
		return web.Redirect(w, next) // they may, or have said why
	}
	if _, asked := staff.ReasonFor(err); !asked {
		return err
	}
	return f.askWhy(w, r, http.StatusOK, outsideView{ID: id, Action: "/staff/contacts/" + id + "/outside", Next: next})
}

// postOutside takes the reason: outside_why, outside_words and next.
func (f *Feature) postOutside(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	v := outsideView{ID: id, Action: "/staff/contacts/" + id + "/outside", Next: onlyAbout(id, form.Get("next"))}
	err = f.OpenOutside(r.Context(), staff.From(r.Context()), id, staff.Why(form.Get("outside_why")), form.Get("outside_words"))
	if err != nil {
		return f.askWhyAgain(w, r, v, form, err)
	}
	return web.Redirect(w, v.Next)
}

// Reasoned goes around every route of the desk, of whichever feature: who may do
// something only with a reason is asked for it there. A form is held back, and goes
// on with what was typed once the reason is given.
func (f *Feature) Reasoned(routes []web.Route) []web.Route {
	for i, route := range routes {
		if route.Access != web.Public && route.Access != web.Mailbox {
			routes[i].Handle = f.reasoned(route.Handle)
		}
	}
	return routes
}

func (f *Feature) reasoned(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		again := func() {}
		if r.Method == http.MethodPost {
			again = rewindable(r)
		}
		err := next(w, r)
		id, asked := staff.ReasonFor(err)
		if !asked || fromScript(r) {
			return err
		}
		ask := "/staff/contacts/" + url.PathEscape(id) + "/outside"
		if r.Method != http.MethodPost {
			return web.Redirect(w, ask+"?next="+url.QueryEscape(r.URL.Path))
		}
		if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			return web.Redirect(w, ask) // a page cannot hold a file back: it is added again
		}
		again()
		form, ferr := web.Form(w, r)
		if ferr != nil {
			return err
		}
		v := outsideView{ID: id, Action: r.URL.Path, Kept: heldBack(form)}
		if !form.Has("outside_why") && !form.Has("outside_words") {
			return f.askWhy(w, r, http.StatusConflict, v)
		}
		err = f.OpenOutside(r.Context(), staff.From(r.Context()), id, staff.Why(form.Get("outside_why")), form.Get("outside_words"))
		if err != nil {
			return f.askWhyAgain(w, r, v, form, err)
		}
		again()
		return next(w, r)
	}
}

// rewindable keeps what a request sends, as far as a form may go, so that it
// can be read anew.
func rewindable(r *http.Request) (again func()) {
	rest := r.Body
	sent, err := io.ReadAll(io.LimitReader(rest, web.FormLimit+1))
	again = func() {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(sent), endsWith{rest, err}))
	}
	again()
	return again
}

// endsWith reads on, or ends with the error that there was.
type endsWith struct {
	io.Reader
	err error
}

func (e endsWith) Read(b []byte) (int, error) {
	if e.err != nil {
		return 0, e.err
	}
	return e.Reader.Read(b)
}

// askWhy shows the form.
func (f *Feature) askWhy(w http.ResponseWriter, r *http.Request, status int, v outsideView) error {
	s, words := staff.From(r.Context()), f.Web.Words.For(f.Web.Lang(r))
	v.words = words
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		o, _, err := object(ctx, tx, s, v.ID)
		if err != nil {
			return err
		}
		names, err := staff.Names(ctx, tx, s.Person.Agency)
		v.With, v.Closed = names[o.With], o.Closed
		return err
	})
	if err != nil {
		return err
	}
	for _, why := range staff.Whys {
		v.Whys = append(v.Whys, desk.Option{Value: string(why), Label: words.T("desk.outside.why." + string(why)), On: string(why) == v.Why})
	}
	return f.pages.Render(w, r, status, "outside", v)
}

// askWhyAgain shows it with what is to be mended.
func (f *Feature) askWhyAgain(w http.ResponseWriter, r *http.Request, v outsideView, form url.Values, wrong error) error {
	if !about(wrong) {
		return wrong
	}
	v.Why, v.Words, v.Errors = form.Get("outside_why"), form.Get("outside_words"), map[string]string{}
	fieldError(wrong, v.Errors)
	return f.askWhy(w, r, http.StatusUnprocessableEntity, v)
}

// heldBack are the fields of a form that goes on later.
func heldBack(form url.Values) (list []keptField) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if strings.HasPrefix(name, "outside_") {
			continue
		}
		for _, value := range form[name] {
			list = append(list, keptField{name, value})
		}
	}
	return list
}

// onlyAbout is where to go on to: the page that was asked for, if it is one of
// this contact or of a referral; else the contact's.
func onlyAbout(id, next string) string {
	home := "/staff/contacts/" + url.PathEscape(id)
	if len(next) > 200 || next != path.Clean(next) || !onlyPlain(next) ||
		!strings.HasPrefix(next, home+"/") && !strings.HasPrefix(next, "/staff/referrals/") {
		return home
	}
	return next
}

// onlyPlain says whether an address is of letters, digits, hyphens and slashes.
func onlyPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool {
		return r != '/' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
	})
}
