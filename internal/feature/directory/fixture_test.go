package directory

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

const testAgency = "agency"

// sharedData is test data that may not be kept in the repository. It lies
// beside it where the project is developed.
func sharedData(t testing.TB, parts ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "..", "..", "shared", "data", "directory"}, parts...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the shared test data is not here: %s", filepath.Join(parts...))
	}
	return dir
}

func csvRows(t *testing.T, file string) int {
	t.Helper()
	_, rows := csvTable(t, file)
	return len(rows)
}

// noon is a Monday, 12:00 in Chicago, in standard time.
var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func newFeature(d *db.DB) *Feature {
	return &Feature{DB: d, Now: func() time.Time { return noon }}
}

// onSQLite is a directory on one engine, for tests that are not about storage.
func onSQLite(t testing.TB) *Feature {
	t.Helper()
	f := newFeature(dbtest.Open(t, dbtest.SQLite(t), Migrations))
	f.Now = nil
	return f
}

// load imports a set of agencies that are known.
func load(t testing.TB, f *Feature, source string, files fstest.MapFS) *Report {
	t.Helper()
	rep, err := f.ImportHSDS(context.Background(), files, source, Options{Agency: testAgency})
	if err != nil {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	if _, err := f.VetAll(context.Background(), testAgency, "", "Kim", "known for years"); err != nil {
		t.Fatal(err)
	}
	return rep
}

func loadOld(t testing.TB, f *Feature) *Report {
	t.Helper()
	rep, err := f.ImportHSDS(context.Background(), os.DirFS(filepath.Join("testdata", "old")), "old", Options{Agency: testAgency})
	if err != nil {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	if _, err := f.VetAll(context.Background(), testAgency, "", "Kim", "known for years"); err != nil {
		t.Fatal(err)
	}
	return rep
}

func search(t testing.TB, f *Feature, q Query) Results {
	t.Helper()
	q.Agency = testAgency
	res, err := f.Search(context.Background(), q)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func names(res Results) []string {
	out := []string{}
	for _, r := range res.Items {
		out = append(out, r.Name)
	}
	return out
}
