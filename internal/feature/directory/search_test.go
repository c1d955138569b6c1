package directory

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestSearch(t *testing.T) {
	t.Parallel()
	f := newFeature(dbtest.Open(t, dbtest.SQLite(t), Migrations))
	loadOld(t, f)
	const shelter, immigration, desk, pantry = "Emergency shelter", "Immigration clinic", "Town hall desk", "Food pantry"
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"everything active", Query{}, []string{shelter, pantry, immigration, desk}},
		{"one word", Query{Words: "groceries"}, []string{pantry}},
		{"stemmed", Query{Words: "lawyer shelters"}, nil}, // no lawyer in a shelter: falls to any word, below
		{"all words", Query{Words: "legal help visa"}, []string{immigration}},
		{"accents and case", Query{Words: "ÍMMIGRATION"}, []string{immigration}},
		{"organization's name", Query{Words: "river house"}, []string{shelter}},
		{"need", Query{Needs: []string{"legal"}}, []string{immigration, desk}},
		{"any of two needs", Query{Needs: []string{"food", "immigration"}}, []string{shelter, pantry, immigration}},
		{"language spoken", Query{Language: "es"}, []string{shelter, immigration, pantry}},
		{"language by interpreter", Query{Language: "pl"}, []string{immigration, pantry}},
		{"any language by interpreter", Query{Language: "my"}, []string{immigration}},
		{"language, also where unknown", Query{Language: "my", Unsure: true}, []string{immigration, desk}},
		{"near Chicago", Query{Place: "Chicago", KM: 20}, []string{shelter}},
		{"near a ZIP code", Query{Place: "60601", KM: 20}, []string{shelter}},
		// The clinic is at one of two offices, one of them not placed: unsure.
		{"near Springfield, also unsure", Query{Place: "Springfield, IL", KM: 20, Unsure: true}, []string{pantry, immigration, desk}},
		{"open now", Query{OpenNow: true}, []string{shelter, desk}},
		{"from abroad", Query{From: "MX"}, []string{shelter}},
		{"from inside", Query{From: "US"}, []string{shelter, desk}},
		{"all at once", Query{Words: "beds", Needs: []string{"shelter"}, Place: "Chicago", KM: 20, Language: "es", OpenNow: true, From: "US"}, []string{shelter}},
		{"nothing", Query{Words: "zebra"}, []string{}},
		{"public sees none unverified", Query{Public: true}, []string{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			q := c.q
			res := search(t, f, q)
			got := names(res)
			if c.want == nil {
				if !res.AnyWord || len(got) == 0 {
					t.Errorf("%v, any word: %v", got, res.AnyWord)
				}
				return
			}
			if q.Place == "" { // by relevance: the set is what matters here
				got, c.want = sorted(got), sorted(c.want)
			}
			if diff := cmp.Diff(c.want, got); diff != "" || res.Total != len(c.want) {
				t.Errorf("total %d: %s", res.Total, diff)
			}
			for _, r := range res.Items {
				for _, reason := range r.Unfit {
					t.Errorf("%s is in, although %s", r.Name, reason.Key)
				}
				if !q.Unsure && q.OpenNow && r.Open != Yes {
					t.Errorf("%s: open is %v", r.Name, r.Open)
				}
			}
		})
	}
}

func sorted(s []string) []string {
	m := map[string]bool{}
	for _, v := range s {
		m[v] = true
	}
	return sortedKeys(m)
}

// A result says why it is there and what nobody knows of it.
func TestSearchExplains(t *testing.T) {
	t.Parallel()
	f := newFeature(dbtest.Open(t, dbtest.SQLite(t), Migrations))
	loadOld(t, f)
	res := search(t, f, Query{Words: "shelter", Place: "Oak Park, IL", Needs: []string{"shelter"}, Language: "es", OpenNow: true, From: "US"})
	if len(res.Items) != 1 {
		t.Fatalf("%v", names(res))
	}
	r := res.Items[0]
	var why, unsure []string
	for _, x := range r.Why {
		why = append(why, strings.TrimPrefix(x.Key, "directory.why."))
	}
	for _, x := range r.Unsure {
		unsure = append(unsure, strings.TrimPrefix(x.Key, "directory.unsure."))
	}
	if diff := cmp.Diff([]string{"words", "need_derived", "language", "near", "reachable", "open"}, why); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"never"}, unsure); diff != "" {
		t.Error(diff)
	}
	if !r.Where.Known || !r.Where.Approx || r.Where.KM < 10 || r.Where.KM > 20 || r.Where.Address != "1 River Road, Chicago, IL, 60601" {
		t.Errorf("%+v", r.Where)
	}
	if got := r.OpenUntil.Format("Mon 15:04"); got != "Wed 00:00" { // Monday and Tuesday, day and night
		t.Errorf("open until %s", got)
	}
	if res.Place != "Oak Park, Illinois, US" {
		t.Errorf("the place is %q", res.Place)
	}
	pantry := search(t, f, Query{Words: "groceries"}).Items[0]
	if !pantry.StandIn || pantry.Organization != "Organization 99" {
		t.Errorf("%+v", pantry)
	}
}

