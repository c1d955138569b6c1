package directory

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

var twinsA = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,website\n1,Harbour House,https://www.harbour.example/\n2,Other Street,\n")},
	"services.csv":      {Data: []byte("id,organization_id,name,status\n1,1,Harbour night shelter,active\n2,1,Harbour day room,active\n3,2,Legal help,active\n")},
	"phones.csv":        {Data: []byte("id,service_id,number\n1,1,(312) 555-0142\n2,2,312-555-0142\n")},
}

var twinsB = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,website\n9,The Harbour House Inc.,http://harbour.example\n")},
	"services.csv":      {Data: []byte("id,organization_id,name,status,email\n8,9,Harbour Night Shelter,active,night@harbour.example\n7,9,Harbour kitchen,active,\n")},
	"phones.csv":        {Data: []byte("id,service_id,number\n5,8,+1 312 555 0142\n6,8,312-555-0177\n")},
	"languages.csv":     {Data: []byte("id,service_id,name\n5,8,Polish\n")},
}

// What is twice is found, merged, survives both sources being read again, and
// comes back whole.
func TestMergeAndUndo(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = nil
		ctx := context.Background()
		load(t, f, "a", twinsA)
		load(t, f, "b", twinsB)
		before := everything(t, f)
		pairs, err := f.Duplicates(ctx, testAgency)
		if err != nil {
			t.Fatal(err)
		}
		var said []string
		for _, p := range pairs {
			said = append(said, p.Kind+": "+p.AName+" = "+p.BName+" by "+strings.Join(p.Why, " and "))
		}
		if len(pairs) != 2 || !strings.Contains(strings.Join(said, "\n"), "night shelter") || !strings.Contains(strings.Join(said, "\n"), "organization: ") {
			t.Fatalf("pairs: %s", strings.Join(said, "\n"))
		}
		orgA, orgB := ids.DeriveUUID("a", "organizations/1"), ids.DeriveUUID("b", "organizations/9")
		one, two := ids.DeriveUUID("a", "services/1"), ids.DeriveUUID("b", "services/8")
		if err := f.Merge(ctx, testAgency, entOrganization, orgA, orgB, "Kim"); err != nil {
			t.Fatal(err)
		}
		if err := f.Merge(ctx, testAgency, entService, one, two, "Kim"); err != nil {
			t.Fatal(err)
		}
		check := func(when string) {
			t.Helper()
			res := search(t, f, Query{Words: "harbour", Unsure: true})
			if res.Total != 3 {
				t.Errorf("%s: %v", when, names(res))
			}
			for _, r := range res.Items {
				if r.Organization != "Harbour House" {
					t.Errorf("%s: %s is of %q", when, r.Name, r.Organization)
				}
			}
			s, err := f.Service(ctx, testAgency, one)
			if err != nil || len(s.Phones) != 2 || s.Email != "night@harbour.example" || len(s.Languages) != 1 {
				t.Errorf("%s: %v %+v", when, err, s.Phones)
			}
		}
		check("merged")
		load(t, f, "a", twinsA)
		load(t, f, "b", twinsB)
		check("read again")
		if more, err := f.Duplicates(ctx, testAgency); err != nil || len(more) != 0 {
			t.Errorf("merged pairs are found again: %v %v", more, err)
		}
		if err := f.Merge(ctx, testAgency, entService, one, two, "Kim"); !errs.Is(err, errs.Invalid) {
			t.Errorf("merged twice: %v", err)
		}
		list, err := f.Merges(ctx, testAgency)
		if err != nil || len(list) != 2 || list[0].GoneName == "" {
			t.Fatalf("%v %+v", err, list)
		}
		for _, m := range list {
			if err := f.Unmerge(ctx, testAgency, m.ID, "Kim"); err != nil {
				t.Fatal(err)
			}
			if err := f.Unmerge(ctx, testAgency, m.ID, "Kim"); !errs.Is(err, errs.NotFound) {
				t.Errorf("undone twice: %v", err)
			}
		}
		if after := everything(t, f); after != before {
			t.Errorf("after undo:\n%s\nbefore:\n%s", after, before)
		}
		if err := f.Merge(ctx, "other", entService, one, two, "Kim"); !errs.Is(err, errs.NotFound) {
			t.Errorf("another agency merged: %v", err)
		}
	}, Migrations)
}

// everything is all records, without when they were written.
func everything(t *testing.T, f *Feature) string {
	t.Helper()
	var b strings.Builder
	err := f.DB.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		all, err := allRecords(ctx, tx, testAgency)
		for _, s := range all {
			b.WriteString(strings.Join([]string{s.kind, s.id, s.organization, s.source, s.text, s.overlay}, "|") + "\n")
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The newest import of a source can be taken back, and one that hid a place
// cannot: how it was would tell where it is.
func TestUndoImport(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = nil
		ctx := context.Background()
		load(t, f, "a", twinsA)
		before := everything(t, f)
		next := fstest.MapFS{
			"organizations.csv": {Data: []byte("id,name,website\n1,Harbour House,https://www.harbour.example/\n3,New,\n")},
			"services.csv":      {Data: []byte("id,organization_id,name,status\n1,1,Renamed,active\n")},
		}
		if _, err := f.ImportHSDS(ctx, next, "a", Options{Agency: testAgency, Replace: true, By: "Kim"}); err != nil {
			t.Fatal(err)
		}
		list, err := f.Imports(ctx, testAgency)
		if err != nil || len(list) != 2 || !list[0].Undo || list[1].Undo || list[0].By != "Kim" || list[0].Removed == 0 || list[0].Changed == 0 || list[0].Added == 0 {
			t.Fatalf("%v %+v", err, list)
		}
		if err := f.UndoImport(ctx, testAgency, list[1].ID); !errs.Is(err, errs.NotFound) {
			t.Errorf("an older one was undone: %v", err)
		}
		if err := f.UndoImport(ctx, testAgency, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if after := everything(t, f); after != before {
			t.Errorf("after undo:\n%s\nbefore:\n%s", after, before)
		}
		hidden := fstest.MapFS{"locations.csv": {Data: []byte("id,name,address_visibility\nx,Refuge,hidden\n")}}
		load(t, f, "b", hidden)
		if list, err = f.Imports(ctx, testAgency); err != nil || list[0].Undo || !list[1].Undone {
			t.Errorf("%v %+v", err, list)
		}
	}, Migrations)
}
