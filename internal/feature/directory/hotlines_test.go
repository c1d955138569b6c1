package directory

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// lines are hotlines of several countries; noon is a Monday, evening in Europe.
var lines = fstest.MapFS{
	"organizations.csv": {Data: []byte("id,name,description\no,A group,Helps people\n")},
	"services.csv": {Data: []byte(`id,organization_id,name,description,status,country,eligibility_description
pl,o,Warsaw line,Hotline,active,PL,
pl-night,o,Polish night line,Hotline,active,PL,Women
us,o,American line,Hotline,active,US,
md,o,Moldovan line,Hotline,active,MD,
chat,o,Chat line,Hotline by chat,active,PL,
shelter,o,A house,A shelter in Poland,active,PL,
mx-in-pl,o,Embassy of Mexico,Embassy,active,PL,
mx-in-us,o,Embassy of Mexico,Embassy,active,US,
quiet,o,Nothing said,No word of what it does,active,PL,
`)},
	"attributes.csv": {Data: []byte(`id,link_id,link_entity,link_type,value
1,pl,service,need,hotline
2,pl-night,service,need,hotline
3,us,service,need,hotline
4,md,service,need,hotline
5,chat,service,need,hotline
6,mx-in-pl,service,need,embassy
7,mx-in-us,service,need,embassy
8,mx-in-pl,service,citizens,MX
9,shelter,service,need,shelter
`)},
	"phones.csv": {Data: []byte(`id,service_id,number,type,dial_from,country,toll_free
1,pl,+48226289999,voice,anywhere,PL,
2,pl-night,116 111,voice,PL,PL,true
3,us,+18883737888,voice,US,US,true
4,md,0 800 77777,voice,MD,MD,true
5,md,+37322233309,voice,abroad,MD,
6,mx-in-pl,+48223111800,voice,,PL,
7,shelter,+48221234567,voice,,PL,
8,quiet,+48221234568,voice,,PL,
`)},
	"schedules.csv": {Data: []byte(`id,service_id,freq,byday,opens_at,closes_at
1,pl,WEEKLY,"MO,TU,WE,TH,FR",09:00,20:00
2,pl-night,WEEKLY,"MO,TU,WE,TH,FR,SA,SU",22:00,06:00
3,us,WEEKLY,"MO,TU,WE,TH,FR,SA,SU",00:00,24:00
4,md,WEEKLY,"MO,TU,WE,TH,FR,SA,SU",00:00,24:00
`)},
	"languages.csv": {Data: []byte(`id,service_id,code,note,byday
1,pl,pl,,
2,pl,ru,,"MO,TH"
3,pl,uk,One day a week,
4,pl-night,pl,,
5,md,ro,,
6,md,ru,,
7,us,en,,
`)},
}

func hotlineNames(list []Hotline) []string {
	out := []string{}
	for _, h := range list {
		out = append(out, h.Name)
	}
	return out
}

