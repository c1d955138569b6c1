package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// saysA and saysB are what two sources say of one service.
var saysA = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,email\n1,Harbour House,house@harbour.example\n")},
	"services.csv":      {Data: []byte("id,organization_id,name,status,fees_description\n1,1,Harbour shelter,active,Free\n")},
	"phones.csv":        {Data: []byte("id,service_id,number\n1,1,312-555-0142\n")},
	"languages.csv":     {Data: []byte("id,service_id,name\n1,1,Spanish\n")},
}

func saysB(number string) fstest.MapFS {
	return fstest.MapFS{
		"organizations.csv": {Data: []byte("id,name,email\n9,The Harbour House,post@harbour.example\n")},
		"services.csv":      {Data: []byte("id,organization_id,name,status,email,fees_description\n8,9,Harbour Shelter,active,night@harbour.example,Free\n")},
		"phones.csv":        {Data: []byte("id,service_id,number\n5,8," + number + "\n")},
		"languages.csv":     {Data: []byte("id,service_id,name\n5,8,Polish\n6,8,Spanish\n")},
	}
}

// numbers are the phones of a service that are shown.
func numbers(t *testing.T, f *Feature, id string) (list []string) {
	t.Helper()
	d, err := f.Service(context.Background(), testAgency, id)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range d.OwnPhones {
		list = append(list, digits(p.Printed))
	}
	return list
}

