package signin

import (
	"context"
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// rulesPage is where an administrator says who must have a second step.
func (f *Feature) rulesPage(w http.ResponseWriter, r *http.Request) error {
	var must map[staff.Role]bool
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		must, err = staff.SecondRoles(ctx, tx, f.Agency)
		return err
	})
	if err != nil {
		return err
	}
	var data struct {
		Roles []desk.Option
		Saved bool
	}
	data.Saved = r.URL.Query().Has("saved")
	for _, role := range staff.Roles {
		data.Roles = append(data.Roles, desk.Option{Value: string(role), Label: f.words(r).T("desk.role." + string(role)), On: must[role]})
	}
	return f.pages.Render(w, r, http.StatusOK, "rules", data)
}

// setRules takes roles, once for each.
func (f *Feature) setRules(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	var roles []staff.Role
	for _, role := range form["roles"] {
		roles = append(roles, staff.Role(role))
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return staff.From(r.Context()).SetSecondRoles(ctx, tx, roles)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/settings/signin?saved")
}
