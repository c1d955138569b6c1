package directory

import (
	"net/http"
	"slices"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

type coveragePage struct {
	Coverage
	Name  string // of the country
	Heads []string
	Pick  []desk.Option
}

// showCoverage draws the table of gaps. The country says nothing of anybody
// who asks for help, so it may stand in the address.
func (f *Feature) showCoverage(w http.ResponseWriter, r *http.Request) error {
	p := f.words(r)
	c, err := f.Coverage(r.Context(), staff.From(r.Context()).Person.Agency, r.URL.Query().Get("country"))
	if err != nil {
		return err
	}
	page := coveragePage{Coverage: c}
	if c.Country != "" {
		page.Name = p.Country(c.Country)
	}
	for _, need := range c.Needs {
		page.Heads = append(page.Heads, p.T("directory.need."+need))
	}
	pick := c.Countries
	if c.Country != "" && !slices.Contains(pick, c.Country) {
		pick = append(pick, c.Country)
	}
	page.Pick = options(pick, []string{c.Country}, p.Country)
	return f.pages.Render(w, r, http.StatusOK, "coverage", page)
}
