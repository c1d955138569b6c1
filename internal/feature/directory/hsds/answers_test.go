package hsds_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// town is a small directory in which each condition leaves something out.
var town = files(map[string]string{
	"organizations": "id,name,description\n1,North,A house\n2,South,Another house\n3,Nobody,Gives nothing\n",
	"services": "id,organization_id,name,description,status,minimum_age,maximum_age\n" +
		"1,1,Beds,A shelter for women,active,18,99\n2,1,Law,Lawyers for refugees,active,,\n3,2,Beds south,A shelter,active,0,17\n4,2,Line,Telephone for all,active,,\n5,2,Gone,A shelter,inactive,,\n",
	"locations":           "id,organization_id,name,location_type,latitude,longitude\n1,1,Loop,physical,41.8819,-87.6278\n2,2,Harvey,physical,41.6100,-87.6467\n3,1,Springfield,physical,39.7990,-89.6440\n",
	"addresses":           "id,location_id,address_1,city,state_province,postal_code,country,address_type\n1,1,1 State St,Chicago,IL,60602,US,physical\n2,2,1 Main St,Harvey,IL,60426,US,physical\n3,3,1 Lake St,Springfield,IL,62701,US,physical\n",
	"service_at_location": "id,service_id,location_id\n1,1,1\n2,2,1\n3,3,2\n4,2,3\n5,5,2\n",
	"languages":           "id,service_id,code\n1,1,es\n2,3,es\n3,2,pl\n",
	"taxonomies":          "id,name,description\nx,Needs,\ny,Other,\n",
	"taxonomy_terms":      "id,name,description,taxonomy_id,parent_id\nroof,Roof,,x,\nbed,Bed,Somewhere to sleep,x,roof\nlaw,Law,,y,\nspare,Spare,,x,\n",
	"attributes":          "id,link_id,link_entity,taxonomy_term_id\n1,1,service,bed\n2,3,service,bed\n3,2,service,law\n",
	"service_areas":       "id,service_id,name\n1,4,Illinois\n",
	"schedules":           "id,service_id,freq,byday,opens_at,closes_at\n1,1,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00\n2,2,WEEKLY,MO,09:00,10:00\n",
	"phones":              "id,service_id,number\n1,4,+1 800 555 0100\n",
})

func id(table, original string) string { return ids.DeriveUUID("town", table+"/"+original) }

