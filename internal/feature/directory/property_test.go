package directory

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

// model is a service as the test knows it, beside the HSDS that says the same.
type model struct {
	id           string
	words        []string
	need         string // stated; "" says nothing
	reads        string // a need that its text suggests; "" none
	spoken       []string
	anyTongue    bool
	lat, lon     float64
	placed       bool
	country      string
	opens        int // hour, every day; -1 unknown
	closes       int
	minAge       int // 0 not said
	phone        string
	verified     bool
	overdue      bool
	hideOverdue  bool
	inactive     bool
	visibility   Visibility
	checkHistory *Verification
}

var vocabulary = []string{"river", "harbour", "kitchen", "garden", "window", "lantern", "bridge", "meadow"}

func drawModel(t *rapid.T, i int) *model {
	m := &model{id: ids.DeriveUUID("model", fmt.Sprint(i)), country: rapid.SampledFrom([]string{"US", "PL", "GB"}).Draw(t, "country"), visibility: Full}
	m.words = rapid.SliceOfNDistinct(rapid.SampledFrom(vocabulary), 1, 3, rapid.ID[string]).Draw(t, "words")
	m.need = rapid.SampledFrom([]string{"", "shelter", "legal", "food"}).Draw(t, "need")
	m.reads = rapid.SampledFrom([]string{"", "", "shelter", "legal"}).Draw(t, "reads")
	m.spoken = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"es", "pl", "ru"}), 0, 2, rapid.ID[string]).Draw(t, "spoken")
	m.anyTongue = rapid.IntRange(0, 5).Draw(t, "interpreter") == 0
	m.placed = rapid.IntRange(0, 3).Draw(t, "placed") > 0
	m.lat = rapid.Float64Range(41, 43).Draw(t, "lat")
	m.lon = rapid.Float64Range(-89, -88).Draw(t, "lon")
	m.opens, m.closes = -1, -1
	if rapid.Bool().Draw(t, "hours") {
		m.opens = rapid.IntRange(0, 22).Draw(t, "opens")
		m.closes = rapid.IntRange(m.opens+1, 23).Draw(t, "closes")
	}
	m.minAge = rapid.SampledFrom([]int{0, 0, 18, 65}).Draw(t, "min age")
	m.phone = rapid.SampledFrom([]string{"", "free", "normal", "abroad"}).Draw(t, "phone")
	m.inactive = rapid.IntRange(0, 9).Draw(t, "inactive") == 0
	switch rapid.IntRange(0, 3).Draw(t, "check") {
	case 1:
		m.verified = true
		m.checkHistory = &Verification{Checked: noon.Add(-time.Hour), Due: noon.Add(time.Hour), Hide: noon.Add(2 * time.Hour)}
	case 2:
		m.overdue = true
		m.checkHistory = &Verification{Checked: noon.Add(-3 * time.Hour), Due: noon.Add(-time.Hour), Hide: noon.Add(time.Hour)}
	case 3:
		m.hideOverdue = true
		m.checkHistory = &Verification{Checked: noon.Add(-9 * time.Hour), Due: noon.Add(-5 * time.Hour), Hide: noon.Add(-time.Hour)}
	}
	return m
}

// numbers of each country: free at home, ordinary.
var modelNumbers = map[string][2]string{
	"US": {"+18005550199", "+13125550142"}, "PL": {"+48800123456", "+48226289999"}, "GB": {"+448001111111", "+442079460000"},
}

var modelZone = map[string]string{"US": "America/Chicago", "PL": "Europe/Warsaw", "GB": "Europe/London"}

func (m *model) records() []*stored {
	service := Object{"id": m.id, "name": strings.Join(m.words, " "), "status": "active", "country": m.country}
	if m.inactive {
		service["status"] = "inactive"
	}
	if m.need != "" {
		service["attributes"] = []any{Object{"id": "a", "link_type": "need", "value": m.need}}
	}
	if m.reads != "" {
		service["description"] = "It has to do with " + m.reads + "."
	}
	var tongues []any
	for _, l := range m.spoken {
		tongues = append(tongues, Object{"code": l})
	}
	if tongues != nil {
		service["languages"] = tongues
	}
	if m.anyTongue {
		service["interpretation_services"] = "by telephone, all languages"
	}
	if m.opens >= 0 {
		service["schedules"] = []any{weekly("MO,TU,WE,TH,FR,SA,SU", pad2(m.opens)+":00", pad2(m.closes)+":00")}
	}
	if m.minAge > 0 {
		service["minimum_age"] = fmt.Sprint(m.minAge)
	}
	n := modelNumbers[m.country]
	switch m.phone {
	case "free":
		service["phones"] = []any{Object{"number": n[0], "country": m.country}}
	case "normal":
		service["phones"] = []any{Object{"number": n[1]}}
	case "abroad":
		service["phones"] = []any{Object{"number": n[1], "dial_from": "abroad"}}
	}
	out := []*stored{}
	if m.placed {
		at := ids.DeriveUUID("place", m.id)
		service["service_at_locations"] = []any{Object{"id": at, "location_id": at}}
		loc := Object{"id": at, "location_type": "physical", "latitude": fmt.Sprint(m.lat), "longitude": fmt.Sprint(m.lon), "country": m.country, "address_visibility": string(m.visibility)}
		out = append(out, &stored{kind: entLocation, id: at, source: "model", text: string(canonical(loc))})
	}
	return append(out, &stored{kind: entService, id: m.id, source: "model", text: string(canonical(service))})
}

