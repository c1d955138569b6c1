package contact

import (
	"net/http"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// decoysView is the supervisors' page of decoys, with the form for another.
type decoysView struct {
	frame
	List   []Decoy
	Story  Story
	Errors map[string]string
}

// Wrong is what is to be mended in a field, in words.
func (v decoysView) Wrong(field string) string {
	if v.Errors[field] == "" {
		return ""
	}
	return v.W.T(v.Errors[field])
}

func (f *Feature) showDecoys(w http.ResponseWriter, r *http.Request) error {
	return f.decoysPage(w, r, http.StatusOK, decoysView{})
}

func (f *Feature) decoysPage(w http.ResponseWriter, r *http.Request, status int, v decoysView) (err error) {
	v.frame = f.frame(r)
	if v.List, err = f.Decoys(r.Context(), staff.From(r.Context())); err != nil {
		return err
	}
	return f.pages.Render(w, r, status, "decoys", v)
}

// postDecoy plants one: text and summary.
func (f *Feature) postDecoy(w http.ResponseWriter, r *http.Request) error {
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	v := decoysView{Story: Story{form.Get("text"), form.Get("summary")}, Errors: map[string]string{}}
	err = f.Plant(r.Context(), staff.From(r.Context()), v.Story)
	if about(err) {
		fieldError(err, v.Errors)
		return f.decoysPage(w, r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return web.Redirect(w, "/staff/decoys")
}

func (f *Feature) removeDecoy(w http.ResponseWriter, r *http.Request) error {
	if err := f.RemoveDecoy(r.Context(), staff.From(r.Context()), r.PathValue("id")); err != nil {
		return err
	}
	return web.Redirect(w, "/staff/decoys")
}