// openFields are the fields of which sources say different things: "name: field field".
func openFields(t *testing.T, f *Feature) string {
	t.Helper()
	list, all, err := f.Conflicts(context.Background(), testAgency)
	if err != nil || all != len(list) {
		t.Fatalf("%d of %d, %v", len(list), all, err)
	}
	var lines []string
	for _, c := range list {
		line := c.Name + ":"
		for _, d := range c.Fields {
			line += " " + d.Field
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// pick chooses what a source says of a field of the only conflict.
func pick(t *testing.T, f *Feature, field, source string) error {
	t.Helper()
	list, _, err := f.Conflicts(context.Background(), testAgency)
	if err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	p := Pick{Agency: testAgency, Kind: list[0].Kind, ID: list[0].ID, Field: field}
	for _, d := range list[0].Fields {
		if d.Field != field {
			continue
		}
		p.Seen = d.Seen
		if source == allVoices {
			p.Voice = d.All
		}
		for _, c := range d.Choices {
			if slices.ContainsFunc(c.From, func(o Origin) bool { return o.Source == source }) {
				p.Voice = c.Voice
			}
		}
	}
	return f.Choose(context.Background(), p)
}

func verifyOne(t *testing.T, f *Feature, id string) {
	t.Helper()
	if err := f.Verify(context.Background(), Check{Agency: testAgency, Service: id, By: "Kim", How: "by phone"}); err != nil {
		t.Fatal(err)
	}
}

func statusOf(t *testing.T, f *Feature, id string) Status {
	t.Helper()
	d, err := f.Service(context.Background(), testAgency, id)
	if err != nil {
		t.Fatal(err)
	}
	return d.Status
}

// What sources do not agree on is shown as the first in order has it, listed,
// decided by a person, kept, and taken back; what somebody checked stays until then.
func TestSourcesThatDiffer(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		load(t, f, "a", saysA)
		load(t, f, "b", saysB("312-555-0177"))
		before := everything(t, f)
		one, two := ids.DeriveUUID("a", "services/1"), ids.DeriveUUID("b", "services/8")
		if err := f.Merge(ctx, testAgency, entService, one, two, "Kim"); err != nil {
			t.Fatal(err)
		}
		expect := func(when, number, differing string, status Status) {
			t.Helper()
			if got := strings.Join(numbers(t, f, one), " "); got != number {
				t.Errorf("%s: the number is %s", when, got)
			}
			if got := openFields(t, f); got != differing {
				t.Errorf("%s: conflicts are %q", when, got)
			}
			if got := statusOf(t, f, one); got != status {
				t.Errorf("%s: it is %s", when, got)
			}
		}
		const phonesDiffer = "Harbour shelter: phones"
		expect("merged", "3125550142", phonesDiffer, Never)
		if s, err := f.Service(ctx, testAgency, one); err != nil || s.Email != "night@harbour.example" || len(s.Languages) != 2 {
			t.Errorf("what it lacked: %+v, %v", s.Result, err)
		}

		if err := f.MoveSource(ctx, testAgency, "b", true); err != nil {
			t.Fatal(err)
		}
		expect("b goes first", "3125550177", "Harbour Shelter: phones", Never)
		verifyOne(t, f, one)
		if err := f.MoveSource(ctx, testAgency, "b", false); err != nil {
			t.Fatal(err)
		}
		expect("checked, a goes first", "3125550177", "Harbour Shelter: phones", Verified)
		load(t, f, "b", saysB("312-555-0199"))
		expect("checked, b says something new", "3125550177", "Harbour Shelter: phones", Verified)

		if err := pick(t, f, "phones", "b"); err != nil {
			t.Fatal(err)
		}
		expect("chosen", "3125550199", "", Never)
		load(t, f, "a", saysA)
		expect("a is read again", "3125550199", "", Never)
		load(t, f, "b", saysB("312-555-0111"))
		expect("b says something newer", "3125550199", phonesDiffer, Never)
		if err := pick(t, f, "phones", allVoices); err != nil {
			t.Fatal(err)
		}
		expect("all of them", "3125550142 3125550111", "", Never)
		verifyOne(t, f, one)

		list, err := f.Choices(ctx, testAgency)
		if err != nil || len(list) != 1 || list[0].Field != "phones" || list[0].Name != "Harbour shelter" {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := f.Undo(ctx, testAgency, one, list[0].Event); err != nil {
			t.Fatal(err)
		}
		expect("taken back", "3125550199", phonesDiffer, Never)
		if list, err = f.Choices(ctx, testAgency); err != nil || len(list) != 1 || list[0].From != "b" {
			t.Fatalf("%+v, %v", list, err)
		}
		if err := f.Undo(ctx, testAgency, one, list[0].Event); err != nil {
			t.Fatal(err)
		}
		expect("all taken back", "3125550142", phonesDiffer, Never)
		if err := f.EditService(ctx, Edit{Agency: testAgency, Service: one, Phones: []PhoneEdit{{Number: "312-555-0100"}}}); err != nil {
			t.Fatal(err)
		}
		expect("our own edit", "3125550100", "", Never)
		if d, err := f.Service(ctx, testAgency, one); err != nil || len(d.Said) == 0 || d.Said[slices.IndexFunc(d.Said, func(s Stated) bool { return s.Field == "phones" })].From != "" {
			t.Errorf("it is not said to be ours: %+v, %v", d.Said, err)
		}
		for _, p := range []Pick{{Field: "phones", Seen: "x"}, {Field: "description"}, {Field: "attributes"}} {
			p.Agency, p.Kind, p.ID = testAgency, entService, one
			if err := f.Choose(ctx, p); !errs.Is(err, errs.Conflict) && !errs.Is(err, errs.NotFound) {
				t.Errorf("%+v: %v", p, err)
			}
		}
		events, err := f.Service(ctx, testAgency, one)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range events.History {
			if e.Action == "edited" {
				if err := f.Undo(ctx, testAgency, one, e.ID); err != nil {
					t.Fatal(err)
				}
			}
		}
		expect("our own edit taken back", "3125550142", phonesDiffer, Never)
		load(t, f, "b", saysB("312-555-0177"))
		merges, err := f.Merges(ctx, testAgency)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Unmerge(ctx, testAgency, merges[0].ID, "Kim"); err != nil {
			t.Fatal(err)
		}
		if got := openFields(t, f); got != "" {
			t.Errorf("conflicts of a merge that was taken back: %q", got)
		}
		if after := everything(t, f); after != before {
			t.Errorf("after:\n%s\nbefore:\n%s", after, before)
		}
	}, Migrations)
}

// shared is a service that several sources give by the same identifier.
func shared(id, number, url string) fstest.MapFS {
	return fstest.MapFS{"services.ndjson": {Data: []byte(`{"id":"` + id + `","name":"Night line","status":"active","url":"` + url + `","phones":[{"id":"` + ids.UUID() + `","number":"` + number + `"}]}` + "\n")}}
}

// A source that gives what another gave before is heard and does not overwrite it;
// it leaves cleanly, and what the first takes away comes back as its own.
func TestTheSameFromTwoSources(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		id := ids.UUID()
		take := func(source string, files fstest.MapFS) *Report {
			t.Helper()
			rep, err := f.ImportHSDS(ctx, files, source, Options{Agency: testAgency, Replace: true})
			if err != nil {
				t.Fatal(err)
			}
			return rep
		}
		take("a", shared(id, "312-555-0142", ""))
		before := everything(t, f)
		if err := f.Subscribe(ctx, testAgency, Subscription{Source: "b", URL: "https://b.example", Every: time.Hour}); err != nil {
			t.Fatal(err)
		}
		other := shared(ids.UUID(), "312-555-0188", "")
		with := func(number, url string) fstest.MapFS {
			both := shared(id, number, url)
			both["more.ndjson"] = other["services.ndjson"]
			return fstest.MapFS{"services.ndjson": {Data: append(slices.Clone(both["services.ndjson"].Data), both["more.ndjson"].Data...)}}
		}
		take("b", with("+1 312 555 0142", "https://night.example"))
		if got := openFields(t, f); got != "" {
			t.Errorf("the same number in two forms: %q", got)
		}
		s, err := f.Service(ctx, testAgency, id)
		if err != nil || s.URL != "https://night.example" || s.Source != "a" {
			t.Errorf("what it lacked: %+v, %v", s.Result, err)
		}
		if i := slices.IndexFunc(s.Said, func(v Stated) bool { return v.Field == "url" }); i < 0 || s.Said[i].From != "b" || s.Said[i].At.IsZero() {
			t.Errorf("where it is from: %+v", s.Said)
		}
		take("b", with("312-555-0177", "https://night.example"))
		if got := openFields(t, f); got != "Night line: phones" {
			t.Errorf("%q", got)
		}
		if got := numbers(t, f, id); len(got) != 1 || got[0] != "3125550142" {
			t.Errorf("a feed overwrote: %v", got)
		}
		if subs, err := f.Subscriptions(ctx, testAgency); err != nil || subs[0].Ours != 0 {
			t.Errorf("our own work in it: %+v, %v", subs, err)
		}
		if _, err := f.Unsubscribe(ctx, testAgency, "b", true, "Kim"); err != nil {
			t.Fatal(err)
		}
		if after := everything(t, f); after != before || openFields(t, f) != "" {
			t.Errorf("after the end:\n%s\nbefore:\n%s", after, before)
		}

		if err := f.Subscribe(ctx, testAgency, Subscription{Source: "b", URL: "https://b.example", Every: time.Hour}); err != nil {
			t.Fatal(err)
		}
		take("b", with("312-555-0177", ""))
		sub, err := f.subscription(ctx, testAgency, "b")
		if err != nil {
			t.Fatal(err)
		}
		if err := f.remember(ctx, testAgency, sub, time.Now(), nil); err != nil {
			t.Fatal(err)
		}
		take("a", shared(ids.UUID(), "312-555-0100", ""))
		if due, err := f.dueFeeds(ctx, testAgency); err != nil || len(due) != 1 || !due[0].whole(time.Now()) {
			t.Errorf("b is not read whole: %+v, %v", due, err)
		}
		take("b", with("312-555-0177", ""))
		if s, err := f.Service(ctx, testAgency, id); err != nil || s.Source != "b" {
			t.Errorf("it did not come back: %+v, %v", s.Result, err)
		}
		list, err := f.Imports(ctx, testAgency)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.UndoImport(ctx, testAgency, list[0].ID); err != nil {
			t.Fatal(err)
		}
		if got := openFields(t, f); got != "" {
			t.Errorf("conflicts of what left: %q", got)
		}
	}, Migrations)
}

