package invent

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
	"github.com/clew-hotline/clew/internal/lib/match"
)

// Service is one that does not exist.
type Service struct {
	ID, Org, Place            match.ID
	Name, Organization, About string
	Needs                     []string
	Terms                     []int // of a taxonomy of 289, as their numbers
	Spoken                    []string
	Interpreter               bool
	Gender                    string // "", any, women, men
	MinAge, MaxAge            int    // 0, -1: nothing is said
	Fee                       string // "", free, sliding
	Wheelchair                string // "", yes, no
	Papers                    string // "", any (whatever one's status), resident
	Town                      geo.Place
	Lat, Lon                  float64
	Exact                     bool // else the middle of the town
	Hours                     *match.Week
	Phone                     string
	TollFree                  bool
	Checked, Due, Hide        time.Time
	Free                      int // -1 not told
	FreeUntil                 time.Time
}

// Maker makes services of one seed. Many goroutines may use it.
type Maker struct {
	seed  uint64
	now   time.Time
	towns []geo.Town
	sum   []float64 // of their weights
	weeks sync.Map  // by name: services share their hours
	zones sync.Map
	vocab []string
	zipf  []float64
}

// New makes a maker; checks and free places are told as of now.
func New(seed uint64, now time.Time) *Maker {
	m := &Maker{seed: seed, now: now, towns: geo.Towns(1000)}
	total := 0.0
	for _, town := range m.towns {
		t := town.Place()
		w := float64(t.Population)
		switch t.Country { // where directories of this kind are kept
		case "US":
			w *= 10
		case "GB", "PL", "DE", "FR", "ES", "IT", "CA", "NL", "UA", "RO":
			w *= 4
		}
		total += w
		m.sum = append(m.sum, total)
	}
	m.vocab = vocabulary()
	sum := 0.0
	for i := range m.vocab {
		sum += 1 / math.Pow(float64(i+8), 0.95)
		m.zipf = append(m.zipf, sum)
	}
	return m
}

func pick(r *rand.Rand, sum []float64) int {
	x := r.Float64() * sum[len(sum)-1]
	return min(sort.SearchFloat64s(sum, x), len(sum)-1)
}

// Town picks one as a service, or somebody who looks for it, would be there.
func (m *Maker) Town(r *rand.Rand) geo.Place { return m.towns[pick(r, m.sum)].Place() }

// Rand is the source of chance for the n-th of a kind.
func (m *Maker) Rand(kind, n uint64) *rand.Rand {
	return rand.New(rand.NewPCG(m.seed^kind<<56, n*0x9E3779B97F4A7C15+1)) //nolint:gosec // the same seed has to give the same
}

func newID(r *rand.Rand) (id match.ID) {
	a, b := r.Uint64(), r.Uint64()
	for i := range 8 {
		id[i], id[8+i] = byte(a>>(8*i)), byte(b>>(8*i)) //nolint:gosec // bytes of it
	}
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return id
}

// Service makes the n-th.
func (m *Maker) Service(n int) *Service {
	r := m.Rand(1, uint64(n)) //nolint:gosec // not negative
	s := &Service{ID: newID(r), Place: newID(r), MaxAge: -1, Free: -1}
	s.Org = newID(m.Rand(2, uint64(n/4))) //nolint:gosec // likewise: an organization has four
	s.Town = m.Town(r)
	m.place(r, s)
	m.needs(r, s)
	m.texts(r, s, n)
	m.people(r, s)
	if r.IntN(100) < 64 {
		s.Hours = m.hours(r, s.Town.Zone)
	}
	if r.IntN(100) < 70 {
		s.Checked = m.now.Add(-time.Duration(r.IntN(400*24*60)) * time.Minute)
		s.Due = s.Checked.AddDate(0, 0, 180)
		s.Hide = s.Checked.AddDate(0, 0, 360)
	}
	if has(s.Needs, "shelter") && r.IntN(10) < 4 {
		s.Free = max(0, r.IntN(9)-4)
		s.FreeUntil = m.now.Add(time.Duration(r.IntN(72)-24) * time.Hour)
	}
	return s
}

