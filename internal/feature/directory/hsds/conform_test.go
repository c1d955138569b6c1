package hsds_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

var feeds = []directory.Feed{directory.Services, directory.Organizations, directory.ServicesAt, directory.Taxonomies, directory.Terms}

// careless is a set as people make them: hardly a value is what HSDS wants.
var careless = files(map[string]string{
	"organizations": "id,name,email,url,year_incorporated,tax_id\n1,One,nobody at home,www.one.example,about 1990,12-345\n2,Two,,see facebook,1980,\n",
	"services": "id,organization_id,name,status,url,email,minimum_age,assurer_email,last_modified,fees,extra field\n" +
		"1,1,First,Active,one.example/ä b,a@b,twelve,,last year,,more\n2,1,Second,,https://two.example/[x],x@two.example,12,me,2020-01-02,10 $,\n3,2,Third,active,ftp://three.example,,,,,,\n4,2,Fourth,defunct,,,,,,,\n",
	"locations":           "id,organization_id,name,location_type,latitude,longitude\n1,1,Here,,41.9,-87.6\n2,2,There,house,n/a,n/a\n",
	"addresses":           "id,location_id,address_1,city,postal_code,address_type\n1,1,1 Main St,Chicago,60601,street\n",
	"service_at_location": "id,service_id,location_id\n1,1,1\n2,3,2\n3,2,1\n",
	"phones":              "id,service_id,number,extension,type\n1,1,+1 555 0100,ask for Kim,voice\n2,2,555 0101,12,\n",
	"schedules":           "id,service_id,freq,byday,wkst,opens_at,closes_at,schedule_link,interval\n1,1,DAILY,MO,Monday,9:00,17:00,none,every\n2,2,WEEKLY,\"MO,TU\",MO,09:00,17:00,,1\n",
	"languages":           "id,service_id,name\n1,1,English\n",
	"service_capacity":    "id,service_id,unit_id,available,updated\n1,1,bed,3,2026-01-01\n2,1,,4,2026-01-01T10:00:00Z\n",
	"units":               "id,name,uri\nbed,Bed,bed\n",
	"taxonomies":          "id,name,description,uri\nx,Ours,What we use,ours\n",
	"taxonomy_terms":      "id,name,description,taxonomy_id,parent_id,term_uri\na,Shelter,,x,,\nb,Night shelter,,x,a,nowhere\nc,Unused,,x,,\n",
	"attributes":          "id,link_id,link_entity,taxonomy_term_id\n1,1,service,b\n2,1,organization,a\n",
	"metadata":            "id,resource_id,resource_type,last_action_date,last_action_type,field_name,previous_value,replacement_value,updated_by\n1,1,service,2020-01-01,update,name,Old,First,Kim\n",
	"cost_options":        "id,service_id,option,amount,currency\n1,1,adult,about 5,USD\n2,2,adult,5,USD\n",
	"required_documents":  "id,service_id,document,uri\n1,1,Passport,passport\n",
	"accessibility":       "id,location_id,description,url\n1,1,Ramp,ramp\n",
	"service_areas":       "id,service_id,name,extent\n1,2,Illinois,\n",
})

// TestEverySetConforms does with each set what the conformance tools do, and
// more of it: every page of every list, every record, on both engines.
func TestEverySetConforms(t *testing.T) {
	t.Parallel()
	sets := map[string]func(t *testing.T) fs.FS{
		"careless": func(*testing.T) fs.FS { return careless },
		"starter":  nil,
		"invented": nil,
		"examples": func(t *testing.T) fs.FS { return shared(t, "hsds-3.1", "examples") },
		"tables":   func(t *testing.T) fs.FS { return shared(t, "hsds-3.1", "examples", "csv") },
		"illinois": func(t *testing.T) fs.FS { return shared(t, "illinois-legal-aid", "output") },
		"ohana":    func(t *testing.T) fs.FS { return shared(t, "ohana-sample", "data", "sample-csv") },
	}
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				c := open(t, d, "agency")
				var err error
				switch {
				case set != nil:
					c.load(name, set(t))
				case name == "invented":
					_, err = c.dir.Invent(context.Background(), c.agency, 3, 60, func(int) {})
				default:
					_, err = c.dir.LoadStarter(context.Background(), c.agency)
				}
				if err != nil {
					t.Fatal(err)
				}
				for _, feed := range feeds {
					if p := c.list("/hsds/" + string(feed)); p.TotalItems != 0 {
						t.Errorf("%d %s are published, and nobody verified any", p.TotalItems, feed)
					}
				}
				c.verify()
				c.conforms(name)
			}, directory.Migrations)
		})
	}
}

