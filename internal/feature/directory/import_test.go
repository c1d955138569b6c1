package directory

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// The old tables come in whole, and what could not be used is reported with
// its file and line.
func TestOldTables(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		rep := loadOld(t, f)
		countStored(t, f, rep)
		want := map[string]int{entOrganization: 3, entService: 5, entLocation: 5, entLoose: 2}
		if diff := cmp.Diff(want, rep.Records); diff != "" {
			t.Errorf("records: %s", diff)
		}
		if rep.Nested[entPhone] != 6 || rep.Nested[entSchedule] != 7 || rep.Nested[entAddress] != 2 {
			t.Errorf("inside: %v", rep.Nested)
		}
		found := map[string]bool{}
		for _, g := range rep.Findings {
			found[g.File+" "+g.Code+" "+string(rune('0'+g.Line))] = true
		}
		for _, want := range []string{
			"locations.csv link.organization 5",       // organization 99
			"services.csv service.no_name 6",          //
			"locations.csv coordinate.range 5",        // 95 degrees north
			"regular_schedules.csv time.unreadable 5", // half past four
			"phones.csv link.none 6",                  //
			"phones.csv link.parent 7",                // service 777
			"postal_addresses.csv address.location 3",
		} {
			if !found[want] {
				t.Errorf("not reported: %s", want)
			}
		}
		if again := loadOld(t, f); again.Added+again.Changed+again.Removed != 0 || again.Same != rep.Added {
			t.Errorf("a second time:\n%s", again.Summary())
		}
		ctx := context.Background()
		shelter, err := f.Service(ctx, testAgency, ids.DeriveUUID("old", "services/10"))
		if err != nil {
			t.Fatal(err)
		}
		if len(shelter.Phones) != 2 || shelter.Phones[0].E164 != "+13125550142" || shelter.Phones[1].Extension != "12" {
			t.Errorf("phones: %+v", shelter.Phones)
		}
		if shelter.Languages[0].Code != "es" || shelter.Cost != "Free" || shelter.Open != Yes || shelter.Where.Town != "Chicago" {
			t.Errorf("shelter: %+v", shelter.Result)
		}
		if got := []string{shelter.Needs[0].Code, shelter.Needs[1].Code}; !cmp.Equal(got, []string{"shelter", "food"}) || !shelter.Needs[0].Derived {
			t.Errorf("needs: %+v", shelter.Needs)
		}
	}, Migrations)
}

