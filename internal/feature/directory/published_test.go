package directory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// publicSet is a source at some moment, with all that decides what is published
// of it: terms of tables and in records, places that are hidden, telephones and
// services at these.
func publicSet(r *rand.Rand, name string) fstest.MapFS {
	tables := map[string]string{
		"organizations": "id,name,description\n", "services": "id,organization_id,name,description,status\n",
		"locations": "id,organization_id,name,location_type,latitude,longitude,address_visibility\n", "service_at_location": "id,service_id,location_id,description\n",
		"phones": "id,service_id,organization_id,location_id,service_at_location_id,number\n", "attributes": "id,link_id,link_entity,taxonomy_term_id\n",
		"taxonomies": "id,name,description\nx,Needs,\n", "taxonomy_terms": "id,name,description,taxonomy_id,parent_id\nroof,Roof,,x,\nbed,Bed,,x,roof\nlaw,Law,,x,\nspare,Spare,,x,\n",
		"service_areas": "id,service_id,name\n",
	}
	add := func(table, format string, values ...any) { tables[table] += fmt.Sprintf(format+"\n", values...) }
	for o := range 3 {
		add("organizations", "%d,%s House %d,", o, name, r.IntN(2))
		add("phones", "o%d,,%d,%d,,+1 312 555 010%d", o, o, (o+3*r.IntN(2))%5, o) // at a place of its own
		if r.IntN(2) == 0 {
			add("attributes", "o%d,%d,organization,law", o, o)
		}
	}
	for s := range 7 {
		if r.IntN(6) == 0 {
			continue
		}
		add("services", "%d,%d,%s %d,about,%s", s, r.IntN(3), []string{"Shelter", "Clinic"}[r.IntN(2)], s, []string{"active", "active", "inactive"}[r.IntN(3)])
		add("phones", "s%d,%d,,,,+1 312 555 011%d", s, s, s)
		add("service_areas", "%d,%d,Area %d", s, s, r.IntN(2))
		if r.IntN(2) == 0 {
			add("attributes", "s%d,%d,service,%s", s, s, []string{"bed", "law"}[r.IntN(2)])
		}
		for l := range r.IntN(3) {
			at := fmt.Sprintf("%d-%d", s, l)
			add("service_at_location", "%s,%d,%d,there", at, s, r.IntN(5))
			add("phones", "a%s,%d,,,%s,+1 312 555 012%d", at, s, at, s)
		}
	}
	for l := range 5 {
		if r.IntN(7) > 0 {
			add("locations", "%d,%d,Place %d,physical,41.%d,-87.%d,%s", l, l%3, l, 5+r.IntN(4), 5+r.IntN(4), []string{"", "", "", "", "hidden", "partial"}[r.IntN(6)])
			add("attributes", "l%d,%d,location,%s", l, l, []string{"bed", "spare"}[r.IntN(2)])
		}
	}
	files := fstest.MapFS{}
	for table, text := range tables {
		files[table+".csv"] = &fstest.MapFile{Data: []byte(text)}
	}
	return files
}

// wholeDocument is a service with terms that stand in it, and nowhere else.
func wholeDocument(r *rand.Rand, name string) fstest.MapFS {
	term := func(id string) Object {
		return Object{"id": ids.DeriveUUID("term", id), "name": fmt.Sprintf("%s %d", id, r.IntN(2)), "description": "", "taxonomy_detail": Object{"id": ids.DeriveUUID("taxonomy", id), "name": id, "description": ""}}
	}
	var list []any
	for s := range 3 {
		o := Object{"id": ids.DeriveUUID(name, fmt.Sprint(s)), "name": fmt.Sprintf("Whole %d", s), "status": "active", "organization": Object{"id": ids.DeriveUUID(name, "org"), "name": name, "description": ""}}
		for _, id := range []string{"one", "two"}[:r.IntN(3)] {
			o["attributes"] = append(listOf(o, "attributes"), Object{"id": ids.DeriveUUID(name, fmt.Sprint(s)+id), "taxonomy_term": term(id)})
		}
		list = append(list, o)
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err)
	}
	return fstest.MapFS{"services.json": &fstest.MapFile{Data: b}}
}