// TestConditionsAreCumulative asks for one thing and for several.
func TestConditionsAreCumulative(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := open(t, d, "agency")
		c.load("town", town)
		c.verify()
		for _, one := range []struct {
			feed, query string
			want        string // names, in no order
		}{
			{"services", "", "Beds, Beds south, Law, Line"},
			{"services", "search=shelter", "Beds, Beds south"},
			{"services", "search=shelter+women", "Beds"},
			{"services", "search=shelter+lawyers", ""},
			{"services", "organization_id=" + id("organizations", "1"), "Beds, Law"},
			{"services", "organization_id=" + strings.ToUpper(id("organizations", "1")), "Beds, Law"},
			{"services", "organization_id=" + id("organizations", "3"), ""},
			{"services", "taxonomy_term_id=" + id("taxonomy_terms", "bed"), "Beds, Beds south"},
			{"services", "taxonomy_term_id=" + id("taxonomy_terms", "roof"), "Beds, Beds south"}, // they have a bed, which stands under it
			{"services", "taxonomy_id=" + id("taxonomies", "y"), "Law"},
			{"services", "taxonomy_term_id=" + id("taxonomy_terms", "bed") + "&organization_id=" + id("organizations", "2"), "Beds south"},
			{"services", "taxonomy_term_id=" + id("taxonomy_terms", "bed") + "&taxonomy_id=" + id("taxonomies", "y"), ""},
			{"services", "search=shelter&organization_id=" + id("organizations", "2"), "Beds south"},
			{"services", "language=es", "Beds, Beds south"},
			{"services", "language=es&search=women", "Beds"},
			{"services", "language=es&age=30", "Beds"},
			{"services", "age=10&language=es", "Beds south"},
			{"services", "postcode=60602&proximity=5000", "Beds, Law"},
			{"services", "postcode=60602&proximity=60000", "Beds, Beds south, Law, Line"}, // the line is where its organization has its only place
			{"services", "postcode=60602&proximity=60000&language=pl", "Law"},
			{"services", "postcode=60602", "Beds, Beds south, Law, Line"}, // the line's area is all of Illinois
			{"services", "postcode=62701", "Law, Line"},
			{"services", "postcode=62701&taxonomy_id=" + id("taxonomies", "y"), "Law"},
			{"services", "latitude=39.8&longitude=-89.64&proximity=3000", "Law"},
			{"services", "country=DE", ""},
			{"services", "open_now=true&language=es", "Beds"},
			{"services", "modified_after=2999-01-01", ""},
			{"services", "modified_after=2000-01-01T00:00:00Z", "Beds, Beds south, Law, Line"},
			{"services", "search=", "Beds, Beds south, Law, Line"}, // as a form sends an empty field
			{"service_at_locations", "", "Beds, Beds south, Law, Law"},
			{"service_at_locations", "search=lawyers", "Law, Law"},
			{"service_at_locations", "search=lawyers&postcode=62701&proximity=9000", "Law"},
			{"service_at_locations", "postcode=62701&proximity=9000", "Law"},
			{"service_at_locations", "taxonomy_term_id=" + id("taxonomy_terms", "bed"), "Beds, Beds south"},
			{"service_at_locations", "organization_id=" + id("organizations", "1") + "&taxonomy_id=" + id("taxonomies", "y"), "Law, Law"},
			{"organizations", "", "North, South"},
			{"organizations", "search=another", "South"},
			{"service_at_locations", "taxonomy_term_id=" + id("taxonomy_terms", "roof"), "Beds, Beds south"},
			{"organizations", "taxonomy_term_id=" + id("taxonomy_terms", "law"), "North"},
			{"organizations", "taxonomy_term_id=" + id("taxonomy_terms", "roof"), "North, South"},
			{"organizations", "taxonomy_id=" + id("taxonomies", "x") + "&search=house", "North, South"},
			{"organizations", "taxonomy_id=" + id("taxonomies", "y") + "&search=another", ""},
			{"taxonomies", "", "Needs, Other"},
			{"taxonomies", "search=needs", "Needs"},
			{"taxonomy_terms", "", "Bed, Law, Roof"}, // not the spare one, which nothing published uses
			{"taxonomy_terms", "search=sleep", "Bed"},
			{"taxonomy_terms", "taxonomy_id=" + id("taxonomies", "x"), "Bed, Roof"},
			{"taxonomy_terms", "top_only=true", "Law, Roof"},
			{"taxonomy_terms", "top_only=true&taxonomy_id=" + id("taxonomies", "x"), "Roof"},
			{"taxonomy_terms", "parent_id=" + id("taxonomy_terms", "roof"), "Bed"},
		} {
			path := "/hsds/" + one.feed
			values, err := url.ParseQuery(one.query)
			if err != nil {
				t.Fatal(err)
			}
			object, _ := json.Marshal(plain(values))
			for way, got := range map[string]page{
				"GET":       c.list(path + "?" + one.query),
				"form POST": c.paged(path, c.do("POST", path, "application/x-www-form-urlencoded", one.query)),
				"JSON POST": c.paged(path, c.do("POST", path, "application/json", string(object))),
			} {
				names := got.names()
				slices.Sort(names)
				if list := strings.Join(names, ", "); list != one.want || got.TotalItems != len(names) {
					t.Errorf("%s %s?%s has %s, not %s (%d in all)", way, one.feed, one.query, list, one.want, got.TotalItems)
				}
			}
		}
	}, directory.Migrations)
}

// plain is what a program sends as JSON: numbers and truths as such.
func plain(values url.Values) map[string]any {
	o := map[string]any{}
	for name, v := range values {
		o[name] = v[0]
		if n, err := strconv.ParseFloat(v[0], 64); err == nil {
			o[name] = n
		}
		if v[0] == "true" {
			o[name] = true
		}
	}
	return o
}

