package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// smallSet is a source as it may be at some moment: which services it has, what
// they are called, and where.
func smallSet(r *rand.Rand, name string) fstest.MapFS {
	orgs, services, places, at := "id,name\n", "id,organization_id,name,description,status\n", "id,organization_id,name,latitude,longitude,address_visibility\n", "id,service_id,location_id\n"
	for o := range 3 {
		orgs += fmt.Sprintf("%d,%s House %d\n", o, name, r.IntN(2))
	}
	for s := range 8 {
		if r.IntN(5) > 0 {
			services += fmt.Sprintf("%d,%d,%s %d,%s,active\n", s, s%3, []string{"Shelter", "Legal clinic", "Food pantry"}[r.IntN(3)], s, []string{"quiet river", "open garden"}[r.IntN(2)])
			if r.IntN(2) == 0 {
				at += fmt.Sprintf("%d,%d,%d\n", s, s, r.IntN(5))
			}
		}
	}
	for l := range 5 {
		if r.IntN(6) > 0 {
			places += fmt.Sprintf("%d,%d,Place %d,41.%d,-87.%d,%s\n", l, l%3, l, 5+r.IntN(4), 5+r.IntN(4), []string{"", "", "hidden"}[r.IntN(3)])
		}
	}
	files := fstest.MapFS{}
	for file, text := range map[string]string{"organizations": orgs, "services": services, "locations": places, "service_at_location": at} {
		files[file+".csv"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// An index that followed every change answers as one that was just made of the
// records, whatever changed, on both databases.
func TestFollowsAsIfMadeAnew(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		writer, follower := newFeature(d), newFeature(d)
		r := rand.New(rand.NewPCG(1, 2))
		questions := []Query{
			{},
			{Unsure: true, All: true},
			{Words: "shelter river"},
			{Words: "house", Unsure: true},
			{Public: true},
			{Near: &Point{41.7, -87.7}, KM: 30, Unsure: true},
			{Near: &Point{41.6, -87.6}, Nearest: true},
			{Needs: []string{"legal"}, Status: Verified},
		}
		for step := range 40 {
			switch all := search(t, writer, Query{Limit: maxLimit, Unsure: true}).Items; {
			case len(all) == 0 || step%5 == 0:
				name := []string{"a", "b"}[r.IntN(2)]
				if _, err := writer.ImportHSDS(ctx, smallSet(r, name), name, Options{Agency: testAgency, Replace: r.IntN(2) == 0}); err != nil {
					t.Fatal(err)
				}
			case step%5 == 1:
				if _, err := writer.VerifyAll(ctx, testAgency, "a", "somebody", "by phone"); err != nil {
					t.Fatal(err)
				}
			case step%5 == 2:
				e := Edit{Agency: testAgency, Service: all[r.IntN(len(all))].ID, Phones: []PhoneEdit{{Number: fmt.Sprintf("312-555-01%02d", r.IntN(100))}}}
				if err := writer.EditService(ctx, e); err != nil {
					t.Fatal(err)
				}
			case step%5 == 3:
				id := all[r.IntN(len(all))].ID
				if err := writer.Verify(ctx, Check{Agency: testAgency, Service: id, By: "somebody", How: "by phone"}); err != nil {
					t.Fatal(err)
				}
			default:
				for id, p := range writer.indexes.of(testAgency).last.Load().books.placed {
					if p.level == Full && r.IntN(3) == 0 {
						if err := writer.SetVisibility(ctx, testAgency, id, Hidden); err != nil {
							t.Fatal(err)
						}
						break
					}
				}
			}
			fresh := newFeature(d)
			now := time.Now().Add(time.Minute) // checks are written by the database's clock
			for _, f := range []*Feature{writer, follower, fresh} {
				f.Now = func() time.Time { return now }
			}
			before := follower.indexes.of(testAgency).last.Load()
			for _, q := range questions {
				q.Limit = maxLimit
				want := answers(t, fresh, q)
				if got := answers(t, follower, q); got != want {
					t.Fatalf("step %d, %+v:\nfollowed %s\nfresh    %s", step, q, got, want)
				}
			}
			if before != nil && before != follower.indexes.of(testAgency).last.Load() && step > 15 && step%5 != 0 {
				t.Errorf("step %d made the index anew", step)
			}
		}
	}, Migrations)
}

// answers are what a question gives, but for the order that rests on how rare
// words are: what was struck out counts in it for a while.
func answers(t *testing.T, f *Feature, q Query) string {
	t.Helper()
	res := search(t, f, q)
	if q.Words != "" {
		slices.SortFunc(res.Items, func(a, b Result) int { return compareText(a.ID, b.ID) })
	}
	b, err := json.Marshal(res) //nolint:musttag // compared, never sent
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Two writers at the same time: every change has a revision of its own, and
// none is missed by who follows.
func TestChangesInTheOrderOfCommits(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		f := newFeature(d)
		load(t, f, "a", fstest.MapFS{"services.csv": {Data: []byte("id,name,organization_id,status\n1,One,1,active\n2,Two,1,active\n3,Three,1,active\n4,Four,1,active\n")}})
		items := search(t, f, Query{}).Items
		done := make(chan error)
		for n, item := range items {
			go func() {
				for i := range 10 {
					err := newFeature(d).EditService(ctx, Edit{Agency: testAgency, Service: item.ID, Phones: []PhoneEdit{{Number: fmt.Sprintf("312-555-0%d%02d", 1+n%2, 10*i%100+n)}}})
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for left := len(items); left > 0; {
			select {
			case err := <-done:
				if left--; err != nil {
					t.Error(err)
				}
			default:
				search(t, f, Query{}) // follows while they write
			}
		}
		if got, want := answers(t, f, Query{}), answers(t, newFeature(d), Query{}); got != want {
			t.Errorf("followed %s\nfresh    %s", got, want)
		}
	}, Migrations)
}
