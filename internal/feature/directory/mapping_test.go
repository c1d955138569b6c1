package directory

import (
	"context"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// tables reads a folder through a mapping, to the rows that it makes.
func mapTables(t *testing.T, dir string, m *Mapping) (rows []row, rep *Report) {
	t.Helper()
	rep = newReport()
	files, err := FolderFiles(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for {
		name, r, err := files()
		if err != nil {
			return rows, rep
		}
		reader := &tableReader{file: name, maps: m.of(name), lim: defaultLimits, rep: rep, to: func(r row) error { rows = append(rows, r); return nil }}
		if err := reader.readCSV(r); err != nil {
			t.Fatal(err)
		}
	}
}

func sharedMapping(t *testing.T, file string) *Mapping {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseMapping(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func csvTable(t *testing.T, file string) (header []string, rows []map[string]string) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, cells := range all[1:] {
		r := map[string]string{}
		for i, c := range cells {
			r[all[0][i]] = c
		}
		rows = append(rows, r)
	}
	return all[0], rows
}

// With its own mapping the input of Illinois gives the tables that came with it,
// cell by cell.
func TestIllinoisByItsOwnMapping(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "illinois-legal-aid")
	rows, rep := mapTables(t, filepath.Join(dir, "input"), sharedMapping(t, filepath.Join(dir, "mapping.yaml")))
	if rep.Counts["map.column_missing"] != 1 || rep.Counts["map.required"] == 0 || rep.Counts["map.unreadable"] != 0 {
		t.Errorf("%v", rep.Counts)
	}
	back := map[string]string{"website": "url", "fees_description": "fees"} // the names of HSDS 1
	for _, table := range []string{"organizations", "locations", "services", "phones", "postal_addresses", "regular_schedules"} {
		header, want := csvTable(t, filepath.Join(dir, "output", table+".csv"))
		var got, expected []string
		for _, r := range rows {
			if r.table != table {
				continue
			}
			o := map[string]string{}
			for k := range r.object {
				name := k
				if to := back[k]; to != "" && slices.Contains(header, to) {
					name = to
				}
				o[name] = str(r.object, k)
			}
			got = append(got, lineOfTable(header, o))
		}
		for _, r := range want {
			expected = append(expected, lineOfTable(header, r))
		}
		sort.Strings(got)
		sort.Strings(expected)
		if diff := cmp.Diff(expected, got); diff != "" {
			t.Errorf("%s, %d rows for %d: %.3000s", table, len(got), len(expected), diff)
		}
	}
}

// lineOfTable writes a row's cells, without white space at their ends, which no
// importer keeps.
func lineOfTable(header []string, o map[string]string) string {
	var b strings.Builder
	for _, h := range header {
		fmt.Fprintf(&b, "%s=%q ", h, strings.TrimSpace(o[h]))
	}
	return b.String()
}

// With our mapping nothing of the input is lost: each cell stands, as it was
// written, in the record that its row became or in what is inside that.
func TestIllinoisLosesNothing(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "illinois-legal-aid", "input")
	m, err := NamedMapping("illinois")
	if err != nil {
		t.Fatal(err)
	}
	f := onSQLite(t)
	ctx := context.Background()
	opt := Options{Agency: testAgency, Map: m}
	rep, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", opt)
	if err != nil {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	again, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", opt)
	if err != nil || again.Added+again.Changed+again.Removed != 0 || again.Same != rep.Added {
		t.Errorf("a second time: %v\n%s", err, again.Summary())
	}
	held, whole := map[string]string{}, strings.Builder{}
	located, coordinated := 0, 0
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := allRecords(ctx, tx, testAgency)
		for _, s := range all {
			o, err := s.object()
			if err != nil {
				return err
			}
			texts(o, func(text string) { held[s.original] += text + "\x00"; whole.WriteString(text + "\x00") })
			if s.kind == entLocation && str(o, "location_type") != "postal" {
				located++
				if _, _, ok := coordinates(o); ok {
					coordinated++
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cells, lost := 0, 0
	for file, id := range map[string]string{"organizations.csv": "Organization ID", "locations.csv": "Location_id", "services.csv": "Services-ID"} {
		_, rows := csvTable(t, filepath.Join(dir, file))
		for n, r := range rows {
			for column, cell := range r {
				cell, _ = clean(cell)
				if cell == "" {
					continue
				}
				cells++
				here := strings.Contains(held[r[id]], cell)
				switch column {
				case "Organization ID", "Location ID": // as what they are derived from
					here = here || strings.Contains(whole.String(), cell)
				case "Mailing address": // in a location of its own, by its parts
					here = strings.Contains(whole.String(), cell[:len(cell)-10])
				}
				if !here && (r[id] != "" || !strings.Contains(whole.String(), cell)) {
					lost++
					if lost < 10 {
						t.Errorf("%s row %d: %s (%.60q) is nowhere", file, n+2, column, cell)
					}
				}
			}
		}
	}
	t.Logf("%d cells, %d lost; %d of %d locations have coordinates\n%s", cells, lost, coordinated, located, rep.Summary())
	if cells < 10000 || coordinated < 300 {
		t.Errorf("only %d cells, %d coordinates", cells, coordinated)
	}
}

// texts gives each text in a value.
func texts(v any, do func(string)) {
	switch v := v.(type) {
	case string:
		do(v)
	case interface{ String() string }:
		do(v.String())
	case []any:
		for _, c := range v {
			texts(c, do)
		}
	case Object:
		for _, c := range v {
			texts(c, do)
		}
	}
}

// Each mapping that comes along names models and fields that there are, and of
// the columns that its program exports no other.
func TestMappingsThatComeAlong(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{"icarol": "icarol-export-columns.txt", "visionlink": "visionlink-service-columns.txt", "wellsky": "wellsky-services-columns.txt", "illinois": ""} {
		m, err := NamedMapping(name)
		if err != nil {
			t.Fatal(err)
		}
		var columns []string
		if list != "" {
			text, err := os.ReadFile(filepath.Join(sharedData(t), list))
			if err != nil {
				t.Fatal(err)
			}
			columns = strings.Fields(string(text))
		}
		for _, b := range m.tables {
			for column, targets := range b.columns {
				if columns != nil && !slices.Contains(columns, column) {
					t.Errorf("%s exports no column %s", name, column)
				}
				for _, g := range targets {
					if entityByFile[g.model] == nil {
						t.Errorf("%s: there is no model %s", name, g.model)
					}
					if g.private != "" && columns != nil && !slices.Contains(columns, g.private) {
						t.Errorf("%s exports no column %s", name, g.private)
					}
				}
			}
			for by := range b.private {
				if columns != nil && !slices.Contains(columns, by) {
					t.Errorf("%s exports no column %s", name, by)
				}
			}
		}
	}
	if got := Maps(); len(got) < 4 {
		t.Errorf("%v", got)
	}
}

// What iCarol marks as private is not kept in clear anywhere.
func TestICarolKeepsPrivateThingsPrivate(t *testing.T) {
	t.Parallel()
	m, err := NamedMapping("icarol")
	if err != nil {
		t.Fatal(err)
	}
	f := onSQLite(t)
	ctx := context.Background()
	table := "ResourceAgencyNum,TaxonomyLevelName,ParentAgencyNum,PublicName,AgencyDescription,AgencyStatus,PhysicalAddress1,PhysicalCity,PhysicalStateProvince,PhysicalPostalCode,PhysicalAddressIsPrivate,Latitude,Longitude,Phone1Number,Phone1IsPrivate,Phone2Number,Phone2IsPrivate,MainContactName,MainContactIsPrivate,ConnectsToSiteNum,InternalNotes,TaxonomyCodes,TaxonomyTerm,HoursOfOperation,ExcludeFromWebsite\n" +
		"A1,Agency,,Harbour,Helps,Active,1 Open Road,Chicago,IL,60601,No,,,312-555-0100,No,312-555-0199,Yes,Ms. Secret,Yes,,staff note,,,,\n" +
		"S1,Site,A1,House,,Active,77 Veiled Street,Chicago,IL,60602,Yes,41.881,-87.623,312-555-0101,,,,,,,,,,Monday: 9:00-17:00,\n" +
		"P1,Program,A1,Beds,Beds tonight,Active,,,,,,,,312-555-0102,No,,,,,S1,,BH-1800;PH-1,Shelter,24 hours,\n" +
		"P2,Program,A1,Quiet,Not for the web,Active,,,,,,,,,,,,,,,,,,,Yes\n" +
		"X1,Volunteer,A1,Nobody,,,,,,,,,,,,,,,,,,,,,\n"
	opt := Options{Agency: testAgency, Map: m, Country: "US"}
	rep, err := f.ImportHSDS(ctx, fstest.MapFS{"resources.csv": {Data: []byte(table)}}, "icarol", opt)
	if err != nil || rep.Records[entService] != 2 || rep.Records[entOrganization] != 1 || rep.Counts["map.no_row"] != 1 || rep.Records[entLoose] != 0 {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	err = f.DB.View(ctx, func(ctx context.Context, tx *db.Tx) error {
		all, err := allRecords(ctx, tx, testAgency)
		for _, s := range all {
			for _, secret := range []string{"Veiled", "555-0199", "Ms. Secret", "41.881"} {
				if strings.Contains(s.text, secret) {
					t.Errorf("%s of a %s is in clear: %s", secret, s.kind, s.text)
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	res := search(t, f, Query{Words: "beds", Unsure: true})
	if len(res.Items) != 1 || res.Items[0].Where.Visibility != Hidden || len(res.Items[0].Phones) != 1 {
		t.Fatalf("%+v", res.Items)
	}
	if res := search(t, f, Query{Words: "quiet", Unsure: true}); len(res.Items) != 0 {
		t.Errorf("what is kept out of the web site is offered: %v", names(res))
	}
	if _, err := f.VerifyAll(ctx, testAgency, "", "x", "y"); err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := f.Export(ctx, testAgency, JSON, &out); err != nil || strings.Contains(out.String(), keptColumns) || strings.Contains(out.String(), "staff note") {
		t.Errorf("%v: what was kept aside is published", err)
	}
}

// A mapping that says what nobody understands is refused, with its line.
func TestBadMappings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "empty",
		"a: [":                                  "line",
		"a.csv: 1":                              "line 1",
		"a.csv: {columns: {}}":                  "no columns",
		"a.csv:\n  columns:\n    A: {model: x}": "line 3: a target needs",
		"a.csv:\n  columns:\n    A: {model: x, field: y, fie: z}":       "line 3: nobody knows what fie",
		"a.csv:\n  columns:\n    A: {model: x, field: y, read: z}":      "no way of reading",
		"a.csv:\n  keep: nowhere\n  columns: {A: {model: x, field: y}}": "no model nowhere",
		"'[':\n  columns: {A: {model: x, field: y}}":                    "pattern",
		strings.Repeat("# long\n", 1<<16):                               "256 kB",
	} {
		if _, err := ParseMapping([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60q: %v, want %q", text, err, want)
		}
	}
	if _, err := NamedMapping("../x"); err == nil {
		t.Error("a mapping of any name is read")
	}
}
