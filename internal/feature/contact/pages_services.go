package contact

import (
	"net/http"
	"slices"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/text"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// postServices searches anew for the panel: words, place, country, language,
// need, age, open=1.
func (f *Feature) postServices(w http.ResponseWriter, r *http.Request) error {
	ctx, s := r.Context(), staff.From(r.Context())
	form, err := web.Form(w, r)
	if err != nil {
		return err
	}
	c, err := f.look(ctx, s, r.PathValue("id"))
	if err != nil {
		return err
	}
	q := ServiceQuery{
		Words: readable(text.Line(form.Get("words"))), Place: readable(text.Line(form.Get("place"))),
		OpenNow: form.Get("open") != "",
	}
	if code := form.Get("country"); geo.IsCountry(code) {
		q.Country = code
	}
	if code := facts.LanguageOf(form.Get("language")); code != facts.Unknown {
		q.Language = code
	}
	if need := form.Get("need"); slices.Contains(needCodes, need) {
		q.Need = need
	}
	if age := form.Get("age"); slices.Contains(soughtAges, age) {
		q.AgeGroup = age
	}
	found := f.find(ctx, f.frame(r), c, q)
	if !fromScript(r) {
		return f.contactPage(w, r, http.StatusOK, pageChange{show: "services", find: &found})
	}
	return f.pages.Part(w, r, "contact", "found", found)
}
