package hsds_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io/fs"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// changing is what a copy cannot have from its original: when it was changed.
var changing = regexp.MustCompile(`"last_modified":"[^"]*"`)

// TestWhatIsExportedIsReadBack exports each set in each format, reads that into
// an empty directory, and compares every list and record that both publish.
func TestWhatIsExportedIsReadBack(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(t *testing.T) fs.FS{
		"careless": func(*testing.T) fs.FS { return careless },
		"town":     func(*testing.T) fs.FS { return town },
		"hostile":  func(*testing.T) fs.FS { return hostile },
		"starter":  nil,
		"examples": func(t *testing.T) fs.FS { return shared(t, "hsds-3.1", "examples") },
		"tables":   func(t *testing.T) fs.FS { return shared(t, "hsds-3.1", "examples", "csv") },
		"illinois": func(t *testing.T) fs.FS { return shared(t, "illinois-legal-aid", "output") },
		"ohana":    func(t *testing.T) fs.FS { return shared(t, "ohana-sample", "data", "sample-csv") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
			if set == nil {
				if _, err := c.dir.LoadStarter(context.Background(), c.agency); err != nil {
					t.Fatal(err)
				}
			} else {
				c.load(name, set(t))
			}
			c.verify()
			for _, format := range directory.Formats {
				if name == "examples" && format == directory.DataPackage {
					continue // they give one id to objects that differ, and a table has one row for it
				}
				var out bytes.Buffer
				if err := c.dir.Export(context.Background(), c.agency, format, &out); err != nil {
					t.Fatal(err)
				}
				copied := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
				copied.load("copy", exported(t, format, out.Bytes()))
				copied.verify()
				c.same(string(format), copied)
			}
		})
	}
}

// hostile is a set by somebody who wants a program to run what they write.
var hostile = fstest.MapFS{"services.json": {Data: []byte(`[{"id":"5a0d8f3c-6a55-4c3e-8b1f-1f2e3d4c5b6a","status":"active",
	"name":"=cmd|' /C calc'!A0","description":"＝cmd|' /C calc'!A0","fees_description":"-1+cmd|' /C calc'!A0","alert":"@SUM(1)","wait_time":"'=1",
	"url":"javascript:alert(1)","=cmd|' /c calc'!a0":"x","phones":[{"id":"6a0d8f3c-6a55-4c3e-8b1f-1f2e3d4c5b6a","number":"+1 312 555 0142"}],
	"organization":{"id":"7a0d8f3c-6a55-4c3e-8b1f-1f2e3d4c5b6a","name":"+x","description":"d","website":"DATA:text/html,<script>"}}]`)}}

// A cell of a table that begins as a formula does is one for who opens it, also in
// the first line; and an address that is another page's script is no address.
func TestWhatIsPublishedRunsNothing(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	c.load("hostile", hostile)
	c.verify()
	var out bytes.Buffer
	if err := c.dir.Export(context.Background(), c.agency, directory.DataPackage, &out); err != nil {
		t.Fatal(err)
	}
	for name, text := range tablesOf(t, out.Bytes()) {
		if !strings.HasSuffix(name, ".csv") {
			continue
		}
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, cell := range slices.Concat(rows...) {
			if cell != "+1 312 555 0142" && cell != "" && strings.ContainsAny(string([]rune(cell)[0]), "=+-@＝＋－＠\t\r\n") {
				t.Errorf("%s: %q is run", name, cell)
			}
		}
	}
	for _, raw := range c.list("/hsds/services?full=true&").Contents {
		for _, field := range []string{`"url":"java`, `"website":"DATA`} {
			if strings.Contains(string(raw), field) {
				t.Errorf("%s… is published", field)
			}
		}
		if !strings.Contains(string(raw), `"url_text":"javascript:alert(1)"`) {
			t.Error("what was written there is lost")
		}
	}
}

// exported is an export as files to read.
func exported(t *testing.T, format directory.Format, b []byte) fs.FS {
	t.Helper()
	if format != directory.DataPackage {
		return fstest.MapFS{"services." + string(format): {Data: b}}
	}
	all := fstest.MapFS{}
	for name, text := range tablesOf(t, b) {
		all[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return all
}

func (c *client) same(format string, copied *client) {
	c.t.Helper()
	for _, path := range []string{"services?full=true&", "organizations?full_service=true&", "service_at_locations?full=true&", "taxonomies?", "taxonomy_terms?"} {
		path = "/hsds/" + path + "per_page=1000"
		a, b := c.list(path), copied.list(path)
		if format != "datapackage" && strings.Contains(path, "taxonom") {
			a = only(c.t, a, b) // a service has the terms that it uses in it, and not those above them
		}
		if a.TotalItems != b.TotalItems {
			c.t.Errorf("%s: %s has %d items, and the copy %d", format, path, a.TotalItems, b.TotalItems)
			continue
		}
		for i := range a.Contents {
			one, two := steady(c.t, a.Contents[i]), steady(c.t, b.Contents[i])
			if one != two {
				at := 0
				for at < min(len(one), len(two)) && one[at] == two[at] {
					at++
				}
				at = max(0, at-80)
				c.t.Errorf("%s: in %s this\n…%.300s\nbecame this\n…%.300s", format, path, one[at:], two[at:])
				return
			}
		}
	}
}

// only is of a list what another has, too.
func only(t testing.TB, all, other page) page {
	t.Helper()
	known := map[string]bool{}
	for _, raw := range other.Contents {
		known[idOf(t, raw)] = true
	}
	all.Contents = slices.DeleteFunc(all.Contents, func(raw json.RawMessage) bool { return !known[idOf(t, raw)] })
	all.TotalItems = len(all.Contents)
	return all
}

// lives are fields that say in what an object lives, which the document does too.
var lives = []string{"organization_id", "service_id", "location_id", "service_at_location_id", "contact_id", "phone_id", "link_id", "link_entity", "resource_id", "resource_type"}

// steady is a record as data: without the order of fields and of lists, without
// what says nothing, and without what is said twice.
func steady(t testing.TB, raw json.RawMessage) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(changing.ReplaceAll(raw, []byte(`"last_modified":""`))))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(told(v))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func told(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, c := range v {
			c = told(c)
			if c == nil || c == "" || slices.Contains(lives, k) {
				delete(v, k)
			} else {
				v[k] = c
			}
		}
	case bool:
		return strconv.FormatBool(v) // as a table has it
	case []any:
		for i := range v {
			v[i] = told(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(line(a), line(b)) })
	}
	return v
}

func line(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