// A place that was chosen of a source that has ended gives way to what the others say.
func TestAChosenPlaceLeavesWithItsSource(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		at := func(street string) fstest.MapFS {
			return fstest.MapFS{
				"services.csv":            {Data: []byte("id,organization_id,name,status\n1,1,Night line,active\n")},
				"organizations.csv":       {Data: []byte("id,name\n1,Harbour House\n")},
				"locations.csv":           {Data: []byte("id,organization_id,name\n1,1,House\n")},
				"addresses.csv":           {Data: []byte("id,location_id,address_1,city,country\n1,1," + street + ",Chicago,US\n")},
				"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n")},
			}
		}
		load(t, f, "a", at("12 First Street"))
		if err := f.Subscribe(ctx, testAgency, Subscription{Source: "b", URL: "https://b.example", Every: time.Hour}); err != nil {
			t.Fatal(err)
		}
		load(t, f, "b", at("34 Second Street"))
		one := ids.DeriveUUID("a", "services/1")
		if err := f.Merge(ctx, testAgency, entService, one, ids.DeriveUUID("b", "services/1"), "Kim"); err != nil {
			t.Fatal(err)
		}
		where := func() (list []string) {
			s, err := f.Service(ctx, testAgency, one)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range s.Places {
				list = append(list, p.Address)
			}
			return list
		}
		for voice, want := range map[string]string{"b": "34 Second Street, Chicago", allVoices: "12 First Street, Chicago 34 Second Street, Chicago"} {
			if err := pick(t, f, "service_at_locations", voice); err != nil {
				t.Fatal(err)
			}
			got := where()
			slices.Sort(got)
			if strings.Join(got, " ") != want {
				t.Errorf("chosen of %s: %q", voice, got)
			}
			list, err := f.Choices(ctx, testAgency)
			if err != nil || len(list) != 1 || strings.Join(list[0].Where, " ") != want {
				t.Fatalf("%+v, %v", list, err)
			}
			if err := f.Undo(ctx, testAgency, one, list[0].Event); err != nil {
				t.Fatal(err)
			}
		}
		if err := pick(t, f, "service_at_locations", "b"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Unsubscribe(ctx, testAgency, "b", false, "Kim"); err != nil {
			t.Fatal(err)
		}
		if got := where(); len(got) != 1 || got[0] != "12 First Street, Chicago" {
			t.Errorf("its source has ended: %q", got)
		}
	}, Migrations)
}

