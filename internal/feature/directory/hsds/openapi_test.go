package hsds_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/feature/directory/hsds"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// TestTheDocumentNamesEveryRoute reads what the interface says of itself, and
// asks it each parameter that it names, and those that HSDS wants.
func TestTheDocumentNamesEveryRoute(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	var base struct {
		Version, Profile string
		OpenAPI          string `json:"openapi_url"`
	}
	if err := json.Unmarshal(c.get("/hsds/").Body.Bytes(), &base); err != nil || base.Version != "3.1" || base.Profile == "" {
		t.Fatalf("%v: %+v", err, base)
	}
	at, ok := strings.CutPrefix(base.OpenAPI, "https://example.com") // the host that a test's request has
	if !ok {
		t.Fatalf("openapi_url is %s", base.OpenAPI)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(c.get(at).Body.Bytes(), &doc); err != nil || doc.OpenAPI != "3.1.0" {
		t.Fatalf("%v: %+v", err, doc)
	}
	for _, route := range (&hsds.Feature{}).Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		path = strings.Replace(strings.TrimPrefix(path, "/hsds"), "{$}", "", 1)
		if method == "OPTIONS" || path == "" || path == "/openapi.json" {
			continue
		}
		if _, ok := doc.Paths[path][strings.ToLower(method)]; !ok {
			t.Errorf("%s is not in the document", route.Pattern)
		}
	}
	for feed, names := range map[string]string{ // as the document of HSDS 3.1 has them
		"services":             "search page per_page format taxonomy_term_id taxonomy_id organization_id modified_after minimal full",
		"organizations":        "search full_service full taxonomy_term_id taxonomy_id page per_page format",
		"service_at_locations": "search taxonomy_term_id taxonomy_id organization_id modified_after full page per_page format postcode proximity",
		"taxonomies":           "search page per_page format",
		"taxonomy_terms":       "search page per_page format taxonomy_id top_only parent_id",
	} {
		for _, verb := range []string{"get", "post"} {
			var have []string
			for _, p := range doc.Paths["/"+feed][verb].Parameters {
				have = append(have, p.Name)
				if got := c.get("/hsds/" + feed + "?" + p.Name + "="); got.Code != 200 {
					t.Errorf("%s does not take %s: %s", feed, p.Name, got.Body)
				}
			}
			for name := range strings.FieldsSeq(names) {
				if !slices.Contains(have, name) {
					t.Errorf("%s %s has no %s", verb, feed, name)
				}
			}
		}
	}
}