// lacking are the lists that a set really does not have.
var lacking = map[string][]directory.Feed{
	"illinois": {directory.ServicesAt, directory.Taxonomies, directory.Terms},
	"tables":   {directory.Taxonomies, directory.Terms}, // no row of theirs names a record that is there
}

func (c *client) conforms(set string) {
	c.t.Helper()
	valid := schemas(c.t)
	for _, feed := range feeds {
		at := "/hsds/" + string(feed)
		all := c.list(at + "?per_page=1000")
		if (all.TotalItems == 0) != has(lacking[set], feed) {
			c.t.Errorf("%s of %s has %d items", at, set, all.TotalItems)
		}
		for _, size := range []int{1, 7} {
			c.walk(at, size, all)
		}
		for _, raw := range all.Contents {
			fits(c.t, at, valid[feed], raw)
			id := idOf(c.t, raw)
			one := c.get(at + "/" + id)
			if one.Code != http.StatusOK || idOf(c.t, one.Body.Bytes()) != id {
				c.t.Fatalf("%s/%s: %d %s", at, id, one.Code, one.Body)
			}
			fits(c.t, at+"/"+id, valid[feed], one.Body.Bytes())
		}
		if feed != directory.Terms && feed != directory.Taxonomies {
			for _, raw := range c.list(at + "?full=true&per_page=1000").Contents {
				fits(c.t, at+"?full", valid[feed], raw)
			}
		}
		if got := c.get(at + "/00000000-0000-4000-8000-000000000000"); got.Code != http.StatusNotFound {
			c.t.Errorf("%s of an id that is none's: %d", at, got.Code)
		}
		c.lines(at, all)
	}
	for _, raw := range c.list("/hsds/organizations?full_service=true&per_page=1000").Contents {
		fits(c.t, "organizations?full_service", valid[directory.Organizations], raw)
	}
	if p := c.list("/hsds/services?modified_after=2999-01-01T00:00:00Z"); p.TotalItems != 0 {
		c.t.Errorf("%d services will be changed", p.TotalItems)
	}
}

func has(list []directory.Feed, feed directory.Feed) bool {
	return slices.Contains(list, feed)
}

// walk goes through all pages: together they are the list, and behind the last
// there is nothing.
func (c *client) walk(at string, size int, all page) {
	c.t.Helper()
	if all.TotalItems > 100 && size == 1 {
		size = 40 // of a long list not each item alone
	}
	pages := (all.TotalItems + size - 1) / size
	n := 0
	for i := 1; i <= pages; i++ {
		p := c.list(fmt.Sprintf("%s?per_page=%d&page=%d", at, size, i))
		if p.TotalItems != all.TotalItems || p.TotalPages != pages || p.Number != i || i < pages && p.Size != size {
			c.t.Fatalf("%s, page %d of %d: %+v", at, i, pages, p)
		}
		for _, raw := range p.Contents {
			if string(raw) != string(all.Contents[n]) {
				c.t.Fatalf("%s: item %d of pages of %d is another", at, n, size)
			}
			n++
		}
	}
	if n != all.TotalItems {
		c.t.Errorf("%s: pages of %d have %d of %d items", at, size, n, all.TotalItems)
	}
	if p := c.list(fmt.Sprintf("%s?per_page=%d&page=%d", at, size, pages+1)); pages > 0 && (p.Size != 0 || !p.Last) {
		c.t.Errorf("%s: behind the last page: %+v", at, p)
	}
}

// lines sees that ndjson is the same list without pages.
func (c *client) lines(at string, all page) {
	c.t.Helper()
	got := c.get(at + "?format=ndjson")
	lines := strings.Split(strings.TrimSuffix(got.Body.String(), "\n"), "\n")
	if all.TotalItems == 0 {
		lines = nil
	}
	if got.Code != http.StatusOK || got.Header().Get("Content-Type") != "application/x-ndjson" || len(lines) != all.TotalItems {
		c.t.Errorf("%s as ndjson: %d, %d lines of %d", at, got.Code, len(lines), all.TotalItems)
		return
	}
	for i, line := range lines {
		if !json.Valid([]byte(line)) || line != string(all.Contents[i]) {
			c.t.Errorf("%s: line %d is another than the item", at, i)
			return
		}
	}
}
