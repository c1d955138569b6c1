package directory

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/golang/geo/s2"
	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// Everything by which the house could be found. None of it may come out.
var hiddenCanaries = []string{
	"17 Canary Lane", "Rear gate", "41.98765", "-87.65432", "60640", "Edgewater", "Canary House", "green door", "bus 22",
	"UPRN-555777", "(773) 555-0111", "7735550111", "Mrs. Canary", "ramp at the side", "ask at the bakery",
}

func hiddenFiles(visibility string) fstest.MapFS {
	return fstest.MapFS{
		"organizations.csv":       {Data: []byte("id,name,description\n1,Quiet Help,\"Our house at 17 Canary Lane is safe\"\n")},
		"services.csv":            {Data: []byte("id,organization_id,name,description,status\n5,1,Safe place,\"A place to stay. Come to 17 canary lane, Rear gate.\",active\n")},
		"locations.csv":           {Data: []byte("id,organization_id,name,description,transportation,latitude,longitude,external_identifier,address_visibility\n9,1,Canary House,the green door,bus 22,41.98765,-87.65432,UPRN-555777," + visibility + "\n")},
		"service_at_location.csv": {Data: []byte("id,service_id,location_id,description\n1,5,9,ask at the bakery\n")},
		"addresses.csv":           {Data: []byte("id,location_id,address_1,address_2,city,state_province,postal_code,country,address_type\n1,9,17 Canary Lane,Rear gate,Edgewater,IL,60640,US,physical\n")},
		"phones.csv":              {Data: []byte("id,location_id,service_id,number\n1,9,,(773) 555-0111\n2,,5,1-800-555-0188\n")},
		"contacts.csv":            {Data: []byte("id,location_id,name\n1,9,Mrs. Canary\n")},
		"accessibility.csv":       {Data: []byte("id,location_id,description\n1,9,ramp at the side\n")},
		"schedules.csv":           {Data: []byte("id,location_id,freq,byday,opens_at,closes_at,description,notes\n1,9,WEEKLY,\"MO,TU,WE,TH,FR,SA,SU\",00:00,24:00,the green door,ask at the bakery\n")},
	}
}

func noCanary(t testing.TB, where, text string, allowed ...string) {
	t.Helper()
	text = strings.ToLower(text)
canaries:
	for _, c := range hiddenCanaries {
		for _, a := range allowed {
			if a == c {
				continue canaries
			}
		}
		if strings.Contains(text, strings.ToLower(c)) {
			t.Errorf("%s gives away %q", where, c)
		}
	}
}

