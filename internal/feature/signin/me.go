package signin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// firstPages are tried in this order: where each role's work begins.
var firstPages = []struct {
	need web.Access
	page string
}{
	{staff.ReadQueue, "/staff/queue"},
	{staff.ReadReferral, "/staff/referrals"},
	{staff.EditDirectory, "/staff/directory"},
	{staff.ReadStats, "/staff/figures"},
	{staff.EditSettings, "/staff/settings"},
	{staff.ReadAudit, "/staff/log"},
	{staff.ReadDirectory, "/staff/directory"},
}

// first sends somebody to where their work begins.
func (f *Feature) first(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	page := firstPage(s.Person.Role)
	if page == "" {
		page = "/staff/me"
	}
	return web.Redirect(w, page)
}

// firstPage is where a role's work begins, empty where it has no page yet.
func firstPage(role staff.Role) string {
	for _, first := range firstPages {
		if role.May(first.need) {
			return first.page
		}
	}
	return ""
}

// me shows somebody's own account and what their browser does for them.
func (f *Feature) me(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	standing, err := f.standing(r.Context(), s.Person)
	if err != nil {
		return err
	}
	data := struct {
		Name, Role string
		State      desk.Admission
		Nothing    string // why there is no page for their work
		Provider   string
	}{s.Name(), s.RoleName(), standing.Admission, "", f.providerName()}
	if firstPage(s.Person.Role) == "" {
		data.Nothing = f.nothingFor(r, s.Person.Role)
	}
	return f.pages.Render(w, r, http.StatusOK, "me", data)
}

// nothingFor says what a role is for that has no page of its own yet.
func (f *Feature) nothingFor(r *http.Request, role staff.Role) string {
	p := f.words(r)
	if key := "signin.me.role." + string(role); p.Has(key) {
		return p.T(key)
	}
	return p.T("signin.me.role")
}

// setPresence takes presence and back.
func (f *Feature) setPresence(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	p := staff.Presence(form.Get("presence"))
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		f.Hub.Publish(tx, peopleTopic(f.Agency))
		return s.SetPresence(ctx, tx, p)
	})
	if err != nil {
		return err
	}
	back := onDesk(form.Get("back"))
	if r.Header.Get("Hx-Request") == "" {
		return web.Redirect(w, back)
	}
	w.Header().Set("HX-Trigger", "presence") // the queue's page says what one can do now
	return f.pages.Part(w, r, "presence", "changed", map[string]any{"Now": p, "Back": back})
}

// setLanguage takes language and back.
func (f *Feature) setLanguage(w http.ResponseWriter, r *http.Request) error {
	s := staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	lang := form.Get("language")
	if !i18n.Known(lang) {
		return errs.In("language", "error.invalid")
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return staff.SetLanguage(ctx, tx, f.Agency, s.Person.ID, lang)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, onDesk(form.Get("back")))
}