func (m *Maker) place(r *rand.Rand, s *Service) {
	s.Lat, s.Lon = s.Town.Lat, s.Town.Lon
	if s.Exact = r.IntN(100) < 55; s.Exact {
		km := math.Max(0.4, math.Sqrt(float64(s.Town.Population))*0.004)
		s.Lat = math.Max(-89, math.Min(89, s.Lat+r.NormFloat64()*km/111))
		s.Lon += r.NormFloat64() * km / (111 * math.Max(0.1, math.Cos(s.Lat*math.Pi/180)))
		if s.Lon > 180 || s.Lon < -180 {
			s.Lon = s.Town.Lon
		}
	}
	const micro = 1e6 // a millionth of a degree is a hand's breadth
	s.Lat, s.Lon = math.Round(s.Lat*micro)/micro, math.Round(s.Lon*micro)/micro
	if s.Town.Country == "US" {
		s.TollFree = r.IntN(4) == 0
		s.Phone = fmt.Sprintf("+1%d55501%02d", 201+r.IntN(700), r.IntN(100))
		if s.TollFree {
			s.Phone = fmt.Sprintf("+180055501%02d", r.IntN(100))
		}
	} else if r.IntN(10) < 9 {
		s.Phone = fmt.Sprintf("%04d", r.IntN(10000))
	}
}

// kinds are what a service can be, with how many of a thousand are it.
var kinds = []struct {
	need  string
	share int
	title []string
}{
	{"hotline", 30, []string{"Helpline", "Crisis line"}},
	{"shelter", 80, []string{"Shelter", "Safe housing", "Refuge"}},
	{"food", 120, []string{"Food pantry", "Community kitchen", "Meals"}},
	{"medical", 110, []string{"Health clinic", "Medical care"}},
	{"mental_health", 100, []string{"Counselling", "Trauma therapy", "Support group"}},
	{"legal", 90, []string{"Legal clinic", "Legal aid", "Court help desk"}},
	{"immigration", 50, []string{"Immigration advice", "Asylum support"}},
	{"interpretation", 20, []string{"Interpreters", "Translation"}},
	{"case_management", 70, []string{"Case management", "Social work"}},
	{"safety_planning", 30, []string{"Safety planning", "Advocacy"}},
	{"job_training", 80, []string{"Job training", "Employment support"}},
	{"education", 90, []string{"Adult education", "Language classes"}},
	{"child_services", 60, []string{"Child care", "Youth services"}},
	{"money", 50, []string{"Emergency funds", "Benefits advice"}},
	{"transport", 20, []string{"Transport help"}},
	{"return_home", 10, []string{"Voluntary return"}},
	{"training", 20, []string{"Training for professionals"}},
	{"information", 70, []string{"Information centre", "Referral desk"}},
}

// Needs are the needs that services meet.
func Needs() (list []string) {
	for _, k := range kinds {
		list = append(list, k.need)
	}
	return list
}

func (m *Maker) needs(r *rand.Rand, s *Service) {
	one := func() int {
		x := r.IntN(1100)
		for i, k := range kinds {
			if x -= k.share; x < 0 {
				return i
			}
		}
		return 2
	}
	first := one()
	s.Name = kinds[first].title[r.IntN(len(kinds[first].title))]
	for range 1 + r.IntN(3) {
		if n := kinds[first].need; !has(s.Needs, n) {
			s.Needs = append(s.Needs, n)
		}
		first = one()
	}
	for range 2 + r.IntN(9) {
		t := int(289 * math.Pow(r.Float64(), 2.2))
		if !hasInt(s.Terms, t) {
			s.Terms = append(s.Terms, t)
		}
	}
}

func has(list []string, s string) bool {
	return strings.Contains("\n"+strings.Join(list, "\n")+"\n", "\n"+s+"\n")
}

func hasInt(list []int, n int) bool {
	return slices.Contains(list, n)
}

var houses = strings.Fields(`Harbour River Bridge Lantern Meadow Garden Compass Orchard Anchor Willow Cedar Beacon Haven Hope Dawn Sunrise
	Valley Hill Lake Forest Stone Maple Oak Ivy Rose Lily Horizon Pathway Crossing Corner Gate Window Hearth Star Moon Cloud Field Spring Summer Northern
	Southern Eastern Western Central United First Second New Old Open Common Union Alliance Circle Table`)

func (m *Maker) texts(r *rand.Rand, s *Service, n int) {
	org := m.Rand(3, uint64(n/4)) //nolint:gosec // not negative
	s.Organization = houses[org.IntN(len(houses))] + " " + []string{"House", "Foundation", "Centre", "Network", "Services", "Trust", "Project"}[org.IntN(7)]
	if r.IntN(3) == 0 {
		s.Name = houses[r.IntN(len(houses))] + " " + s.Name
	}
	s.Name += " " + s.Town.Name
	length := int(49 * math.Exp(r.NormFloat64()*0.6))
	length = max(8, min(length, 250))
	b := make([]byte, 0, length*8)
	for i := range length {
		w := m.vocab[pick(r, m.zipf)]
		switch {
		case i == 0 || i%13 == 0:
			if i > 0 {
				b = append(b[:len(b)-1], ". "...)
			}
			b = append(b, w[0]-'a'+'A')
			b = append(b, w[1:]...)
		default:
			b = append(b, w...)
		}
		b = append(b, ' ')
	}
	b[len(b)-1] = '.'
	s.About = string(b)
}