// Pages follow one another without gap or repetition.
func TestSearchPages(t *testing.T) {
	t.Parallel()
	f := newFeature(dbtest.Open(t, dbtest.SQLite(t), Migrations))
	loadOld(t, f)
	all := names(search(t, f, Query{}))
	var got []string
	q := Query{Limit: 1}
	for range 10 {
		res := search(t, f, q)
		if res.Total != len(all) {
			t.Errorf("total %d", res.Total)
		}
		got = append(got, names(res)...)
		if q.After = res.Next; q.After == "" {
			break
		}
	}
	if diff := cmp.Diff(all, got); diff != "" {
		t.Error(diff)
	}
}

func TestSearchRefuses(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	for _, q := range []Query{
		{Words: strings.Repeat("x", 500)},
		{KM: -1},
		{KM: 1e9},
		{Needs: []string{"x"}},
		{Language: "?"},
		{Near: &Point{100, 0}},
		{Age: 200},
	} {
		q.Agency = testAgency
		if _, err := f.Search(context.Background(), q); !errs.Is(err, errs.Invalid) {
			t.Errorf("%+v: %v", q, err)
		}
	}
	for _, words := range []string{"' OR 1=1 --", "\x00\x01", "{{.}}", strings.Repeat("a ", 190), "\xff\xfe", "救助 مأوى приют", "<script>"} {
		if _, err := f.Search(context.Background(), Query{Agency: testAgency, Words: words, Place: words}); err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
}

// Another agency's services are never found.
func TestSearchOwnAgency(t *testing.T) {
	t.Parallel()
	f := newFeature(dbtest.Open(t, dbtest.SQLite(t), Migrations))
	loadOld(t, f)
	res, err := f.Search(context.Background(), Query{Agency: "other"})
	if err != nil || res.Total != 0 {
		t.Errorf("%d services, %v", res.Total, err)
	}
	if _, err := f.Service(context.Background(), "other", ids.DeriveUUID("old", "services/10")); !errs.Is(err, errs.NotFound) {
		t.Errorf("%v", err)
	}
}

// Numbers by where one calls from: a free number ends at the border.
func TestReach(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		phone   Object
		country string
		from    string
		want    State
	}{
		{Object{"number": "+1 800 555 0199"}, "US", "US", Yes},
		{Object{"number": "+1 800 555 0199"}, "US", "MX", No},
		{Object{"number": "(312) 555-0142"}, "US", "MX", Yes},
		{Object{"number": "(312) 555-0142"}, "", "MX", Unknown},
		{Object{"number": "0800-111-11", "dial_from": "MK"}, "MK", "MK", Yes},
		{Object{"number": "0800-111-11", "dial_from": "MK"}, "MK", "RS", No},
		{Object{"number": "+375172953167", "dial_from": "abroad"}, "BY", "PL", Yes},
		{Object{"number": "+375172953167", "dial_from": "abroad"}, "BY", "BY", No},
		{Object{"number": "+48226289999", "dial_from": "anywhere"}, "PL", "UA", Yes},
		{Object{"number": "116123", "dial_from": "AT|DE"}, "AT", "DE", Yes},
		{Object{"number": "911"}, "US", "GB", No},
		{Object{"number": "+13125550142", "type": "fax"}, "US", "US", No},
		{Object{"number": ""}, "US", "US", No},
		{Object{"number": strings.Repeat("1", 500)}, "US", "GB", No},
	} {
		if got := readPhone(c.phone, c.country, "").reach(c.from); got != c.want {
			t.Errorf("%v of %s from %s: %v, want %v", c.phone, c.country, c.from, got, c.want)
		}
	}
}