// Of a hidden location nothing comes out of search, page, export or table, and
// its address is stored only if it could be sealed.
func TestHiddenLocation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		for _, level := range []string{"hidden", "partial", "on request"} {
			agency := "agency-" + level[:2]
			f := newFeature(d)
			var sealed []byte
			f.Seal = func(_ context.Context, _ *db.Tx, a, record string, plain []byte) ([]byte, error) {
				if a != agency || record == "" {
					t.Errorf("sealed for %q, %q", a, record)
				}
				sealed = plain
				out := bytes.Clone(plain)
				for i := range out {
					out[i] ^= 0xff
				}
				return out, nil
			}
			ctx := context.Background()
			rep, err := f.ImportHSDS(ctx, hiddenFiles(level), "quiet", Options{Agency: agency})
			if err != nil {
				t.Fatalf("%v\n%s", err, rep.Summary())
			}
			if rep.Counts["hidden.sealed"] != 1 || rep.Counts["hidden.in_text"] != 2 || !bytes.Contains(sealed, []byte("17 Canary Lane")) {
				t.Errorf("%s\n%s", sealed, rep.Summary())
			}
			noCanary(t, "the report", fmt.Sprintf("%s %+v", rep.Summary(), rep.Findings))
			again, err := f.ImportHSDS(ctx, hiddenFiles(level), "quiet", Options{Agency: agency})
			if err != nil || again.Changed+again.Added != 0 {
				t.Errorf("a second time: %v\n%s", err, again.Summary())
			}
			if _, err := f.VerifyAll(ctx, agency, "", "a", "b"); err != nil {
				t.Fatal(err)
			}
			var allowed []string
			if level == "partial" {
				allowed = []string{"Edgewater"}
			}
			for _, q := range []Query{
				{}, {Place: "Chicago", KM: 100}, {Near: &Point{41.98765, -87.65432}, KM: 1}, {Words: "safe place"}, {Words: "canary edgewater green door bakery", Unsure: true},
			} {
				q.Agency, q.Public = agency, true
				res, err := f.Search(ctx, q)
				if err != nil {
					t.Fatal(err)
				}
				if len(res.Items) == 0 && level == "hidden" && q.Words == "" {
					t.Errorf("%+v finds nothing", q)
				}
				for _, r := range res.Items {
					b, _ := json.Marshal(r) //nolint:musttag // looked through, never sent
					noCanary(t, "a result", string(b), allowed...)
					if level != "partial" && (r.Where.Known || r.Where.KM != 0 || r.Where.Town != "") {
						t.Errorf("%+v", r.Where)
					}
					words, err := i18n.Load(Words())
					if err != nil {
						t.Fatal(err)
					}
					noCanary(t, "a sentence", fmt.Sprintf("%+v", Say(words.For("en"), r)), allowed...)
				}
			}
			detail, err := f.Service(ctx, agency, ids.DeriveUUID("quiet", "services/5"))
			if err != nil || detail.Open != Yes {
				t.Errorf("%v, open %v", err, detail.Open)
			}
			b, _ := json.Marshal(detail) //nolint:musttag // likewise
			noCanary(t, "the page", string(b), allowed...)
			var out bytes.Buffer
			if err := f.Export(ctx, agency, JSON, &out); err != nil || !strings.Contains(out.String(), "Safe place") {
				t.Errorf("%v: %s", err, out.String())
			}
			noCanary(t, "the export", out.String())
			noCanary(t, "the table", clearTable(t, d, agency), allowed...)
		}
	}, Migrations)
}

// clearTable is all text that the database holds of an agency's records.
func clearTable(t *testing.T, d *db.DB, agency string) string {
	t.Helper()
	var all strings.Builder
	err := d.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		records, err := allRecords(ctx, tx, agency)
		for _, s := range records {
			fmt.Fprintln(&all, s.kind, s.text, s.overlay)
		}
		return err
	})
	if err != nil || all.Len() == 0 {
		t.Fatal(err)
	}
	return all.String()
}

// Without a key nothing of the address is stored. What a curator hides stays
// hidden when the source comes again with the address in clear.
func TestHideLater(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		f := newFeature(d)
		ctx := context.Background()
		if _, err := f.ImportHSDS(ctx, hiddenFiles("full"), "quiet", Options{Agency: testAgency}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(clearTable(t, d, testAgency), "17 Canary Lane") {
			t.Fatal("an open address is not kept")
		}
		location := ids.DeriveUUID("quiet", "locations/9")
		if err := f.SetVisibility(ctx, testAgency, location, Hidden); err != nil {
			t.Fatal(err)
		}
		if _, err := f.ImportHSDS(ctx, hiddenFiles("full"), "quiet", Options{Agency: testAgency}); err != nil {
			t.Fatal(err)
		}
		noCanary(t, "the table", clearTable(t, d, testAgency))
		if err := f.SetVisibility(ctx, testAgency, location, Full); err == nil {
			t.Error("a hidden location was shown again")
		}
	}, Migrations)
}