// Who answers now, in this language, for somebody in this country, is one question.
func TestWhoAnswersNowFromHere(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	load(t, f, "lines", lines)
	f.Now = func() time.Time { return noon } // 19:00 on Monday in Warsaw
	ask := func(q HotlineQuery) Hotlines {
		t.Helper()
		q.Agency = testAgency
		h, err := f.Hotlines(context.Background(), q)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	for _, c := range []struct {
		name string
		q    HotlineQuery
		want []string
	}{
		{"of all the world", HotlineQuery{}, []string{"American line", "Moldovan line", "Warsaw line", "Chat line", "Polish night line"}},
		{"from Poland", HotlineQuery{From: "PL"}, []string{"Warsaw line", "Moldovan line", "Chat line", "Polish night line"}},
		{"from Poland now", HotlineQuery{From: "PL", Now: true}, []string{"Warsaw line", "Moldovan line", "Chat line"}},
		{"from the United States", HotlineQuery{From: "US", Now: true}, []string{"American line", "Moldovan line", "Warsaw line", "Chat line"}},
		{"from Moldova", HotlineQuery{From: "MD", Language: "ro"}, []string{"Moldovan line", "Chat line", "Warsaw line"}},
		{"in Russian now, a Monday", HotlineQuery{From: "PL", Language: "ru", Now: true}, []string{"Warsaw line", "Moldovan line", "Chat line"}},
		{"in Ukrainian, on some day", HotlineQuery{From: "PL", Language: "uk", Now: true}, []string{"Warsaw line", "Chat line"}},
	} {
		if diff := cmp.Diff(c.want, hotlineNames(ask(c.q).Lines)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
	if got := hotlineNames(ask(HotlineQuery{From: "PL"}).Embassies); len(got) != 1 {
		t.Errorf("embassies in Poland: %q", got)
	}
	if got := ask(HotlineQuery{From: "PL", Language: "ru"}).Lines[0]; got.Spoken != Yes || got.Answers != Yes || len(got.Days) != 2 {
		t.Errorf("Russian on Monday: %+v", got)
	}
	f.Now = func() time.Time { return noon.Add(24 * time.Hour) }
	for _, h := range ask(HotlineQuery{From: "PL", Language: "ru"}).Lines {
		if h.Name == "Warsaw line" && (h.Spoken != No || h.Answers != No) {
			t.Errorf("Russian is spoken there on Mondays and Thursdays, not on a Tuesday: %+v", h)
		}
	}
	if got := ask(HotlineQuery{From: "PL", Public: true}); len(got.Lines)+len(got.Embassies) != 0 {
		t.Errorf("nobody has checked these, and the public sees %q", hotlineNames(got.Lines))
	}
}

// However many services read like hotlines, and however many are some: none that
// answers is crowded out by those that do not.
func TestNoLimitLosesAHotline(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	f.Now = func() time.Time { return noon }
	var services, attributes, phones, hours strings.Builder
	for i := range 3 * maxHotlines {
		fmt.Fprintf(&services, "d%d,o,Tenants' hotline %d,A hotline for tenants,active,PL\n", i, i)
		fmt.Fprintf(&phones, "pd%d,d%d,+48226280%03d\n", i, i, i%1000)
	}
	for i := range maxHotlines + 50 { // closed, all but the last
		fmt.Fprintf(&services, "s%d,o,Line %d,x,active,PL\n", i, i)
		fmt.Fprintf(&attributes, "a%d,s%d,service,need,hotline\n", i, i)
		fmt.Fprintf(&phones, "ps%d,s%d,+48226281%03d\n", i, i, i%1000)
		day := "TU"
		if i == maxHotlines+49 {
			day = "MO"
		}
		fmt.Fprintf(&hours, "h%d,s%d,WEEKLY,%s,00:00,24:00\n", i, i, day)
	}
	load(t, f, "many", fstest.MapFS{
		"organizations.csv": lines["organizations.csv"],
		"services.csv":      {Data: []byte("id,organization_id,name,description,status,country\n" + services.String())},
		"attributes.csv":    {Data: []byte("id,link_id,link_entity,link_type,value\n" + attributes.String())},
		"phones.csv":        {Data: []byte("id,service_id,number\n" + phones.String())},
		"schedules.csv":     {Data: []byte("id,service_id,freq,byday,opens_at,closes_at\n" + hours.String())},
	})
	h, err := f.Hotlines(context.Background(), HotlineQuery{Agency: testAgency, From: "PL"})
	if err != nil || len(h.Lines) != maxHotlines || h.Lines[0].Name != fmt.Sprintf("Line %d", maxHotlines+49) || h.Lines[0].Answers != Yes {
		t.Fatalf("%d lines, first %q: %v", len(h.Lines), hotlineNames(h.Lines)[:1], err)
	}
	for _, l := range h.Lines {
		if strings.HasPrefix(l.Name, "Tenants") {
			t.Fatalf("%s only reads like a hotline", l.Name)
		}
	}
	if h, err = f.Hotlines(context.Background(), HotlineQuery{Agency: testAgency, From: "PL", Now: true}); err != nil || len(h.Lines) != 1 {
		t.Errorf("answering now: %q, %v", hotlineNames(h.Lines), err)
	}
}

func TestHotlinesOnTheDesk(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		load(t, c.f, "lines", lines)
		c.f.Now = func() time.Time { return noon }
		status, page, _ := c.do(http.MethodPost, "/staff/hotlines", url.Values{"from": {"PL"}, "language": {"ru"}, "now": {"1"}})
		for _, want := range []string{"Warsaw line", "Russian (Monday, Thursday)", "Ukrainian (One day a week)", "From outside Moldova", "Free, From Moldova only", "Embassies in Poland", "For people from Mexico", "Never checked", "Source: lines"} {
			if status != http.StatusOK || !strings.Contains(page, want) {
				t.Errorf("%d: no %q", status, want)
			}
		}
		if strings.Contains(page, "American line") {
			t.Error("a line that cannot be dialled from Poland is shown as if it answered")
		}
	}, Migrations)
}
