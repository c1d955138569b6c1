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
	var rules staff.Rules
	err := f.DB.View(r.Context(), func(ctx context.Context, tx *db.Tx) (err error) {
		rules, err = staff.ReadRules(ctx, tx, f.Agency)
		return err
	})
	if err != nil {
		return err
	}
	var data struct {
		Roles, Identity []desk.Option
		Saved           bool
		Provider        string
	}
	data.Provider = f.providerName()
	data.Saved = r.URL.Query().Has("saved")
	for _, role := range staff.Roles {
		option := desk.Option{Value: string(role), Label: f.words(r).T("desk.role." + string(role)), On: rules.Second[role]}
		data.Roles = append(data.Roles, option)
		option.On = rules.Identity[role]
		data.Identity = append(data.Identity, option)
	}
	return f.pages.Render(w, r, http.StatusOK, "rules", data)
}

// setRules takes roles and identity, once for each.
func (f *Feature) setRules(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	rules := staff.Rules{Second: map[staff.Role]bool{}, Identity: map[staff.Role]bool{}}
	for _, role := range form["roles"] {
		rules.Second[staff.Role(role)] = true
	}
	for _, role := range form["identity"] {
		rules.Identity[staff.Role(role)] = true
	}
	err = f.DB.Update(r.Context(), func(ctx context.Context, tx *db.Tx) error {
		return staff.From(r.Context()).SetRules(ctx, tx, rules)
	})
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/settings/signin?saved")
}
