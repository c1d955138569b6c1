package directory

import (
	"bytes"
	"encoding/json"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"

	"github.com/xuri/excelize/v2"
)

// small limits keep a fuzzed file from being slow rather than wrong.
var fuzzLimits = limits{file: 1 << 17, field: 1 << 12, row: 1 << 14, rows: 1000, depth: 16, files: 10, one: 1 << 20, twice: 100}

// indexAll takes records through everything that reads them.
func indexAll(t *testing.T, recs []*record) {
	src := source{Name: "fuzz", Country: "US", Region: "IL"}
	checkValues(recs, src, newReport())
	var all []*stored
	for _, r := range recs {
		s := &stored{kind: r.kind, id: r.id, organization: r.organization, source: "fuzz", text: string(canonical(r.doc))}
		if _, err := s.object(); err != nil {
			t.Fatalf("a record cannot be read back: %v", err)
		}
		if !uuidForm.MatchString(r.id) {
			t.Fatalf("the id %q is no UUID", r.id)
		}
		all = append(all, s)
	}
	ix, err := makeIndex(1, all, map[string]source{"fuzz": src}, map[string]*Verification{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	q := Query{Words: "a", Place: "Chicago", KM: 40, Unsure: true, All: true, OpenNow: true, From: "US", Limit: 200}
	ix.search(q, noon)
	done := map[string]*Verification{}
	ix.found.Each(func(e *entry) {
		e.detail(&asked{now: noon})
		done[e.id] = &Verification{Checked: noon, Hide: noon.AddDate(1, 0, 0)}
	})
	publishes(t, all, done)
}

// publishes sees that what is published of any record is JSON.
func publishes(t *testing.T, all []*stored, done map[string]*Verification) {
	t.Helper()
	s := newShelf()
	turn := newTurn(func(string, string) (*stored, error) { return nil, errs.New(errs.NotFound, "", nil) })
	records := func(take func(*stored) error, kinds ...string) error {
		for _, kind := range kinds {
			for _, r := range all {
				if r.kind != kind {
					continue
				}
				if err := take(r); err != nil {
					return err
				}
			}
		}
		return nil
	}
	if err := s.fill(allRead{records: records, checks: done}, noon, turn); err != nil {
		t.Fatal(err)
	}
	p, err := s.publish(&Published{}, turn, 1, noon)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.services {
		if b := p.service(nil, s, true); !json.Valid(b) {
			t.Fatalf("this is no JSON: %q", b)
		}
	}
	if err := p.tables(io.Discard); err != nil {
		t.Fatal(err)
	}
}

func FuzzCSV(f *testing.F) {
	for _, table := range []string{"services", "locations", "phones", "regular_schedules", "attributes", "organizations"} {
		f.Add(table, []byte("id,name,service_id,latitude,longitude,weekday,opens_at,closes_at\n1,A,1,41.9,-87.6,Monday,9:00,17:00\n"))
	}
	f.Add("services", []byte("\xff\xfei\x00d\x00"))
	f.Add("phones", []byte("id;number\n1;\"\"\"+44 1234 234567\"\"\"\n"))
	f.Fuzz(func(t *testing.T, table string, data []byte) {
		e := entityByFile[table]
		if e == nil || len(data) > 1<<16 {
			return
		}
		rep := newReport()
		var rows []row
		reader := &tableReader{file: table + ".csv", stem: table, entity: e, lim: fuzzLimits, rep: rep, to: func(r row) error { rows = append(rows, r); return nil }}
		if err := reader.readCSV(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		service := row{entity: entityByName[entService], table: "services", object: Object{"id": "1", "name": "s"}, file: "x", line: 1}
		indexAll(t, assemble("fuzz", append(rows, service), rep))
		for _, g := range rep.Findings {
			if g.Line < 0 || strings.Contains(g.String(), "%!") {
				t.Fatalf("%+v", g)
			}
		}
	})
}

func FuzzJSON(f *testing.F) {
	f.Add("service", []byte(`{"id":"1","name":"a","organization":{"id":"2","name":"b"},"service_at_locations":[{"id":"3","location":{"id":"4","latitude":1,"addresses":[{"city":"Chicago"}]}}]}`))
	f.Add("organizations", []byte(`{"contents":[{"id":"1","services":[{"id":"2","schedules":[{"freq":"WEEKLY","byday":"MO","opens_at":"9:00","closes_at":"5 pm"}]}]}]}`))
	f.Add("tabular", []byte(`{"services.csv":[{"id":"1"}],"phones.csv":[{"id":"1","service_id":"1","number":"1"}]}`))
	f.Add("x", []byte("{\"id\":1}\n{\"id\":[]}\n[[[[1]]]]"))
	f.Fuzz(func(t *testing.T, stem string, data []byte) {
		if len(data) > 1<<16 || len(stem) > 40 {
			return
		}
		rep := newReport()
		var rows []row
		reader := &jsonReader{file: stem + ".json", stem: stem, lim: fuzzLimits, rep: rep, to: func(r row) error { rows = append(rows, r); return nil }}
		if err := reader.readJSON(bytes.NewReader(data)); err != nil {
			t.Fatal(err)
		}
		recs := assemble("fuzz", rows, rep)
		for _, r := range recs {
			if strings.Contains(string(canonical(r.doc)), `\u0000line`) {
				t.Fatal("the reader's line marks are stored")
			}
		}
		indexAll(t, recs)
	})
}

func FuzzHours(f *testing.F) {
	f.Add("WEEKLY", "MO,TU", "09:00", "17:00", "2", "2026-01-05", "", "3", int64(0))
	f.Add("MONTHLY", "-1FR,2MO", "9 am", "5 p.m.", "1", "", "1,-1", "-6.5", int64(1e9))
	f.Add("", "", "24:00", "00:00", "x", "0001-01-01", "99", "", int64(-1))
	zone := time.FixedZone("x", -6*3600)
	f.Fuzz(func(t *testing.T, freq, byday, opens, closes, interval, start, monthday, offset string, at int64) {
		s := Object{"freq": freq, "byday": byday, "opens_at": opens, "closes_at": closes, "interval": interval, "dtstart": start, "bymonthday": monthday, "timezone": offset, "count": interval}
		now := time.Unix(at%4e9, 0)
		for _, z := range []*time.Location{nil, zone} {
			h := CompileHours([]Object{s, {"holiday": true, "valid_from": start}}, z)
			state, until := h.At(now)
			if state == Yes && !until.IsZero() && !until.After(now) {
				t.Fatalf("open until %v at %v", until, now)
			}
			if again, _ := h.At(now); again != state {
				t.Fatalf("%v, then %v", state, again)
			}
			if next := h.Opens(now); !next.IsZero() && !next.After(now) {
				t.Fatalf("opens at %v, asked at %v", next, now)
			}
		}
		linesOf([]Object{s})
	})
}

// What anybody posts to the search is a query with limits, or refused.
func FuzzPostSearch(f *testing.F) {
	f.Add("words=shelter&place=Chicago&km=25&language=es&open=1")
	f.Add("words=%00%ff&need=x&need=y&from=US&status=never&after=zz&source=a")
	f.Fuzz(func(t *testing.T, body string) {
		form, err := url.ParseQuery(body)
		if err != nil || len(body) > 1<<16 {
			return
		}
		q := queryOf(form)
		if q.clean() == nil && (q.Limit < 1 || q.Limit > maxLimit || len(queryStems(q.Words)) > maxQueryWords) {
			t.Fatalf("%+v", q)
		}
	})
}

// A mapping and a table of any form: refused, or rows that join.
func FuzzMapping(f *testing.F) {
	for _, name := range Maps() {
		text, err := MapText(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), []byte("ResourceAgencyNum,TaxonomyLevelName,PhysicalAddressIsPrivate,PublicName\nA,Agency,Yes,x\n"))
	}
	f.Add("a.csv: &x\n  keep: services\n  columns:\n    A: [{model: services, field: id}, {model: regular_schedules, as: h, field: service_id}]\n    B: {model: regular_schedules, as: h, field: h, read: hours}\n",
		[]byte("A,B,C\n1,Monday: 9:00-17:00 Tuesday: Closed,=x\n"))
	f.Fuzz(func(t *testing.T, text string, table []byte) {
		m, err := ParseMapping([]byte(text))
		if err != nil || len(table) > 1<<16 || len(text) > 1<<16 {
			return
		}
		maps := m.of("a.csv")
		if maps == nil {
			return
		}
		rep := newReport()
		var rows []row
		reader := &tableReader{file: "a.csv", maps: maps, lim: fuzzLimits, rep: rep, to: func(r row) error { rows = append(rows, r); return nil }}
		if err := reader.readCSV(bytes.NewReader(table)); err != nil {
			t.Fatal(err)
		}
		indexAll(t, assemble("fuzz", rows, rep))
	})
}

func FuzzXLSX(f *testing.F) {
	book := excelize.NewFile()
	for cell, text := range map[string]string{"A1": "id", "B1": "name", "A2": "1", "B2": "=1+1"} {
		if err := book.SetCellStr("Sheet1", cell, text); err != nil {
			f.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := newSet("fuzz", Options{}, "")
		if err != nil || len(data) > 1<<16 {
			return
		}
		defer s.close()
		if err := s.readXLSX("services.xlsx", bytes.NewReader(data), fuzzLimits, func(row) error { return nil }); err != nil {
			t.Fatal(err)
		}
	})
}

// What we write into a table is no formula, and reads back as it was.
func FuzzFormula(f *testing.F) {
	f.Add("=1+1")
	f.Add("'@x")
	f.Add("+1 312 555 0142")
	f.Fuzz(func(t *testing.T, text string) {
		out := guard(text)
		if formula(out) {
			t.Fatalf("%q is run", out)
		}
		if guarded(out) {
			out = out[1:]
		}
		if out != text {
			t.Fatalf("%q became %q", text, out)
		}
	})
}

func FuzzSearchWords(f *testing.F) {
	f.Add("legal help", "Chicago")
	f.Add("救助 приют مأوى", "60601-1234")
	ix, err := makeIndex(1, hiddenRecords(41, -87), map[string]source{}, map[string]*Verification{}, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, words, place string) {
		q := Query{Words: words, Place: place, Unsure: true}
		if q.clean() != nil {
			return
		}
		if got := len(queryStems(q.Words)); got > maxQueryWords {
			t.Fatalf("%d words", got)
		}
		ix.search(q, noon)
	})
}