// allPublished is everything that the interface and the export could say.
func allPublished(t *testing.T, f *Feature) map[string]string {
	t.Helper()
	ctx := context.Background()
	all := map[string]string{}
	for _, feed := range []Feed{Services, Organizations, ServicesAt, Taxonomies, Terms} {
		for name, ask := range map[string]Ask{
			"short": {}, "full": {Full: true}, "with services": {WithServices: true}, "minimal": {Minimal: true}, "words": {Query: Query{Words: "house one law"}},
			"term": {Term: ids.DeriveUUID("a", "taxonomy_terms/bed")}, "taxonomy": {Taxonomy: ids.DeriveUUID("a", "taxonomies/x")},
		} {
			if name == "words" && (feed == Services || feed == ServicesAt) { // these the index answers
				continue
			}
			ask.Feed, ask.Query.Agency = feed, testAgency
			list, err := f.Offer(ctx, ask)
			if err != nil {
				t.Fatal(err)
			}
			text := list.ETag()
			for i := range list.Total {
				text += "\n" + string(list.Append(nil, i))
			}
			all[string(feed)+", "+name] = text
		}
	}
	p, err := f.Published(ctx, testAgency)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entities {
		var rows bytes.Buffer
		if err := p.rows(e, func(o Object) error { rows.Write(canonical(o)); return rows.WriteByte('\n') }); err != nil {
			t.Fatal(err)
		}
		all["table "+e.name] = rows.String()
	}
	return all
}

// deeds are what changes a directory: step after step something else.
type deeds struct {
	t   *testing.T
	f   *Feature
	r   *rand.Rand
	now time.Time
}

func (d *deeds) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// records are the ids of a kind.
func (d *deeds) records(kind string) (list []string) {
	d.t.Helper()
	d.must(d.f.DB.View(context.Background(), func(ctx context.Context, tx *db.Tx) (err error) {
		list, err = db.Strings(ctx, tx, `SELECT id FROM directory_record WHERE agency = $1 AND kind = $2 ORDER BY id`, testAgency, kind)
		return err
	}))
	return list
}

func (d *deeds) do(ctx context.Context) string {
	d.t.Helper()
	f, r := d.f, d.r
	services, places, orgs := d.records(entService), d.records(entLocation), d.records(entOrganization)
	any := func(list []string) string { return list[r.IntN(len(list))] }
	switch what := r.IntN(20); {
	case len(services) < 3 || what == 0:
		_, err := f.ImportHSDS(ctx, wholeDocument(r, "whole"), "whole", Options{Agency: testAgency, Replace: r.IntN(2) == 0})
		d.must(err)
		return "a document"
	case what < 3 || len(places) == 0:
		name := []string{"a", "b"}[r.IntN(2)]
		_, err := f.ImportHSDS(ctx, publicSet(r, name), name, Options{Agency: testAgency, Replace: r.IntN(2) == 0})
		d.must(err)
		return "an import"
	case what < 5:
		_, err := f.VerifyAll(ctx, testAgency, "", "somebody", "by phone")
		d.must(err)
		return "all verified"
	case what < 8:
		d.must(f.EditService(ctx, Edit{Agency: testAgency, Service: any(services), Who: "Kim", Phones: []PhoneEdit{{Number: fmt.Sprintf("312-555-01%02d", r.IntN(100))}}}))
		return "an edit"
	case what < 13:
		d.must(f.Verify(ctx, Check{Agency: testAgency, Service: any(services), By: "somebody", How: "by phone"}))
		return "a check"
	case what == 13:
		d.must(f.SetVisibility(ctx, testAgency, any(places), []Visibility{Hidden, Partial}[r.IntN(2)]))
		return "a place hidden"
	case what == 14:
		if a, b := any(services), any(services); a != b {
			_ = f.Merge(ctx, testAgency, entService, a, b, "Kim") // what is merged already is refused
		}
		return "services merged"
	case what == 15:
		if a, b := any(orgs), any(orgs); a != b {
			_ = f.Merge(ctx, testAgency, entOrganization, a, b, "Kim")
		}
		return "organizations merged"
	case what == 16:
		list, err := f.Merges(ctx, testAgency)
		d.must(err)
		if len(list) > 0 {
			_ = f.Unmerge(ctx, testAgency, list[0].ID, "Kim")
		}
		return "a merge undone"
	case what == 17:
		list, err := f.Imports(ctx, testAgency)
		d.must(err)
		if len(list) > 0 && list[0].Undo {
			d.must(f.UndoImport(ctx, testAgency, list[0].ID))
		}
		return "an import undone"
	case what == 18:
		d.now = d.now.Add(time.Duration(r.IntN(200)) * 24 * time.Hour) // so long that checks are overdue
		return "time"
	default:
		return "an edit undone: " + d.undo(ctx, any(services))
	}
}

