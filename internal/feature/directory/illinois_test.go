package directory

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Every row of every table of the Illinois set is somewhere afterwards, and
// reading it again changes nothing.
func TestIllinoisWhole(t *testing.T) {
	dir := sharedData(t, "illinois-legal-aid", "output")
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := &Feature{DB: d}
		ctx := context.Background()
		opt := Options{Agency: testAgency}
		dry := opt
		dry.DryRun = true
		rep, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", dry)
		if err != nil || rep.Imported || rep.Added == 0 {
			t.Fatalf("dry run: %v\n%s", err, rep.Summary())
		}
		first, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", opt)
		if err != nil {
			t.Fatalf("%v\n%s", err, first.Summary())
		}
		if first.Added != rep.Added {
			t.Errorf("the dry run said %d records, the import added %d", rep.Added, first.Added)
		}
		for table, kind := range map[string]string{"services": entService, "locations": entLocation} {
			want := csvRows(t, filepath.Join(dir, table+".csv"))
			if kind == entLocation { // a postal location is made around each address of an organization
				want += csvRows(t, filepath.Join(dir, "postal_addresses.csv"))
			}
			if got := first.Records[kind]; got != want {
				t.Errorf("%d %s, want %d", got, kind, want)
			}
		}
		for table, kind := range map[string]string{"phones": entPhone, "regular_schedules": entSchedule, "postal_addresses": entAddress} {
			if got, want := first.Nested[kind], csvRows(t, filepath.Join(dir, table+".csv")); got != want {
				t.Errorf("%d %s, want %d", got, kind, want)
			}
		}
		if first.Records[entLoose] != 0 {
			t.Errorf("%d rows are attached to nothing", first.Records[entLoose])
		}
		again, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", opt)
		if err != nil || again.Added != 0 || again.Changed != 0 || again.Removed != 0 || again.Same != first.Added {
			t.Errorf("a second time: %v\n%s", err, again.Summary())
		}
		countStored(t, f, first)
		if d.Engine() == db.SQLite { // the form does not depend on the engine
			if n, err := f.VerifyAll(ctx, testAgency, "illinois", "test", "test"); err != nil || n != first.Records[entService]-1 {
				t.Errorf("%d verified, %v", n, err) // all but the row that names no service
			}
			checkExport(t, f, testAgency)
		}
	}, Migrations)
}

// countStored finds in the stored records what the report says is in them.
func countStored(t *testing.T, f *Feature, rep *Report) {
	t.Helper()
	inside := map[string]map[string]bool{}
	var walk func(key string, v any)
	walk = func(key string, v any) {
		switch v := v.(type) {
		case []any:
			for _, c := range v {
				walk(key, c)
			}
		case Object:
			if e := entityByList[key]; e != nil {
				if inside[e.name] == nil {
					inside[e.name] = map[string]bool{}
				}
				inside[e.name][str(v, "id")] = true
			}
			for k, c := range v {
				walk(k, c)
			}
		}
	}
	records := map[string]int{}
	err := f.DB.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		all, err := allRecords(ctx, tx, testAgency)
		for _, s := range all {
			records[s.kind]++
			o, err := s.object()
			if err != nil {
				return err
			}
			if s.kind == entLoose {
				list := ""
				if e := entityByName[str(o, "entity")]; e != nil {
					list = e.list
				}
				walk(list, o["object"])
				continue
			}
			walk("", o)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for kind, n := range rep.Records {
		if records[kind] != n {
			t.Errorf("%d %s stored, %d reported", records[kind], kind, n)
		}
	}
	for kind, n := range rep.Nested {
		if len(inside[kind]) != n {
			t.Errorf("%d %s stored inside records, %d reported", len(inside[kind]), kind, n)
		}
	}
}

// The Ohana sample, whose tables differ again, loads, and its services are
// found where their locations are.
func TestOhanaSample(t *testing.T) {
	t.Parallel()
	dir := sharedData(t, "ohana-sample", "data", "sample-csv")
	f := onSQLite(t)
	rep, err := f.ImportHSDS(context.Background(), os.DirFS(dir), "ohana", Options{Agency: testAgency})
	if err != nil || rep.Records[entService] != 23 || rep.Records[entLocation] != 22 || rep.Records[entLoose] != 0 {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	countStored(t, f, rep)
	res := search(t, f, Query{Words: "older adults", Place: "Redwood City, CA", KM: 10, Language: "tl"})
	if len(res.Items) == 0 || res.Items[0].Organization != "Peninsula Family Service" || res.Items[0].Where.Address == "" {
		t.Errorf("%+v", res.Items)
	}
	if _, err := f.VerifyAll(context.Background(), testAgency, "", "test", "test"); err != nil {
		t.Fatal(err)
	}
	checkExport(t, f, testAgency)
}