// TestWhatCannotBeAsked names the parameter, and repeats nothing that was sent.
func TestWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	for _, one := range []struct {
		query, field string
		status       int
	}{
		{"page=0", "page", 422},
		{"page=x", "page", 422},
		{"per_page=0", "per_page", 422},
		{"per_page=1001", "per_page", 422},
		{"format=xml", "format", 422},
		{"full=maybe", "full", 422},
		{"minimal=2", "minimal", 422},
		{"modified_after=yesterday", "modified_after", 422},
		{"proximity=100", "proximity", 422},
		{"postcode=60602&proximity=-1", "proximity", 422},
		{"postcode=nowhere%20at%20all", "postcode", 422},
		{"latitude=91&longitude=0", "latitude", 422},
		{"latitude=NaN&longitude=0", "latitude", 422},
		{"latitude=1", "latitude", 422},
		{"latitude=1&longitude=1&postcode=60602", "latitude", 422},
		{"language=klingon-and-more", "language", 422},
		{"need=a%20pony", "need", 422},
		{"age=200", "age", 422},
		{"search=a&search=b", "search", 422},
		{"top_only=true", "", 422}, // of terms, not of services
		{"colour=blue", "", 422},
		{"search=" + strings.Repeat("word+", 200), "search", 422},
		{"search=" + strings.Repeat("a", 9000), "", 413},
		{"search=%zz", "", 400},
	} {
		got := c.get("/hsds/services?" + one.query)
		var problem struct{ Title, Detail, Field string }
		if err := json.Unmarshal(got.Body.Bytes(), &problem); err != nil {
			t.Fatalf("%s: %v", one.query, err)
		}
		if got.Code != one.status || problem.Field != one.field || problem.Detail == "" || got.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%.40s: %d %s", one.query, got.Code, got.Body)
		}
		if got.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Errorf("%.40s: the script of another site cannot read the error", one.query)
		}
	}
	for _, one := range []struct {
		kind, body string
		status     int
	}{
		{"", "", 200},
		{"application/json", "{}", 200},
		{"application/json; charset=utf-8", `{"search": null}`, 200},
		{"application/json", "{", 400},
		{"application/json", "[]", 400},
		{"application/json", "{} {}", 400},
		{"application/json", `{"search": ["a"]}`, 422},
		{"application/json", `{"age": {}}`, 422},
		{"text/xml", "<a/>", 415},
		{"", "a", 415},
		{"application/x-www-form-urlencoded", "search=" + strings.Repeat("a", 9000), 413},
	} {
		if got := c.do(http.MethodPost, "/hsds/services", one.kind, one.body); got.Code != one.status {
			t.Errorf("a POST of %q (%s) is answered with %d, not %d: %s", one.body, one.kind, got.Code, one.status, got.Body)
		}
	}
	if got := c.do(http.MethodPost, "/hsds/services?search=a", "application/json", `{"search":"b"}`); got.Code != 422 {
		t.Errorf("the same parameter in the address and in the body: %d", got.Code)
	}
	if got := c.do(http.MethodDelete, "/hsds/services", "", ""); got.Code != 405 || !strings.Contains(got.Header().Get("Allow"), "POST") {
		t.Errorf("DELETE: %d %s", got.Code, got.Header().Get("Allow"))
	}
	if got := c.get("/hsds/services/1?search=a"); got.Code != 422 {
		t.Errorf("a record takes a parameter of lists: %d", got.Code)
	}
}

// TestCopiesStayFresh is what who keeps a copy relies on: a tag that changes
// with the directory, a short list to compare, and what changed since.
func TestCopiesStayFresh(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := open(t, d, "agency")
		c.load("town", town)
		c.verify()
		ctx := context.Background()
		first := c.get("/hsds/services")
		tag := first.Header().Get("ETag")
		for _, known := range []string{tag, `"x", ` + strings.TrimPrefix(tag, "W/"), "*"} {
			if again := c.do("GET", "/hsds/services", "", "", "If-None-Match", known); tag == "" || again.Code != http.StatusNotModified || again.Body.Len() > 0 {
				t.Errorf("asked with %s: %d", known, again.Code)
			}
		}
		if got := c.do("GET", "/hsds/services?open_now=true", "", "", "If-None-Match", tag); got.Code != 200 || got.Header().Get("ETag") != "" {
			t.Errorf("what is open changes without the directory: %d", got.Code)
		}
		minimal := c.list("/hsds/services?minimal=true")
		if minimal.TotalItems != 4 || minimal.TotalPages != 1 || string(minimal.Contents[0][:6]) != `{"id":` || strings.Count(string(minimal.Contents[0]), `":`) != 2 {
			t.Errorf("%+v: %s", minimal, minimal.Contents[0])
		}
		time.Sleep(2 * time.Millisecond) // the next change is another millisecond's
		since := time.Now().UTC().Format("2006-01-02T15:04:05.000Z")
		time.Sleep(2 * time.Millisecond)
		if got := c.list("/hsds/services?modified_after=" + since); got.TotalItems != 0 {
			t.Errorf("%v changed", got.names())
		}
		law := id("services", "2")
		edit := directory.Edit{Agency: c.agency, Service: law, Who: "Kim", Phones: []directory.PhoneEdit{{Number: "+1 312 555 0123"}}}
		if err := c.dir.EditService(ctx, edit); err != nil {
			t.Fatal(err)
		}
		if got := c.get("/hsds/services/" + law); got.Code != http.StatusNotFound {
			t.Errorf("a service that was edited and not verified again: %d", got.Code)
		}
		if err := c.dir.Verify(ctx, directory.Check{Agency: c.agency, Service: law, By: "Kim", How: "by phone"}); err != nil {
			t.Fatal(err)
		}
		if got := c.do("GET", "/hsds/services", "", "", "If-None-Match", tag); got.Code != 200 || got.Header().Get("ETag") == tag {
			t.Errorf("after a change: %d", got.Code)
		}
		for _, feed := range []string{"services", "organizations"} {
			if got := c.list("/hsds/" + feed + "?modified_after=" + since); got.TotalItems != 1 {
				t.Errorf("%s that changed: %v", feed, got.names())
			}
		}
		one := c.get("/hsds/services/" + law).Body.String()
		for _, want := range []string{`"number":"+1 312 555 0123"`, `"field_name":"phones"`, `"last_action_type":"update"`} {
			if !strings.Contains(one, want) {
				t.Errorf("the service has no %s: %s", want, one)
			}
		}
		if strings.Contains(one, "Kim") {
			t.Error("the service tells who edited it")
		}
		later := time.Now().AddDate(3, 0, 0)
		c.dir.Now = func() time.Time { return later }
		if got := c.list("/hsds/services"); got.TotalItems != 0 {
			t.Errorf("after three years without a check there are %v", got.names())
		}
	}, directory.Migrations)
}

