package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// copied is a directory that somebody keeps beside ours.
type copied struct {
	t        *testing.T
	f        *Feature
	at       string
	services map[string]string
	ever     map[string]bool // what was published at any time
}

// follow takes what has changed, some at a time.
func (c *copied) follow(limit int) (lines int) {
	c.t.Helper()
	for {
		list, err := c.f.Changes(context.Background(), AskChanges{Agency: testAgency, After: c.at, Limit: limit, Full: true})
		if err != nil {
			c.t.Fatal(err)
		}
		for _, one := range list.Items {
			lines++
			if one.Gone {
				if !c.ever[one.ID] {
					c.t.Errorf("%s is told to be gone, and was never published", one.ID)
				}
				delete(c.services, one.ID)
			} else {
				c.services[one.ID] = string(one.Record)
			}
		}
		c.at = list.Next
		if !list.More {
			return lines
		}
	}
}

// published is what everybody may have now.
func (c *copied) published() map[string]string {
	c.t.Helper()
	p, err := c.f.Published(context.Background(), testAgency)
	if err != nil {
		c.t.Fatal(err)
	}
	all := map[string]string{}
	for _, s := range p.services {
		all[s.id] = string(p.service(nil, s, true))
		c.ever[s.id] = true
	}
	return all
}

// Who follows the changes, from whenever, has what is published, whatever
// happens: nothing is missed, and nothing is told of what nobody was to see.
func TestCopiesFollowTheChanges(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		start := time.Now().Add(time.Minute)
		by := &deeds{t: t, f: newFeature(d), r: rand.New(rand.NewPCG(5, 6)), now: start}
		reader := newFeature(d)
		for _, f := range []*Feature{by.f, reader} {
			f.Now = func() time.Time { return by.now }
		}
		ever := map[string]bool{}
		var copies []*copied
		for step := range 90 {
			what := by.do(ctx)
			if step%30 == 5 {
				copies = append(copies, &copied{t, reader, "", map[string]string{}, ever})
			}
			for i, c := range copies {
				want := c.published()
				if step%(i+1) > 0 {
					continue // this one asks less often
				}
				c.follow(1 + by.r.IntN(5))
				for id, text := range want {
					if c.services[id] != text {
						t.Fatalf("step %d, %s, copy %d: %s\ncopied    %s\npublished %s", step, what, i, id, c.services[id], text)
					}
				}
				if len(c.services) != len(want) {
					t.Fatalf("step %d, %s, copy %d has %d services, and %d are published", step, what, i, len(c.services), len(want))
				}
				if lines := c.follow(3); lines != 0 {
					t.Fatalf("step %d: %d changes are told twice", step, lines)
				}
			}
		}
	}, Migrations)
}

// A change that nobody sees is told to nobody, and one service's change is one
// line.
func TestOneChangeIsOneLine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		f := &Feature{DB: d}
		load(t, f, "lines", lines)
		c := &copied{t, f, "", map[string]string{}, map[string]bool{}}
		if n := c.follow(10); n != 0 {
			t.Errorf("nothing is published, and %d changes are told", n)
		}
		id := idOf(t, f, "Warsaw line")
		verify := func() {
			t.Helper()
			if err := f.Verify(ctx, Check{Agency: testAgency, Service: id, By: "Kim", How: "by phone"}); err != nil {
				t.Fatal(err)
			}
		}
		verify()
		c.published()
		if n := c.follow(10); n != 1 || c.services[id] == "" {
			t.Errorf("%d changes: %v", n, c.services)
		}
		if err := f.Missed(ctx, testAgency, id); err != nil {
			t.Fatal(err)
		}
		if n := c.follow(10); n != 0 {
			t.Errorf("a call that reached nobody is told: %d changes", n)
		}
		for i := range 3 { // edited, and so not published: one line, however often
			if err := f.EditService(ctx, Edit{Agency: testAgency, Service: id, Phones: []PhoneEdit{{Number: fmt.Sprintf("+48 22 222 22 2%d", i)}}}); err != nil {
				t.Fatal(err)
			}
		}
		list, err := f.Changes(ctx, AskChanges{Agency: testAgency, After: c.at, Limit: 10, Full: true})
		if err != nil || len(list.Items) != 1 || !list.Items[0].Gone || list.Items[0].Record != nil {
			t.Errorf("%+v, %v", list, err)
		}
		verify()
		if n := c.follow(10); n != 1 || !strings.Contains(c.services[id], "222 22 22") {
			t.Errorf("%d changes: %v", n, c.services)
		}
		if fresh := (&copied{t, f, "", map[string]string{}, map[string]bool{}}); fresh.follow(10) != 1 {
			t.Error("a new copy does not begin with what is published")
		}
	}, Migrations)
}

// A cursor is refused if one cannot go on from it; it is never just another
// list.
func TestOldCursors(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		now := time.Now()
		f := &Feature{DB: d, Now: func() time.Time { return now }}
		load(t, f, "lines", lines)
		if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
			t.Fatal(err)
		}
		first, err := f.Changes(ctx, AskChanges{Agency: testAgency, Limit: 1})
		if err != nil || !first.More {
			t.Fatalf("%+v, %v", first, err)
		}
		id := first.Items[0].ID
		if err := f.EditService(ctx, Edit{Agency: testAgency, Service: id, Phones: []PhoneEdit{{Number: "+48 22 222 22 22"}}}); err != nil {
			t.Fatal(err)
		}
		ask := func(cursor string) error {
			_, err := f.Changes(ctx, AskChanges{Agency: testAgency, After: cursor, Limit: 10})
			return err
		}
		if err := ask(first.Next); err != nil {
			t.Error(err)
		}
		for _, bad := range []string{"x", "%%%", strings.Repeat("a", 300), "eCB4IHggeA"} {
			if err := ask(bad); !errs.Is(err, errs.Invalid) {
				t.Errorf("%.20s: %v", bad, err)
			}
		}
		known, err := readCursor(first.Next)
		if err != nil {
			t.Fatal(err)
		}
		other, later := known, known
		other.feed = "another"
		later.revision += 1000
		for _, c := range []cursor{other, later} {
			if err := ask(c.String()); !errs.Is(err, errs.Gone) {
				t.Errorf("%+v: %v", c, err)
			}
		}
		now = now.Add(keptGone + time.Hour) // all are hidden meanwhile, and the first was gone for long
		if err := ask(first.Next); !errs.Is(err, errs.Gone) {
			t.Errorf("what was told is forgotten, and the answer is %v", err)
		}
		if err := ask(""); err != nil {
			t.Error(err)
		}
	}, Migrations)
}