// The starter directory loads, knows which line answers from where, and shows
// the public nothing until it is verified.
func TestStarter(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	f.Now = func() time.Time { return noon }
	ctx := context.Background()
	rep, err := f.LoadStarter(ctx, testAgency)
	if err != nil {
		t.Fatalf("%v\n%s", err, rep.Summary())
	}
	countStored(t, f, rep)
	if rep.Records[entOrganization] != 62 || rep.Records[entService] != 33 || rep.Nested[entPhone] != 12 || rep.Records[entLoose] != 0 {
		t.Errorf("%s", rep.Summary())
	}
	for _, g := range rep.Findings {
		switch g.Code {
		case "id.derived", "place.derived", "hours.rule", "phone.unreadable":
		default:
			t.Errorf("our own data: %s", g)
		}
	}
	if res := search(t, f, Query{Public: true}); res.Total != 0 {
		t.Errorf("the public sees %v", names(res))
	}
	if _, err := f.VerifyAll(ctx, testAgency, StarterSource, "demonstration", "not checked: demonstration"); err != nil {
		t.Fatal(err)
	}
	f.Now = time.Now
	fromPL := names(search(t, f, Query{Public: true, Needs: []string{"hotline"}, From: "PL"}))
	fromUS := names(search(t, f, Query{Public: true, Needs: []string{"hotline"}, From: "US"}))
	if has(fromPL, "National hotline") || !has(fromUS, "National hotline") {
		t.Errorf("from Poland %v, from the US %v", fromPL, fromUS)
	}
	res := search(t, f, Query{Public: true, Words: "national hotline", From: "US", Language: "th", OpenNow: true})
	if len(res.Items) != 1 || res.Items[0].Open != Yes || res.Items[0].Checked.IsZero() {
		t.Errorf("%+v", res.Items)
	}
	for _, word := range []string{"rescue", "victim"} {
		for _, file := range []string{"organizations.csv", "services.csv"} {
			b, err := starterFiles.ReadFile("starter/" + file)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ToLower(string(b))
			for _, name := range []string{"international rescue committee", "office for victims of crime"} {
				text = strings.ReplaceAll(text, name, "")
			}
			if strings.Contains(text, word) {
				t.Errorf("%s says %q", file, word)
			}
		}
	}
}

// An index built by one node is old for another as soon as something changed.
func TestIndexFollowsChanges(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.SQLite(t), Migrations)
	one, two := newFeature(d), newFeature(d)
	if search(t, two, Query{}).Total != 0 {
		t.Fatal("not empty")
	}
	load(t, one, "a", fstest.MapFS{"services.csv": {Data: []byte("id,name,organization_id\n1,Soup kitchen,1\n")}})
	if got := names(search(t, two, Query{Words: "soup"})); len(got) != 1 {
		t.Errorf("%v", got)
	}
}

