package hsds_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// house is a shelter whose place is told to nobody. Each value that leads
// there has the word canary in it, or is a number that stands nowhere else.
func house(visibility string) map[string]string {
	return map[string]string{
		"organizations":       "id,name,description\n1,Quiet Help,We stand at 17 Canary Lane\n",
		"services":            "id,organization_id,name,description,status\n5,1,Safe place,A place to stay,active\n6,1,Office,Open to all,active\n",
		"locations":           "id,organization_id,name,description,latitude,longitude,external_identifier,address_visibility\n9,1,Canary House,the canary door,41.98765,-87.65432,CANARY-555777," + visibility + "\n8,1,Desk,,41.8819,-87.6278,,\n",
		"addresses":           "id,location_id,address_1,city,state_province,postal_code,country,address_type\n1,9,17 Canary Lane,Canaryville,IL,60640,US,physical\n2,8,1 State St,Chicago,IL,60602,US,physical\n",
		"service_at_location": "id,service_id,location_id,description\n1,5,9,ask the canary\n2,6,8,\n",
		"phones":              "id,location_id,service_id,organization_id,service_at_location_id,number\n1,9,,,,773-555-0111\n2,,5,,,1-800-555-0188\n3,9,5,,,773-555-0112\n4,9,,1,,773-555-0113\n5,,5,,1,773-555-0114\n",
		"contacts":            "id,location_id,service_id,name\n1,9,,Mrs. Canary\n2,9,5,Mr. Canary\n",
		"accessibility":       "id,location_id,description\n1,9,canary ramp\n",
		"schedules":           "id,location_id,service_id,freq,byday,opens_at,closes_at,notes\n1,9,5,WEEKLY,MO,09:00,17:00,canary bell\n",
		"taxonomies":          "id,name,description\nx,Ours,\n",
		"taxonomy_terms":      "id,name,description,taxonomy_id\nc,Canary quarter,,x\n",
		"attributes":          "id,link_id,link_entity,taxonomy_term_id\n1,9,location,c\n",
	}
}

var secrets = []string{"canary", "41.98765", "-87.65432", "60640", "773-555", "773555"}

// everything is all that the interface and the exports say.
func (c *client) everything() map[string]string {
	c.t.Helper()
	all := map[string]string{}
	paths := []string{"/hsds/services?minimal=true", "/hsds/organizations?full_service=true", "/hsds/services?search=canary", "/hsds/services?postcode=60640&proximity=2000", "/hsds/service_at_locations?postcode=60640&proximity=2000"}
	for _, feed := range feeds {
		at := "/hsds/" + string(feed)
		paths = append(paths, at, at+"?format=ndjson")
		if feed != directory.Terms && feed != directory.Taxonomies {
			paths = append(paths, at+"?full=true", at+"?full=true&format=ndjson")
		}
		for _, raw := range c.list(at).Contents {
			paths = append(paths, at+"/"+idOf(c.t, raw))
		}
	}
	for _, path := range paths {
		all[path] = c.get(path).Body.String()
	}
	for _, format := range directory.Formats {
		var out bytes.Buffer
		if err := c.dir.Export(context.Background(), c.agency, format, &out); err != nil {
			c.t.Fatal(err)
		}
		all["export "+string(format)] = out.String()
		if format == directory.DataPackage {
			all["export "+string(format)] = unzipped(c.t, out.Bytes())
		}
	}
	return all
}

func unzipped(t testing.TB, b []byte) string {
	t.Helper()
	var all strings.Builder
	for _, text := range tablesOf(t, b) {
		all.WriteString(text)
	}
	return all.String()
}

func tablesOf(t testing.TB, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(text)
	}
	return all
}

// TestConfidentialPlaces looks for a shelter in everything that is published:
// one that was imported as confidential, and one that was made so when copies
// had been taken already.
func TestConfidentialPlaces(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, level := range []string{"hidden", "partial", "later"} {
			c := open(t, d, "agency-"+level)
			if level == "later" {
				c.hideLater()
			} else {
				c.load("quiet"+level, files(house(level)))
				c.verify()
			}
			for where, text := range c.everything() {
				for _, secret := range secrets {
					if strings.Contains(strings.ToLower(text), secret) {
						t.Errorf("%s: %s gives away %q: %s", level, where, secret, text)
					}
				}
			}
			for _, where := range []string{"/hsds/services", "/hsds/service_at_locations", "/hsds/organizations?full_service=true"} {
				if text := c.get(where).Body.String(); !strings.Contains(text, "Safe place") {
					t.Errorf("%s: %s does not have the service at all", level, where)
				}
			}
			if text := c.get("/hsds/services?full=true").Body.String(); !strings.Contains(text, "1-800-555-0188") || !strings.Contains(text, "1 State St") {
				t.Errorf("%s: the service's own number or the open place is gone: %s", level, text)
			}
			c.noNearer()
		}
	}, directory.Migrations)
}

// hideLater publishes a house whose place everybody may know, and hides it.
func (c *client) hideLater() {
	c.t.Helper()
	c.load("quiet-later", files(house("full")))
	c.verify()
	if text := c.get("/hsds/services?full=true").Body.String(); !strings.Contains(text, "Canary House") || !strings.Contains(text, "773-555-0112") {
		c.t.Errorf("an open place is not told: %s", text)
	}
	if err := c.dir.SetVisibility(context.Background(), c.agency, ids.DeriveUUID("quiet-later", "locations/9"), directory.Hidden); err != nil {
		c.t.Fatal(err)
	}
}

// noNearer asks from many points: whatever the distance, places in one cell
// answer alike, and the shelter does not come nearer by being approached.
func (c *client) noNearer() {
	c.t.Helper()
	asked := func(lat, lon float64, metres int) bool {
		names := c.list(fmt.Sprintf("/hsds/service_at_locations?latitude=%f&longitude=%f&proximity=%d", lat, lon, metres)).names()
		return slices.Contains(names, "Safe place")
	}
	at := asked(41.98765, -87.65432, 100)
	for _, off := range []float64{-0.05, -0.02, 0.02, 0.05} {
		if asked(41.98765+off, -87.65432, 100) != at || asked(41.98765, -87.65432+off, 100) != at {
			c.t.Error("whoever asks from several points learns where the shelter is")
		}
	}
}