// What is wrong stops everything, unless the rest was asked for.
func TestImportWholeOrNothing(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	files := fstest.MapFS{
		"organizations.csv": {Data: []byte("id,name\n1,Good\n2,\"Bad\" quotes\n3,Also good\n")},
	}
	f := onSQLite(t)
	rep, err := f.ImportHSDS(ctx, files, "src", Options{Agency: testAgency})
	if !errs.Is(err, errs.Invalid) || rep.Imported || rep.Errors() != 1 {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	g := rep.Findings[slices.IndexFunc(rep.Findings, func(g Finding) bool { return g.Level == Error })]
	if g.Code != "csv.quotes" || g.File != "organizations.csv" || g.Line != 3 || g.Column != 7 {
		t.Errorf("reported at %+v", g)
	}
	if res := storedCount(t, f); res != 0 {
		t.Errorf("%d records are there after a refused import", res)
	}
	rep, err = f.ImportHSDS(ctx, files, "src", Options{Agency: testAgency, SkipBad: true})
	if err != nil || rep.Records[entOrganization] != 2 || storedCount(t, f) != 2 {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
}

func storedCount(t *testing.T, f *Feature) (n int) {
	t.Helper()
	err := f.DB.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM directory_record`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Times that contradict each other, zones that are none and rules that nobody
// can read are reported with the line that says so.
func TestBadHours(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	files := fstest.MapFS{
		"services.csv": {Data: []byte("id,name\n1,Overlaps\n2,Zone\n3,Rule\n4,Fine\n")},
		"schedules.csv": {Data: []byte("id,service_id,freq,byday,opens_at,closes_at,timezone,interval\n1,1,WEEKLY,\"MO,TU\",09:00,12:00,,\n2,1,WEEKLY,TU,11:00,17:00,,1\n" +
			"3,2,WEEKLY,MO,09:00,12:00,99,\n4,3,SECONDLY,MO,09:00,12:00,,\n5,4,WEEKLY,MO,09:00,12:00,-6,\n6,4,WEEKLY,MO,12:00,15:00,-6,\n")},
	}
	rep := load(t, f, "hours", files)
	got := map[string]int{}
	for _, g := range rep.Findings {
		if strings.HasPrefix(g.Code, "hours.") || strings.HasPrefix(g.Code, "zone.") {
			got[g.Code] = g.Line
		}
	}
	if diff := cmp.Diff(map[string]int{"hours.overlap": 2, "zone.unknown": 4, "hours.rule": 5}, got); diff != "" || rep.Counts["hours.overlap"] != 1 || rep.Counts["hours.rule"] != 1 {
		t.Errorf("%s\n%v", diff, rep.Counts)
	}
}

// A set that is larger than what stays in memory goes through the sealed file:
// the records are the same, nothing of them is on the disk in clear, and no file
// is left.
func TestImportThroughTheScratch(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := newScratch(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer s.close()
	secret := []byte("77 Veiled Street")
	var spans []span
	for i := range 300 {
		where, err := s.add(append(bytes.Repeat([]byte{byte(i)}, 100_000), secret...))
		if err != nil {
			t.Fatal(err)
		}
		spans = append(spans, where)
	}
	for i, where := range spans {
		b, err := s.get(where)
		if err != nil || len(b) != 100_000+len(secret) || b[0] != byte(i) {
			t.Fatalf("piece %d: %v", i, err)
		}
	}
	if s.file == nil {
		t.Fatal("thirty megabytes stayed in memory")
	}
	disk := make([]byte, s.size)
	if _, err := s.file.ReadAt(disk, 0); err != nil || bytes.Contains(disk, secret) {
		t.Errorf("%v: an address is on the disk in clear", err)
	}
	if left, err := os.ReadDir(dir); runtime.GOOS == "linux" && (err != nil || len(left) != 0) {
		t.Errorf("%v %v", left, err)
	}
	if _, err := s.get(span{spans[1].at + 1, spans[1].len}); err == nil {
		t.Error("another piece was given")
	}
}

// One source cannot write over another's records, nor one agency over another's.
func TestImportKeepsSourcesApart(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := onSQLite(t)
	id := "3a19ff88-4620-4d17-9830-ac1d859eb5d5"
	files := func(name string) fstest.MapFS {
		return fstest.MapFS{"organizations.csv": {Data: []byte("id,name\n" + id + "," + name + "\n")}}
	}
	load(t, f, "first", files("First"))
	rep, err := f.ImportHSDS(ctx, files("Second"), "second", Options{Agency: testAgency})
	if err != nil || rep.Counts["id.shared"] != 1 || rep.Added != 0 {
		t.Errorf("%v\n%s", err, rep.Summary())
	}
	if _, err := f.ImportHSDS(ctx, files("Other"), "first", Options{Agency: "other"}); err != nil {
		t.Error(err)
	}
	ix, err := f.current(ctx, testAgency)
	if err != nil || str(ix.books.orgs[id], "name") != "First" {
		t.Errorf("the record is now %v, %v", ix.books.orgs[id], err)
	}
}

// Replace takes away what a source no longer has, and nothing of others.
func TestImportReplace(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	f := onSQLite(t)
	load(t, f, "a", fstest.MapFS{"organizations.csv": {Data: []byte("id,name\n1,One\n2,Two\n")}})
	load(t, f, "b", fstest.MapFS{"organizations.csv": {Data: []byte("id,name\n1,One\n")}})
	rep, err := f.ImportHSDS(ctx, fstest.MapFS{"organizations.csv": {Data: []byte("id,name\n2,Two\n")}}, "a", Options{Agency: testAgency, Replace: true})
	if err != nil || rep.Removed != 1 || rep.Same != 1 || storedCount(t, f) != 2 {
		t.Errorf("%v\n%s", err, rep.Summary())
	}
}

// Hostile and broken files are reported by line; nothing panics, and nothing
// of a refused file is stored.
func TestBadInput(t *testing.T) {
	t.Parallel()
	deep := make([]byte, 0, 4000)
	for range 1000 {
		deep = append(deep, `{"a":`...)
	}
	long := make([]byte, 1<<20+10)
	for i := range long {
		long[i] = 'x'
	}
	for _, c := range []struct {
		name, file, data string
		code             string
		line             int
	}{
		{"unclosed quote", "services.csv", "id,name\n1,\"x\n2,y\n", "csv.quotes", 2},
		{"empty file", "services.csv", "", "file.empty", 0},
		{"header only", "services.csv", "id,name\n", "file.empty", 0},
		{"latin-1", "services.csv", "id,name,organization_id\n1,Caf\xe9,1\n", "encoding.latin", 2},
		{"utf-16", "services.csv", "\xff\xfei\x00d\x00,\x00n\x00a\x00m\x00e\x00\n\x001\x00,\x00A\x00\n\x00", "encoding.utf16", 0},
		{"utf-16 without a mark", "services.csv", "i\x00d\x00,\x00n\x00a\x00m\x00e\x00\n\x001\x00,\x00A\x00\n\x00", "encoding.utf16", 0},
		{"utf-32", "services.csv", "\xff\xfe\x00\x00i\x00\x00\x00d\x00\x00\x00\n\x00\x00\x00", "file.unreadable", 0},
		{"rows of commas", "services.csv", "id,name\n,\n,\n", "file.empty", 0},
		{"control and bidi", "services.csv", "id,name\n1,A\x00B\u202etxt\n", "text.control", 2},
		{"too long", "services.csv", "id,name\n1," + string(long) + "\n", "text.too_long", 2},
		{"same header twice", "services.csv", "id,name,name\n1,A,B\n", "csv.header_twice", 1},
		{"extra cells", "services.csv", "id,name\n1,A,B,C\n", "csv.extra_cells", 2},
		{"same id twice", "services.csv", "id,name\n1,A\n1,B\n", "id.twice", 3},
		{"not a number", "locations.csv", "id,latitude,longitude\n1,north,10\n", "number.unreadable", 2},
		{"nowhere", "locations.csv", "id,latitude,longitude\n1,NaN,1e999\n", "coordinate.range", 2},
		{"zero", "locations.csv", "id,latitude,longitude\n1,0,0\n", "coordinate.zero", 2},
		{"unknown table", "budget.csv", "id\n1\n", "file.unknown", 0},
		{"broken json", "services.json", "[{\"id\":\"1\",\n\"name\":}]", "json.syntax", 2},
		{"cut json", "services.json", "{\"id\":\"1\"", "json.syntax", 1},
		{"deep json", "services.json", string(deep), "json.depth", 1},
		{"key twice", "services.json", "{\"id\":\"1\",\n\"name\":\"a\",\"name\":\"b\"}", "json.key_twice", 2},
		{"no record", "services.json", "[\n1, [2]]", "json.not_record", 2},
		{"second ndjson line", "services.ndjson", "{\"id\":\"1\",\"name\":\"a\"}\n{\"id\":", "json.syntax", 2},
		{"parent of itself", "organizations.csv", "id,name,parent_organization_id\n1,A,2\n2,B,1\n", "link.cycle", 2},
		{"status", "services.csv", "id,name,status\n1,A,perhaps\n", "status.unknown", 2},
		{"rule", "schedules.csv", "id,service_id,freq,interval,opens_at,closes_at\n1,1,SECONDLY,1,09:00,10:00\n", "link.parent", 2},
		{"overlapping hours", "schedules.csv", "id,service_id,freq,byday,opens_at,closes_at\n1,9,WEEKLY,MO,09:00,12:00\n", "link.parent", 2},
		{"never closed", "services.csv", "id,name\n1,\"" + strings.Repeat(strings.Repeat("x", 99)+"\n", 100_000), "row.too_long", 2},
		{"formula", "services.csv", "id,name\n1,'=cmd()\n", "text.guard", 2},
		{"no workbook", "services.xlsx", "PK\x03\x04 and nothing more", "xlsx.unreadable", 0},
		{"twice too often", "phones.csv", "id,service_id,number\n" + strings.Repeat("1,1,312\n", 1001), "id.too_often", 1002},
		{"term above itself", "taxonomy_terms.csv", "id,name,parent_id\n1,A,1\n", "link.cycle", 2},
		{"two files in two encodings", "services.csv", "id,name\n1,Café\n2,Caf\xe9\n", "encoding.latin", 3},
		{"attribute of itself", "attributes.csv", "id,link_id,link_entity\na,a,attribute\n", "link.parent", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := onSQLite(t)
			rep, err := f.ImportHSDS(context.Background(), fstest.MapFS{c.file: {Data: []byte(c.data)}}, "bad", Options{Agency: testAgency})
			hit := false
			for _, g := range rep.Findings {
				hit = hit || g.Code == c.code && g.Line == c.line && g.String() != ""
			}
			if !hit {
				t.Errorf("%s at line %d is not reported:\n%v", c.code, c.line, rep.Findings)
			}
			if (err == nil) != rep.Imported || rep.Errors() > 0 && storedCount(t, f) != 0 {
				t.Errorf("imported %v, error %v, %d records", rep.Imported, err, storedCount(t, f))
			}
			if err == nil {
				if _, err := f.Search(context.Background(), Query{Agency: testAgency, All: true}); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func TestImportOneFile(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	rep, err := f.ImportHSDS(context.Background(), os.DirFS(filepath.Join("testdata", "old")), "one", Options{Agency: testAgency, Only: "organizations.csv"})
	if err != nil || len(rep.Files) != 1 || rep.Records[entOrganization] != 2 || rep.Added != 2 {
		t.Errorf("%v\n%s", err, rep.Summary())
	}
}

func TestImportNamesItsSource(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	for _, name := range []string{"", "a b", "../x", "é"} {
		if _, err := f.ImportHSDS(context.Background(), os.DirFS(filepath.Join("testdata", "old")), name, Options{Agency: testAgency}); !errs.Is(err, errs.Invalid) {
			t.Errorf("a source called %q: %v", name, err)
		}
	}
}