func BenchmarkSearchIllinois(b *testing.B) {
	dir := sharedData(b, "illinois-legal-aid", "output")
	f := newFeature(dbtest.Open(b, dbtest.SQLite(b), Migrations))
	ctx := context.Background()
	if _, err := f.ImportHSDS(ctx, os.DirFS(dir), "illinois", Options{Agency: testAgency}); err != nil {
		b.Fatal(err)
	}
	for name, q := range map[string]Query{
		"words":           {Words: "eviction"},
		"words-near":      {Words: "legal clinic", Place: "Chicago", KM: 40, Unsure: true},
		"need-near-open":  {Needs: []string{"legal"}, Place: "60601", KM: 40, OpenNow: true, Unsure: true},
		"everything":      {Unsure: true},
		"blend":           {Words: "help desk", Needs: []string{"legal"}, Place: "Chicago", KM: 100, Language: "es", OpenNow: true, From: "US", Unsure: true},
		"public-verified": {Words: "legal", Public: true},
	} {
		q.Agency = testAgency
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := f.Search(ctx, q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("rebuild-after-verify", func(b *testing.B) {
		id := search(b, f, Query{}).Items[0].ID
		for b.Loop() {
			if err := f.Verify(ctx, Check{Agency: testAgency, Service: id, By: "a", How: "b"}); err != nil {
				b.Fatal(err)
			}
			if _, err := f.current(ctx, testAgency); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("build", func(b *testing.B) {
		for b.Loop() {
			f.indexes.of(testAgency).last.Store(nil)
			if _, err := f.current(ctx, testAgency); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// People write several numbers, and words, into one field.
func TestReadPhones(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"(618) 453-3217; (618) 536-7711":   "+16184533217 +16185367711",
		"(618) 394-7300 or (877) 342-7891": "+16183947300 +18773427891",
		"217-525-5297 (LAWS)":              "+12175255297",
		"844-RIGHTS-9 (844-744-4879)":      "+18447444879",
		"1-800-LAW-REP-4":                  "+18005297374",
		"312-346-9766 x 715":               "+13123469766",
		"no phone":                         "",
	} {
		var got []string
		for _, p := range readPhones(Object{"number": in}, "US", "") {
			if p.E164 != "" {
				got = append(got, p.E164)
			}
			if strings.ContainsAny(p.Number, "xX(") || p.Printed == "" {
				t.Errorf("%q is dialled as %q", in, p.Number)
			}
			if p.usable() && p.E164 == "" {
				t.Errorf("%q gives the number %q", in, p.Number)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %s", in, got, want)
		}
	}
}

// A place is read from a name only where the name is made of it.
func TestPlaceFromName(t *testing.T) {
	t.Parallel()
	src := source{Country: "US", Region: "IL"}
	for name, want := range map[string]string{
		"Evanston Public Library":                           "Evanston",
		"West Chicago Public Library District":              "West Chicago",
		"Prairie Skies Library - Ashland location":          "Ashland",
		"Markham Courthouse Help Desk":                      "Markham",
		"Eviction Defense Help Desk - Skokie":               "Skokie",
		"Woodlawn Legal Clinic":                             "",
		"Chicago-Kent Health Clinic":                        "",
		"The Roger Baldwin Foundation":                      "",
		"Elizabeth Titus Memorial Library":                  "",
		"Alliance for the Great Lakes":                      "",
		"Cook County Courthouse":                            "",
		"Main Office":                                       "",
		strings.Repeat("Evanston ", 100) + "Public Library": "",
	} {
		p, _ := namedPlace(name, src)
		if p.town != want {
			t.Errorf("%q is in %q, want %q", name, p.town, want)
		}
	}
	if p, ok := namedPlace("Evanston Public Library", source{Country: "US"}); ok {
		t.Errorf("without a region: %+v", p)
	}
}

// The rules read a need where the text gives it, and not where a word merely
// occurs in another sense.
func TestNeedsOf(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		"Emergency shelter with meals":                   {"shelter", "food"},
		"Free legal clinic for immigrants":               {"legal", "immigration"},
		"Counselling after trauma":                       {"mental_health"},
		"Help with job training and public benefits":     {"job_training", "money"},
		"24-hour crisis hotline":                         {"hotline"},
		"A committee that meets on Mondays":              {},
		"Legislation":                                    {},
		"Repatriation and case management for survivors": {"case_management", "return_home"},
	} {
		stated, derived := needsOf(Object{"description": text})
		if got := needList(derived); stated != 0 || !cmp.Equal(got, want, cmpopts.EquateEmpty()) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	stated, derived := needsOf(Object{"description": "Legal help", "attributes": []any{
		Object{"link_type": "need", "value": "legal"},
		Object{"link_type": "need", "value": "no such need"},
		Object{"taxonomy_term": Object{"name": "Food Pantries"}},
	}})
	if !cmp.Equal(needList(stated), []string{"legal"}) || !cmp.Equal(needList(derived), []string{"food"}) {
		t.Errorf("%v and %v", needList(stated), needList(derived))
	}
}

func BenchmarkImportIllinois(b *testing.B) {
	dir := sharedData(b, "illinois-legal-aid", "output")
	f := newFeature(dbtest.Open(b, dbtest.SQLite(b), Migrations))
	n := 0
	for b.Loop() {
		n++
		_, err := f.ImportHSDS(context.Background(), os.DirFS(dir), "illinois", Options{Agency: "agency" + strconv.Itoa(n)})
		if err != nil {
			b.Fatal(err)
		}
	}
}

// Whichever way a language is named, it is the same language, and a page has a
// name for each that its form offers.
func TestLanguageCodes(t *testing.T) {
	t.Parallel()
	for name, code := range languageNames {
		if got := languageCode(code); got != code {
			t.Errorf("%s is %s, which is %s", name, code, got)
		}
	}
	for in, want := range map[string]string{
		"Chinese (Mandarin)": "zh", "es-MX": "es", "SPANISH": "es", "tl": "fil", "x": "", "Klingon of the north": "", "eng": "en", "": "",
	} {
		if got := languageCode(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
	words, err := i18n.Load(Words())
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range formLanguages {
		if languageCode(code) != code || words.For("en").LanguageName(code) == code {
			t.Errorf("the form offers %s", code)
		}
	}
}