// spokenIn is the language that most people of a country speak, for the larger ones.
var spokenIn = map[string]string{
	"US": "en", "GB": "en", "CA": "en", "AU": "en", "IN": "hi", "CN": "zh", "RU": "ru", "BR": "pt", "MX": "es", "ES": "es", "AR": "es", "CO": "es",
	"PE": "es", "VE": "es", "CL": "es", "FR": "fr", "DE": "de", "AT": "de", "IT": "it", "PL": "pl", "UA": "uk", "RO": "ro", "NL": "nl", "TR": "tr",
	"IR": "fa", "JP": "ja", "KR": "ko", "VN": "vi", "TH": "th", "PH": "fil", "ID": "id", "BD": "bn", "PK": "ur", "EG": "ar", "MA": "ar", "IQ": "ar",
	"SA": "ar", "NG": "en", "ET": "am", "KE": "sw", "TZ": "sw",
}

// others are languages by how often they are spoken beside.
var others = strings.Fields(`es en fr ar zh ru pt pl vi ko fil ht so ur fa uk am hi bn de sw my ti ro th`)

// Languages are those that somebody may ask for.
func Languages() []string { return others }

func (m *Maker) people(r *rand.Rand, s *Service) {
	if r.IntN(100) < 88 {
		s.Spoken = append(s.Spoken, first(spokenIn[s.Town.Country], "en"))
		for range []int{0, 0, 1, 1, 1, 2, 2, 3, 4}[r.IntN(9)] {
			if l := others[r.IntN(len(others))]; !has(s.Spoken, l) {
				s.Spoken = append(s.Spoken, l)
			}
		}
		s.Interpreter = r.IntN(10) == 0
	}
	s.Gender = share(r, "any", 70, "women", 14, "men", 4)
	switch x := r.IntN(100); {
	case x < 20:
		s.MinAge = 18
	case x < 28:
		s.MaxAge = 17
	case x < 32:
		s.MinAge, s.MaxAge = 12, 24
	case x < 35:
		s.MinAge = 65
	case x < 40:
		s.MinAge = 16
	}
	s.Fee = share(r, "free", 55, "sliding", 15)
	s.Wheelchair = share(r, "yes", 35, "no", 15)
	s.Papers = share(r, "any", 25, "resident", 10)
}

// share picks one of some values by their hundredths, or "".
func share(r *rand.Rand, list ...any) string {
	x := r.IntN(100)
	for i := 0; i+1 < len(list); i += 2 {
		value, _ := list[i].(string)
		part, _ := list[i+1].(int)
		if x -= part; x < 0 {
			return value
		}
	}
	return ""
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// hours gives one of some hundred weeks, in the zone of the place.
func (m *Maker) hours(r *rand.Rand, zone string) *match.Week {
	opens := []int16{480, 510, 540, 540, 540, 570, 600}[r.IntN(7)]
	closes := []int16{960, 990, 1020, 1020, 1020, 1080, 1140}[r.IntN(7)]
	kind := []string{
		"always", "always", "always", "split", "split", "split", "some", "some", "plain", "plain", "plain", "plain", "plain", "plain", "plain",
		"saturday", "saturday", "saturday", "saturday", "night",
	}[r.IntN(20)]
	name := fmt.Sprintf("%s/%d-%d/%s", zone, opens, closes, kind)
	if kind == "always" {
		name = zone + "/always"
	}
	if w, ok := m.weeks.Load(name); ok {
		week, _ := w.(*match.Week)
		return week
	}
	w := &match.Week{Name: name, Zone: m.zone(zone)}
	for d := range w.Days {
		switch {
		case kind == "always":
			w.Days[d] = []match.Span{{From: 0, To: 1440}}
		case kind == "saturday" && d == 6:
			w.Days[d] = []match.Span{{From: 600, To: 840}}
		case kind == "night" && d == 5:
			w.Days[d] = []match.Span{{From: 1200, To: 1560}}
		case d == 0 || d == 6 || kind == "some" && d%2 == 0:
		case kind == "split":
			w.Days[d] = []match.Span{{From: opens, To: 720}, {From: 780, To: closes}}
		default:
			w.Days[d] = []match.Span{{From: opens, To: closes}}
		}
	}
	m.weeks.Store(name, w)
	return w
}

func (m *Maker) zone(name string) *time.Location {
	if z, ok := m.zones.Load(name); ok {
		zone, _ := z.(*time.Location)
		return zone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		zone = time.UTC
	}
	m.zones.Store(name, zone)
	return zone
}