// What is hidden later is nowhere any more: not in what curators laid over the
// source, in the history, in what a provider said, in a merge; and no undo brings it
// back. So it is if the source hides it, and if a curator does.
func TestHiddenLaterIsHiddenEverywhere(t *testing.T) {
	ways := map[string]func(ctx context.Context, f *Feature, location string) error{
		"a curator": func(ctx context.Context, f *Feature, location string) error {
			return f.SetVisibility(ctx, testAgency, location, Hidden)
		},
		"the source": func(ctx context.Context, f *Feature, _ string) error {
			_, err := f.ImportHSDS(ctx, hiddenFiles("hidden"), "quiet", Options{Agency: testAgency})
			return err
		},
	}
	for name, hide := range ways {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, d *db.DB) {
				c := newConsole(t, d)
				f, ctx := c.f, context.Background()
				if _, err := f.ImportHSDS(ctx, hiddenFiles("full"), "quiet", Options{Agency: testAgency}); err != nil {
					t.Fatal(err)
				}
				const lane = "ring at 17 Canary Ln., Rear gate"
				id, twin := ids.DeriveUUID("quiet", "services/5"), ids.DeriveUUID("twin", "services/5")
				load(t, f, "twin", fstest.MapFS{
					"organizations.csv": {Data: []byte("id,name,description\n1,Quiet Help,x\n")},
					"services.csv":      {Data: []byte("id,organization_id,name,description,status,alternate_name\n5,1,Safe place,x,active,17 Canary Lane\n")},
				})
				location := ids.DeriveUUID("quiet", "locations/9")
				if err := f.Merge(ctx, testAgency, entOrganization, ids.DeriveUUID("twin", "organizations/1"), ids.DeriveUUID("quiet", "organizations/1"), "Kim"); err != nil {
					t.Fatal(err)
				}
				if err := f.Merge(ctx, testAgency, entService, twin, id, "Kim"); err != nil {
					t.Fatal(err)
				}
				for _, note := range []string{lane, "x"} {
					if err := f.EditService(ctx, Edit{Agency: testAgency, Service: twin, Who: "Kim", Phones: []PhoneEdit{{Number: "1-800-555-0188", Description: note}}}); err != nil {
						t.Fatal(err)
					}
				}
				if err := f.Verify(ctx, Check{Agency: testAgency, Service: twin, By: "Kim at " + lane, How: lane}); err != nil {
					t.Fatal(err)
				}
				secret, err := f.Invite(ctx, testAgency, twin)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := f.Tell(ctx, testAgency, secret, Told{Note: lane}); err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(everyRow(t, d), "Canary Ln") {
					t.Fatal("what a curator says is not kept")
				}
				if err := hide(ctx, f, location); err != nil {
					t.Fatal(err)
				}
				gone := func(when string) {
					t.Helper()
					all := strings.ToLower(everyRow(t, d))
					for _, one := range []string{"canary la", "canary ln", "rear gate", "41.98765", "-87.65432", "bakery", "canary house"} {
						if strings.Contains(all, one) {
							t.Errorf("%s the database still has %q", when, one)
						}
					}
				}
				gone("hidden,")
				detail, err := f.Service(ctx, testAgency, twin)
				if err != nil || len(detail.Proposals) != 1 {
					t.Fatal(detail.Proposals, err)
				}
				b, _ := json.Marshal(detail) //nolint:musttag // looked through, never sent
				if strings.Contains(string(b), "Canary L") {
					t.Errorf("the page tells it: %s", b)
				}
				for _, e := range detail.History {
					if e.Action == "edited" {
						if err := f.Undo(ctx, testAgency, twin, e.ID); err != nil {
							t.Errorf("an edit cannot be taken back: %v", err)
						}
						break
					}
				}
				gone("after an undo,")
				list, err := f.Merges(ctx, testAgency)
				if err != nil || len(list) != 2 {
					t.Fatal(list, err)
				}
				for _, m := range list {
					if err := f.Unmerge(ctx, testAgency, m.ID, "Kim"); err != nil {
						t.Error(err)
					}
				}
				gone("taken apart,")
			}, Migrations)
		})
	}
}