// Over a record with a place that is not shown whole nothing is taken in which words
// could tell the way, and what was taken before leaves when a place is hidden.
func TestSourcesTellNoHiddenPlace(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		load(t, f, "a", fstest.MapFS{
			"services.csv":            {Data: []byte("id,organization_id,name,status\n1,1,Refuge,active\n")},
			"organizations.csv":       {Data: []byte("id,name\n1,Harbour House\n")},
			"locations.csv":           {Data: []byte("id,organization_id,name\n1,1,The house\n")},
			"addresses.csv":           {Data: []byte("id,location_id,address_1,city,country\n1,1,12 Quiet Lane,Chicago,US\n")},
			"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n")},
		})
		load(t, f, "b", fstest.MapFS{
			"services.csv":            {Data: []byte("id,organization_id,name,status,url,eligibility_description\n8,9,Refuge,active,https://refuge.example/quiet-lane,Ring at the red door of the bakery in Quiet Lane\n")},
			"organizations.csv":       {Data: []byte("id,name\n9,Harbour\n")},
			"phones.csv":              {Data: []byte("id,service_id,number,description\n5,8,312-555-0177,Red door of the bakery\n")},
			"locations.csv":           {Data: []byte("id,organization_id,name\n5,9,Bakery\n")},
			"addresses.csv":           {Data: []byte("id,location_id,address_1,city,country\n5,5,12 Quiet Lane,Chicago,US\n")},
			"service_at_location.csv": {Data: []byte("id,service_id,location_id\n5,8,5\n")},
		})
		one, two := ids.DeriveUUID("a", "services/1"), ids.DeriveUUID("b", "services/8")
		if err := f.Merge(ctx, testAgency, entService, one, two, "Kim"); err != nil {
			t.Fatal(err)
		}
		s, err := f.Service(ctx, testAgency, one)
		if err != nil || s.URL == "" || s.Eligibility == "" || s.OwnPhones[0].Description == "" || len(s.Places) != 1 {
			t.Fatalf("%+v, %v", s, err)
		}
		verifyOne(t, f, one)
		if err := f.SetVisibility(ctx, testAgency, s.Places[0].ID, Hidden); err != nil {
			t.Fatal(err)
		}
		s, err = f.Service(ctx, testAgency, one)
		if err != nil || s.URL != "" || s.Eligibility != "" || len(s.OwnPhones) != 1 || s.OwnPhones[0].Description != "" || len(s.Places) != 1 || s.Places[0].Visibility != Hidden {
			t.Errorf("hidden: %+v, %v", s, err)
		}
		list, _, err := f.Conflicts(ctx, testAgency)
		if err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
	}, Migrations)
}

