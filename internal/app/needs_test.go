package app

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// Who needs a place to stay finds what a set calls otherwise and puts under that,
// two steps down; so does a program that asks for the term above. What stands
// beside it is not found.
func TestANeedFindsWhatStandsUnderIt(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			g := openedOn(t, url(t))
			d := g.app.features.directory
			_, err := d.ImportHSDS(t.Context(), fstest.MapFS{
				"organizations.csv":  {Data: []byte("id,name\n1,Blue\n")},
				"services.csv":       {Data: []byte("id,organization_id,name,description,status\n1,1,Blue door,Ring twice.,active\n2,1,Green door,Ring once.,active\n")},
				"taxonomies.csv":     {Data: []byte("id,name,description\nclew-need,clew-need,Needs\nown,Own,Own\n")},
				"taxonomy_terms.csv": {Data: []byte("id,code,name,description,taxonomy,taxonomy_id,parent_id\nshelter,shelter,Place to stay,x,clew-need,clew-need,\nnight,n,Nights,x,own,own,shelter\nmat,m,Mats,x,own,own,night\nlaw,l,Food,x,own,own,\n")},
				"attributes.csv":     {Data: []byte("id,link_id,link_entity,taxonomy_term_id\n1,1,service,mat\n2,2,service,law\n")},
			}, "blue", directory.Options{Agency: homeAgency})
			g.ok(err)
			_, err = d.VetAll(t.Context(), homeAgency, "", "Kim", "known for years")
			g.ok(err)
			_, err = d.VerifyAll(t.Context(), homeAgency, "blue", "Kim", "by telephone")
			g.ok(err)
			term := func(id string) string { return ids.DeriveUUID("blue", "taxonomy_terms/"+id) }
			nobody := &viewer{}
			for what, page := range map[string]reply{
				"the public page":     g.ask(nobody, http.MethodPost, "/en/services", "need=shelter"),
				"a partner's list":    g.ask(nobody, http.MethodGet, "/en/list?need=shelter", ""),
				"the term of needs":   g.ask(nobody, http.MethodGet, "/hsds/services?taxonomy_term_id="+term("shelter"), ""),
				"the term in between": g.ask(nobody, http.MethodGet, "/hsds/services?taxonomy_term_id="+term("night"), ""),
				"the term itself":     g.ask(nobody, http.MethodGet, "/hsds/services?taxonomy_term_id="+term("mat"), ""),
			} {
				if page.status != http.StatusOK || !strings.Contains(page.body, "Blue door") || strings.Contains(page.body, "Green door") {
					t.Errorf("%s (%d) gives %s", what, page.status, page.body)
				}
			}
		})
	}
}