func (d *deeds) undo(ctx context.Context, service string) string {
	detail, err := d.f.Service(ctx, testAgency, service)
	d.must(err)
	for _, e := range detail.History {
		if e.undoable() || e.Action == verified {
			_ = d.f.Undo(ctx, testAgency, service, e.ID) // what was changed since is refused
			return e.Action
		}
	}
	return "none"
}

// A publication that followed every change says what one says that was just
// made of the records, whatever changed, on both databases.
func TestPublishesAsIfMadeAnew(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		start := time.Now().Add(time.Minute) // checks are written by the database's clock
		by := &deeds{t: t, f: newFeature(d), r: rand.New(rand.NewPCG(3, 4))}
		follower := newFeature(d)
		followed, steps := 0, 120
		for step := range steps {
			by.now = start
			by.f.Now = func() time.Time { return start }
			what := by.do(ctx)
			fresh := newFeature(d)
			for _, f := range []*Feature{follower, fresh} {
				f.Now = func() time.Time { return by.now }
			}
			before := follower.published.of(testAgency).last.Load()
			got, want := allPublished(t, follower), allPublished(t, fresh)
			for name, text := range want {
				if got[name] != text {
					t.Fatalf("step %d, %s: %s\nfollowed %s\nfresh    %s", step, what, name, got[name], text)
				}
			}
			after := follower.published.of(testAgency).last.Load()
			if before != nil && before.shelf == after.shelf {
				followed++
			}
			if by.now != start { // it was then, and is now again
				follower = newFeature(d)
			}
		}
		if followed < steps/2 {
			t.Errorf("only %d of %d changes were followed", followed, steps)
		}
	}, Migrations)
}

// A publication that could not read what changed does not stay half changed.
func TestPublishesAgainAfterAnError(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	ctx := context.Background()
	load(t, f, "a", publicSet(rand.New(rand.NewPCG(1, 1)), "a"))
	if _, err := f.VerifyAll(ctx, testAgency, "", "somebody", "by phone"); err != nil {
		t.Fatal(err)
	}
	p, err := f.Published(ctx, testAgency)
	if err != nil || len(p.services) == 0 {
		t.Fatal(len(p.services), err)
	}
	id := p.services[0].id
	if err := f.EditService(ctx, Edit{Agency: testAgency, Service: id, Phones: []PhoneEdit{{Number: "312-555-0199"}}}); err != nil {
		t.Fatal(err)
	}
	broken := func(ctx context.Context, tx *db.Tx) error {
		turn := newTurn(func(string, string) (*stored, error) { return nil, context.Canceled })
		p.shelf.torn = true
		_, err := p.shelf.reread(ctx, tx, testAgency, map[string]map[string]bool{entService: {id: true}}, turn, f.now())
		return err
	}
	if err := f.DB.View(ctx, broken); err == nil {
		t.Error("it was read all the same")
	}
	if got, want := fmt.Sprint(allPublished(t, f)), fmt.Sprint(allPublished(t, &Feature{DB: f.DB})); got != want {
		t.Errorf("followed %s\nfresh    %s", got, want)
	}
}