// Whatever happens to sources, order, merges and checks, records are as they would be
// if all of them were weighed anew, what was checked never changes by another source's
// word, and when sources have ended nothing of theirs is left over others.
func TestWeighedAsIfMadeAnew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		f.Now = time.Now
		ctx := t.Context()
		r := rand.New(rand.NewPCG(3, 4))
		sources := []string{"a", "b", "c"}
		set := func(source string) fstest.MapFS {
			services, phones, at := "id,organization_id,name,status,email\n", "id,service_id,number\n", "id,service_id,location_id\n"
			places, addresses := "id,organization_id,name,address_visibility\n", "id,location_id,address_1,city,country\n"
			for n := range 3 {
				id := strconv.Itoa(n) // the first is the same in all sources
				if n == 0 {
					id = "5d0b7a2e-0000-4000-8000-00000000000a"
				}
				if r.IntN(6) == 0 {
					continue
				}
				services += fmt.Sprintf("%s,%d,Line %d,active,%s\n", id, n, n, []string{"", "x@" + source + ".example", "y@line.example"}[r.IntN(3)])
				phones += fmt.Sprintf("%d,%s,312-555-01%02d\n", n, id, r.IntN(3))
				at += fmt.Sprintf("%d,%s,%d\n", n, id, n)
			}
			for n := range 3 {
				places += fmt.Sprintf("%d,%d,Place %d,%s\n", n, n, n, []string{"", "", "", "", "", "hidden"}[r.IntN(6)])
				addresses += fmt.Sprintf("%d,%d,%d Main Street,Chicago,US\n", n, n, 10+r.IntN(2))
			}
			files := fstest.MapFS{"organizations.csv": {Data: []byte("id,name\n0,House 0\n1,House 1\n2,House 2\n")}}
			for file, text := range map[string]string{"services": services, "phones": phones, "service_at_location": at, "locations": places, "addresses": addresses} {
				files[file+".csv"] = &fstest.MapFile{Data: []byte(text)}
			}
			return files
		}
		state := func() string {
			var b strings.Builder
			b.WriteString(everything(t, f))
			list, _, err := f.Conflicts(ctx, testAgency)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range list {
				fmt.Fprintf(&b, "%s %s %+v\n", c.Kind, c.ID, c.Fields)
			}
			return b.String()
		}
		conflicts, choices, waited := 0, 0, 0
		for step := range 60 {
			source := sources[r.IntN(3)]
			before := search(t, f, Query{Limit: maxLimit, Unsure: true, All: true}).Items
			kept := map[string]string{} // what was checked and stands, by the source that has it
			for _, s := range before {
				if s.Status == Verified {
					kept[s.ID] = fmt.Sprint(numbers(t, f, s.ID), s.Email)
				}
			}
			own := false // the step is a deed of ours, or of the record's own source
			switch step % 6 {
			case 0, 3:
				if _, err := f.ImportHSDS(ctx, set(source), source, Options{Agency: testAgency, Replace: true}); err != nil {
					t.Fatal(err)
				}
			case 1:
				if len(before) > 1 {
					x, y := before[r.IntN(len(before))], before[r.IntN(len(before))]
					if err := f.Merge(ctx, testAgency, entService, x.ID, y.ID, "Kim"); err != nil && !errs.Is(err, errs.Invalid) {
						t.Fatal(err)
					}
				}
				own = true
			case 2:
				if err := f.MoveSource(ctx, testAgency, source, r.IntN(2) == 0); err != nil && !errs.Is(err, errs.NotFound) {
					t.Fatal(err)
				}
			case 4:
				if merges, err := f.Merges(ctx, testAgency); err == nil && len(merges) > 2 && !merges[0].Undone {
					if err := f.Unmerge(ctx, testAgency, merges[0].ID, "Kim"); err != nil {
						t.Fatal(err)
					}
				}
				if list, _, err := f.Conflicts(ctx, testAgency); err != nil {
					t.Fatal(err)
				} else if len(list) > 0 {
					diff := list[0].Fields[0]
					choice := diff.Choices[r.IntN(len(diff.Choices))]
					choices++
					if err := f.Choose(ctx, Pick{Agency: testAgency, Kind: list[0].Kind, ID: list[0].ID, Field: diff.Field, Voice: choice.Voice, Seen: diff.Seen}); err != nil {
						t.Fatal(err)
					}
				}
				own = true
			case 5:
				if _, err := f.VerifyAll(ctx, testAgency, "", "Kim", "by phone"); err != nil {
					t.Fatal(err)
				}
			}
			is := state()
			if list, _, err := f.Conflicts(ctx, testAgency); err == nil {
				for _, c := range list {
					if conflicts++; c.Checked {
						waited++
					}
				}
			}
			if err := f.weighAgain(ctx, testAgency); err != nil {
				t.Fatal(err)
			}
			if anew := state(); anew != is {
				t.Fatalf("step %d:\nit is\n%s\nand made anew\n%s", step, is, anew)
			}
			for _, s := range search(t, f, Query{Limit: maxLimit, Unsure: true, All: true}).Items {
				if was := kept[s.ID]; was != "" && s.Status == Verified && !own && was != fmt.Sprint(numbers(t, f, s.ID), s.Email) {
					t.Errorf("step %d changed what was checked of %s: %s is %v %s", step, s.ID, was, numbers(t, f, s.ID), s.Email)
				}
			}
		}
		if conflicts == 0 || choices == 0 || waited == 0 {
			t.Errorf("%d conflicts, %d choices, %d that waited: nothing was tried", conflicts, choices, waited)
		}
		for _, source := range sources {
			if _, err := f.ImportHSDS(ctx, fstest.MapFS{"organizations.csv": {Data: []byte("id,name\nlast,Last\n")}}, source, Options{Agency: testAgency, Replace: true}); err != nil {
				t.Fatal(err)
			}
		}
		if left := state(); strings.Contains(left, takenFrom) || strings.Contains(left, entService+"|") {
			t.Errorf("left over: %s", left)
		}
	}, Migrations)
}