// everyRow is all text that the directory's tables hold, whosever.
func everyRow(t *testing.T, d *db.DB) string {
	t.Helper()
	var all strings.Builder
	err := d.View(context.Background(), func(ctx context.Context, tx *db.Tx) error {
		for table, columns := range map[string]string{
			"directory_record": "doc, overlay", "directory_check": "by_whom, how", "directory_history": "by_whom, how || ' ' || detail",
			"directory_proposal": "was, said", "directory_merge": "id, before", "directory_before": "id, was",
		} {
			_, err := db.Collect(ctx, tx, func(rows *sql.Rows) (s string, err error) {
				var more string
				err = rows.Scan(&s, &more)
				fmt.Fprintln(&all, table, s, more)
				return s, err
			}, `SELECT `+columns+` FROM `+table)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// A place that was partial told its town; hidden, it does not, and what was sealed of
// it stays.
func TestPartialBecomesHidden(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), Migrations)
	f, ctx := newFeature(d), context.Background()
	var sealed []string
	f.Seal = func(_ context.Context, _ *db.Tx, _, _ string, plain []byte) ([]byte, error) {
		sealed = append(sealed, string(plain))
		return []byte("sealed"), nil
	}
	if _, err := f.ImportHSDS(ctx, hiddenFiles("partial"), "quiet", Options{Agency: testAgency}); err != nil {
		t.Fatal(err)
	}
	if err := f.SetVisibility(ctx, testAgency, ids.DeriveUUID("quiet", "locations/9"), Hidden); err != nil {
		t.Fatal(err)
	}
	noCanary(t, "the table", everyRow(t, d))
	if len(sealed) != 1 || !strings.Contains(sealed[0], "Edgewater") {
		t.Errorf("sealed: %q", sealed)
	}
}

// No sequence of questions tells two houses of one cell apart: answers about a
// hidden location follow from its cell alone.
func TestHiddenOnlyToItsCell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lat := rapid.Float64Range(-60, 60).Draw(t, "lat")
		lon := rapid.Float64Range(-179, 179).Draw(t, "lon")
		if lat == 0 && lon == 0 {
			t.Skip("0, 0 is how forms write that they know no place")
		}
		cell := s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lon)).Parent(coarseLevel)
		other := cell.ChildBeginAtLevel(20 + rapid.IntRange(0, 5).Draw(t, "level")).LatLng()
		index := func(lat, lon float64) *index {
			records := hiddenRecords(lat, lon)
			for i, m := range []*model{
				{id: ids.DeriveUUID("near", "1"), words: []string{"open"}, placed: true, lat: cell.LatLng().Lat.Degrees(), lon: cell.LatLng().Lng.Degrees(), country: "US", opens: -1, visibility: Full},
				{id: ids.DeriveUUID("near", "2"), words: []string{"open"}, placed: true, lat: lat - 1, lon: cell.LatLng().Lng.Degrees(), country: "US", opens: -1, visibility: Full},
			} {
				if i == 1 {
					m.lat = cell.LatLng().Lat.Degrees() - 1
				}
				records = append(records, m.records()...)
			}
			ix, err := makeIndex(1, records, map[string]source{}, map[string]*Verification{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return ix
		}
		one, two := index(lat, lon), index(other.Lat.Degrees(), other.Lng.Degrees())
		for range 10 {
			q := Query{
				Near: &Point{math.Max(-90, math.Min(90, lat+rapid.Float64Range(-2, 2).Draw(t, "dlat"))), lon},
				KM:   rapid.Float64Range(0.01, 400).Draw(t, "km"), Unsure: rapid.Bool().Draw(t, "unsure"), OpenNow: rapid.Bool().Draw(t, "open"),
			}
			if err := q.clean(); err != nil {
				t.Fatal(err)
			}
			a, _ := json.Marshal(one.search(q, noon)) //nolint:musttag // compared, never sent
			b, _ := json.Marshal(two.search(q, noon)) //nolint:musttag // likewise
			if !bytes.Equal(a, b) {
				t.Fatalf("%+v tells them apart:\n%s\n%s", q, a, b)
			}
		}
	})
}

// hiddenRecords are a service at a hidden location, parted as an import does.
func hiddenRecords(lat, lon float64) []*stored {
	loc := Object{"id": ids.DeriveUUID("h", "l"), "latitude": fmt.Sprint(lat), "longitude": fmt.Sprint(lon), "address_visibility": "hidden"}
	open, _ := split(loc, Hidden, coarseCell(loc, source{}), "US")
	service := Object{"id": ids.DeriveUUID("h", "s"), "name": "quiet", "service_at_locations": []any{Object{"id": "x", "location_id": str(loc, "id")}}}
	return []*stored{
		{kind: entLocation, id: str(loc, "id"), text: string(canonical(open))},
		{kind: entService, id: str(service, "id"), text: string(canonical(service))},
	}
}