// BenchmarkPublishEdit is one service edited and verified again among many, and
// what is published after that.
func BenchmarkPublishEdit(b *testing.B) {
	f := onSQLite(b)
	ctx := context.Background()
	manyServices(b, f, 10_000)
	p, err := f.Published(ctx, testAgency)
	if err != nil || len(p.services) != 10_000 {
		b.Fatal(len(p.services), err)
	}
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		id := p.services[(i*7919)%len(p.services)].id
		if err := f.Verify(ctx, Check{Agency: testAgency, Service: id, By: "somebody", How: "by phone"}); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		if _, err := f.Published(ctx, testAgency); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDirectoryMemory says how much of the heap a service takes, in what
// is searched and in what is published.
func BenchmarkDirectoryMemory(b *testing.B) {
	f := onSQLite(b)
	ctx := context.Background()
	const n = 10_000
	manyServices(b, f, n)
	if _, err := (&Feature{DB: f.DB}).current(ctx, testAgency); err != nil { // so that what is loaded once is there
		b.Fatal(err)
	}
	for b.Loop() {
		f := &Feature{DB: f.DB}
		before := heap()
		ix, err := f.current(ctx, testAgency)
		if err != nil {
			b.Fatal(err)
		}
		searched := heap()
		p, err := f.Published(ctx, testAgency)
		if err != nil {
			b.Fatal(err)
		}
		all := heap()
		b.ReportMetric(float64(searched-before)/n, "B/searched")
		b.ReportMetric(float64(all-searched)/n, "B/published")
		runtime.KeepAlive(ix)
		runtime.KeepAlive(p)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// manyServices fills a directory with services that were verified, each with
// a description, numbers, hours, languages, terms and a place, two to an
// organization.
func manyServices(b *testing.B, f *Feature, n int) {
	b.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	words := []string{"shelter", "legal", "help", "for", "women", "and", "families", "open", "night", "river", "garden", "house", "intake", "by", "telephone", "counselling", "documents"}
	text := func(n int) string {
		var t strings.Builder
		for range n {
			t.WriteString(words[r.IntN(len(words))] + " ")
		}
		return strings.TrimSpace(t.String())
	}
	tables := map[string]*strings.Builder{}
	add := func(table, format string, values ...any) {
		if tables[table] == nil {
			tables[table] = &strings.Builder{}
		}
		fmt.Fprintf(tables[table], format+"\n", values...)
	}
	add("organizations", "id,name,description,email,website")
	add("services", "id,organization_id,name,description,status,email,fees_description,eligibility_description")
	add("locations", "id,organization_id,name,location_type,latitude,longitude")
	add("addresses", "id,location_id,address_1,city,state_province,postal_code,country,address_type")
	add("service_at_location", "id,service_id,location_id")
	add("phones", "id,service_id,number,type,description")
	add("schedules", "id,service_id,freq,byday,opens_at,closes_at")
	add("languages", "id,service_id,code")
	add("taxonomies", "id,name,description\nx,Needs,")
	add("taxonomy_terms", "id,name,description,taxonomy_id")
	add("attributes", "id,link_id,link_entity,taxonomy_term_id")
	for i := range 300 {
		add("taxonomy_terms", "t%d,Term %d,%s,x", i, i, text(5))
	}
	for i := range n {
		if i%2 == 0 {
			add("organizations", "%d,House %d,%s,mail%d@house.example,https://house%d.example", i, i, text(20), i, i)
			add("locations", "%d,%d,Place %d,physical,%.5f,%.5f", i, i, i, 30+15*r.Float64(), -120+40*r.Float64())
			add("addresses", "%d,%d,%d Main Street,Chicago,IL,60601,US,physical", i, i, i)
		}
		add("services", "%d,%d,%s %d,%s,active,mail%d@house.example,free,%s", i, i-i%2, text(3), i, text(49), i, text(8))
		add("service_at_location", "%d,%d,%d", i, i, i-i%2)
		add("phones", "%d,%d,+1 312 555 %04d,voice,%s", i, i, r.IntN(10_000), text(3))
		add("schedules", "%d,%d,WEEKLY,\"MO,TU,WE,TH,FR\",%02d:00,17:00", i, i, 7+r.IntN(4))
		for l := range 2 {
			add("languages", "%d-%d,%d,%s", i, l, i, []string{"en", "es", "pl", "ar"}[r.IntN(4)])
		}
		for a := range 4 {
			add("attributes", "%d-%d,%d,service,t%d", i, a, i, r.IntN(300))
		}
	}
	files := fstest.MapFS{}
	for table, text := range tables {
		files[table+".csv"] = &fstest.MapFile{Data: []byte(text.String())}
	}
	load(b, f, "many", files)
	if _, err := f.VerifyAll(context.Background(), testAgency, "", "somebody", "by phone"); err != nil {
		b.Fatal(err)
	}
}
