package directory

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

var spread = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,description\no,A group,Helps people\n")},
	"services.csv": {Data: []byte(`id,organization_id,name,description,status
chicago,o,Beds,A place for the night,active
secret,o,House,A place that nobody is told,active
online,o,Advice,Advice from afar,active
gone,o,Old beds,No more,inactive
`)},
	"locations.csv":           {Data: []byte("id,organization_id,name,latitude,longitude\nl1,o,House one,41.88,-87.63\nl2,o,House two,39.78,-89.65\n")},
	"addresses.csv":           {Data: []byte("id,location_id,address_1,city,state_province,postal_code,country,address_type\n1,l1,1 Main St,Chicago,IL,60601,US,physical\n2,l2,2 Main St,Springfield,IL,62701,US,physical\n")},
	"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,chicago,l1\n2,secret,l2\n3,gone,l1\n")},
	"attributes.csv":          {Data: []byte("id,link_id,link_entity,link_type,value\n1,chicago,service,need,shelter\n2,secret,service,need,shelter\n3,online,service,need,legal\n4,gone,service,need,shelter\n")},
}

// A region with nothing is in the table, and a hidden place is in none.
func TestCoverageShowsTheGaps(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		ctx := context.Background()
		if _, err := c.f.ImportHSDS(ctx, spread, "spread", Options{Agency: testAgency, Country: "US"}); err != nil {
			t.Fatal(err)
		}
		if _, err := c.f.VetAll(ctx, testAgency, "", "Kim", "known for years"); err != nil {
			t.Fatal(err)
		}
		var house, beds string
		for _, r := range search(t, c.f, Query{Unsure: true}).Items {
			switch r.Name {
			case "House":
				house = r.ID
			case "Beds":
				beds = r.ID
			}
		}
		detail, err := c.f.Service(ctx, testAgency, house)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.f.SetVisibility(ctx, testAgency, detail.Places[0].ID, Hidden); err != nil {
			t.Fatal(err)
		}
		if err := c.f.Verify(ctx, Check{Agency: testAgency, Service: beds, By: "Kim", How: "by telephone", When: time.Now()}); err != nil {
			t.Fatal(err)
		}
		got, err := c.f.Coverage(ctx, testAgency, "")
		if err != nil {
			t.Fatal(err)
		}
		cell := func(region, need string) CoverageCell {
			for _, row := range got.Rows {
				for i, n := range got.Needs {
					if row.Region == region && n == need {
						return row.Cells[i]
					}
				}
			}
			t.Fatalf("no row %q", region)
			return CoverageCell{}
		}
		for _, want := range []struct {
			region, need string
			cell         CoverageCell
		}{
			{"US-IL", "shelter", CoverageCell{Public: 1, All: 1}},
			{"", "shelter", CoverageCell{All: 1}},
			{"", "legal", CoverageCell{All: 1}},
			{"US-IL", "legal", CoverageCell{}},
			{"US-WY", "shelter", CoverageCell{}},
		} {
			if got := cell(want.region, want.need); got != want.cell {
				t.Errorf("%q %s: %+v, not %+v", want.region, want.need, got, want.cell)
			}
		}
		if status, page, _ := c.do(http.MethodGet, "/staff/directory/coverage", nil); status != http.StatusOK || !strings.Contains(page, "Wyoming") || !strings.Contains(page, "The whole country") {
			t.Errorf("the page: %d", status)
		}
	}, Migrations)
}
