package directory

import (
	"context"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Invented services are found as such, a second time changes nothing, more of
// them are added to those that are there, and all of them go again.
func TestInventedServices(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		f, err := New(d, nil)
		if err != nil {
			t.Fatal(err)
		}
		agency := "invented"
		if _, err := f.LoadStarter(ctx, agency); err != nil {
			t.Fatal(err)
		}
		steps := 0
		invent := func(n int) int {
			added, err := f.invent(ctx, agency, 7, n, 30, func(int) { steps++ })
			if err != nil {
				t.Fatal(err)
			}
			return added
		}
		if invent(40) == 0 || invent(40) != 0 || invent(70) == 0 || steps != 2+2+3 {
			t.Errorf("not as many new records as there should be; told of %d steps", steps)
		}
		find := func(public bool) Results {
			res, err := f.Search(ctx, Query{Agency: agency, Source: InventedSource, Unsure: true, Public: public, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			return res
		}
		if n := find(false).Total; n != 70 {
			t.Errorf("%d are found", n)
		}
		for _, s := range find(false).Items {
			if s.Source != InventedSource || !strings.HasSuffix(s.Organization, "(invented)") {
				t.Errorf("%+v does not say that it is invented", s)
			}
		}
		if n := find(true).Total; n != 0 {
			t.Errorf("the public sees %d that nobody verified", n)
		}
		if n, err := f.VerifyAll(ctx, agency, InventedSource, "a test", "not at all"); err != nil || n != 70 {
			t.Errorf("%d are verified: %v", n, err)
		}
		if gone, err := f.Uninvent(ctx, agency); err != nil || gone == 0 {
			t.Errorf("%d are gone: %v", gone, err)
		}
		if n := find(false).Total; n != 0 {
			t.Errorf("%d are still there", n)
		}
		if res, err := f.Search(ctx, Query{Agency: agency, Unsure: true}); err != nil || res.Total == 0 {
			t.Errorf("the starter directory went with them: %v", err)
		}
		if _, err := f.Invent(ctx, agency, 7, mostInvented+1, func(int) {}); err == nil {
			t.Error("more than memory holds can be asked for")
		}
	}, Migrations)
}