// satisfies answers each condition of a query from the model alone.
func (m *model) satisfies(q Query) (no, unknown bool) {
	ask := func(asked bool, s State) {
		if asked {
			no, unknown = no || s == No, unknown || s == Unknown
		}
	}
	if m.inactive && (q.Public || !q.All) || q.Public && !m.verified && !m.overdue {
		return true, false
	}
	status := Never
	if m.verified {
		status = Verified
	} else if m.overdue || m.hideOverdue {
		status = Overdue
	}
	if q.Status != "" && q.Status != status {
		return true, false
	}
	switch {
	case len(q.Needs) == 0:
	case q.Stated:
		ask(true, answer(has(q.Needs, m.need)))
	default:
		got := Unknown // a name of our vocabulary suggests no need
		if m.need != "" || m.reads != "" {
			got = answer(has(q.Needs, m.need) || has(q.Needs, m.reads))
		}
		if m.anyTongue { // an interpreter is a need met, read from the text
			if got == Unknown {
				got = No
			}
			if has(q.Needs, "interpretation") {
				got = Yes
			}
		}
		ask(true, got)
	}
	tongue := answer(has(m.spoken, q.Language) || m.anyTongue)
	if len(m.spoken) == 0 && !m.anyTongue {
		tongue = Unknown
	}
	ask(q.Language != "", tongue)
	age := answer(q.Age >= m.minAge)
	if m.minAge == 0 {
		age = Unknown
	}
	ask(q.Age > 0, age)
	ask(q.Country != "", answer(q.Country == m.country))
	ask(q.From != "", map[string]State{
		"": Unknown, "free": answer(q.From == m.country), "normal": Yes, "abroad": answer(q.From != m.country),
	}[m.phone])
	if q.Near != nil {
		switch d := geo.DistanceKm(geo.Point{Lat: q.Near.Lat, Lon: q.Near.Lon}, geo.Point{Lat: m.lat, Lon: m.lon}); {
		case !m.placed:
			unknown = true
		case d > q.KM:
			no = true
		}
	}
	if q.OpenNow {
		zone, err := time.LoadLocation(modelZone[m.country])
		if err != nil {
			panic(err)
		}
		if m.placed {
			zone, _ = time.LoadLocation("America/Chicago") // every place lies there, whatever its country says
		}
		hour := noon.In(zone).Hour()
		switch {
		case m.opens < 0 || !m.placed && m.country == "US": // which of its zones?
			unknown = true
		case hour < m.opens || hour >= m.closes:
			no = true
		}
	}
	return no, unknown
}

func has(list []string, s string) bool { return slices.Contains(list, s) }

func drawQuery(t *rapid.T) Query {
	q := Query{Limit: maxLimit, KM: 40}
	if rapid.Bool().Draw(t, "ask words") {
		q.Words = strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(vocabulary), 1, 2, rapid.ID[string]).Draw(t, "query words"), " ")
	}
	q.Needs = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"shelter", "legal", "interpretation"}), 0, 2, rapid.ID[string]).Draw(t, "needs")
	q.Stated = rapid.Bool().Draw(t, "stated")
	q.Language = rapid.SampledFrom([]string{"", "", "es", "pl", "so"}).Draw(t, "language")
	q.From = rapid.SampledFrom([]string{"", "", "US", "PL"}).Draw(t, "from")
	q.Country = rapid.SampledFrom([]string{"", "", "", "US"}).Draw(t, "in country")
	q.OpenNow = rapid.Bool().Draw(t, "open")
	q.Age = rapid.SampledFrom([]int{0, 0, 12, 30, 70}).Draw(t, "age")
	q.Unsure = rapid.Bool().Draw(t, "unsure")
	q.Public = rapid.IntRange(0, 3).Draw(t, "public") == 0
	q.All = rapid.Bool().Draw(t, "all")
	q.Status = rapid.SampledFrom([]Status{"", "", "", Never, Overdue, Verified}).Draw(t, "status")
	if rapid.Bool().Draw(t, "near") {
		q.Near = &Point{rapid.Float64Range(41, 43).Draw(t, "q lat"), rapid.Float64Range(-89, -87).Draw(t, "q lon")}
		q.KM = rapid.Float64Range(1, 200).Draw(t, "km")
	}
	return q
}

// Every result satisfies every condition, and everything that does is found.
func TestSearchAgainstBruteForce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var models []*model
		var records []*stored
		done := map[string]*Verification{}
		for i := range rapid.IntRange(1, 25).Draw(t, "services") {
			m := drawModel(t, i)
			models = append(models, m)
			records = append(records, m.records()...)
			if m.checkHistory != nil {
				done[m.id] = m.checkHistory
			}
		}
		ix, err := makeIndex(1, records, map[string]source{}, done, nil)
		if err != nil {
			t.Fatal(err)
		}
		for range 8 {
			q := drawQuery(t)
			if err := q.clean(); err != nil {
				t.Fatal(err)
			}
			res := ix.search(q, noon)
			want := bruteForce(models, q)
			var got []string
			for _, r := range res.Items {
				got = append(got, r.ID)
				if len(r.Unfit) > 0 && !res.AnyWord {
					t.Fatalf("%s does not fit: %v", r.ID, r.Unfit)
				}
			}
			sort.Strings(got)
			if fmt.Sprint(got) != fmt.Sprint(want) || res.Total != len(want) {
				t.Fatalf("%+v\ngot  %v (%d)\nwant %v", q, got, res.Total, want)
			}
		}
	})
}

func bruteForce(models []*model, q Query) []string {
	words := strings.Fields(q.Words)
	for least := len(words); ; least = 1 {
		var want []string
		for _, m := range models {
			matched := 0
			for _, w := range words {
				if has(m.words, w) {
					matched++
				}
			}
			no, unknown := m.satisfies(q)
			if matched >= least && !no && (q.Unsure || !unknown) {
				want = append(want, m.id)
			}
		}
		if len(want) > 0 || least <= 1 {
			sort.Strings(want)
			return want
		}
	}
}