// TestOtherSitesMayAsk is what a browser asks and holds us to.
func TestOtherSitesMayAsk(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	for _, path := range []string{"/hsds/services", "/hsds/services/1"} {
		h := c.do(http.MethodOptions, path, "", "", "Origin", "https://else.example", "Access-Control-Request-Method", "POST").Header()
		if h.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(h.Get("Access-Control-Allow-Methods"), "GET") || !strings.Contains(h.Get("Access-Control-Allow-Headers"), "Content-Type") {
			t.Errorf("%s: %v", path, h)
		}
	}
	h := c.get("/hsds/").Header()
	if h.Get("Access-Control-Allow-Origin") != "*" || h.Get("Cache-Control") != "no-cache" || h.Get("Set-Cookie") != "" || h.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%v", h)
	}
}

// TestChanges goes through the feed as a program does that keeps a copy.
func TestChanges(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	c.load("town", town)
	c.verify()
	type changes struct {
		Size     int
		More     bool
		Next     string
		Contents []struct {
			Cursor, ID, Date string
			Gone             bool
			Service          json.RawMessage
		}
	}
	ask := func(query string) (list changes) {
		t.Helper()
		got := c.get("/hsds/changes?" + query)
		if err := json.Unmarshal(got.Body.Bytes(), &list); err != nil || got.Code != 200 || list.Size != len(list.Contents) || list.Next == "" || got.Header().Get("Access-Control-Allow-Origin") != "*" {
			t.Fatalf("%s: %d %s %v", query, got.Code, got.Body, err)
		}
		return list
	}
	seen, at := map[string]string{}, ""
	for more := true; more; {
		page := ask("per_page=3&full=true&after=" + at)
		for _, one := range page.Contents {
			seen[one.ID] = string(one.Service)
		}
		at, more = page.Next, page.More
	}
	if len(seen) != 4 {
		t.Errorf("%d services", len(seen))
	}
	for service, text := range seen {
		if one := c.get("/hsds/services/" + service).Body.String(); one != text {
			t.Errorf("in the feed %s\nalone       %s", text, one)
		}
	}
	tag := c.get("/hsds/changes?after=" + at).Header().Get("ETag")
	if again := c.do("GET", "/hsds/changes?after="+at, "", "", "If-None-Match", tag); tag == "" || again.Code != http.StatusNotModified {
		t.Errorf("nothing changed: %d", again.Code)
	}
	edit := directory.Edit{Agency: c.agency, Service: id("services", "2"), Who: "Kim", Phones: []directory.PhoneEdit{{Number: "+1 312 555 0123"}}}
	if err := c.dir.EditService(context.Background(), edit); err != nil {
		t.Fatal(err)
	}
	if again := c.do("GET", "/hsds/changes?after="+at, "", "", "If-None-Match", tag); again.Code != http.StatusOK {
		t.Errorf("something changed: %d", again.Code)
	}
	gone := false
	for _, one := range ask("full=true&after=" + at).Contents {
		if one.ID == edit.Service {
			gone = one.Gone && one.Service == nil
		}
	}
	if !gone {
		t.Error("the service that is not verified any more is not told to be gone")
	}
	for _, limit := range []string{"1", "1000"} {
		lines := strings.Split(strings.TrimSpace(c.get("/hsds/changes?format=ndjson&per_page="+limit).Body.String()), "\n")
		var last struct{ Cursor string }
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &last); err != nil || len(lines) != 3 {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		if rest := ask("after=" + last.Cursor); rest.Size != 0 {
			t.Errorf("behind the last line: %+v", rest)
		}
	}
	for query, status := range map[string]int{"after=x": 422, "per_page=0": 422, "format=xml": 422, "full=maybe": 422, "search=law": 422, "after=YSAwIDAg": 410, "after=YSAw&after=x": 422} {
		if got := c.get("/hsds/changes?" + query); got.Code != status || got.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %d %s", query, got.Code, got.Body)
		}
	}
}
