package invent

import (
	"math/rand/v2"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match"
	"github.com/clew-hotline/clew/internal/lib/stems"
)

// Kinds are the six questions that are measured.
var Kinds = []string{"words+40km", "need+language+age+gender+open+40km", "words+need+country", "two words worldwide", "nearest by need+age+gender", "everything+100km"}

// Question is what somebody may ask, in words that any engine can be asked in.
type Question struct {
	Kind     int // index into Kinds
	Words    []string
	Need     string
	Language string
	Age      int
	Gender   string // women or men
	Open     bool
	Country  string
	Lat, Lon float64
	KM       float64 // 0 with Near: however far
	Near     bool
}

// Question makes the n-th, asked from where people live.
func (m *Maker) Question(n int) Question {
	r := m.Rand(4, uint64(n)) //nolint:gosec // not negative
	q := Question{Kind: n % len(Kinds)}
	town := m.Town(r)
	lat, lon := town.Lat+r.NormFloat64()*0.05, town.Lon+r.NormFloat64()*0.05
	near := func(km float64) {
		q.Near, q.Lat, q.Lon, q.KM = true, max(-89, min(89, lat)), max(-180, min(180, lon)), km
	}
	who := func() {
		q.Age = []int{15, 17, 19, 24, 28, 33, 41, 52, 67}[r.IntN(9)]
		q.Gender = []string{"women", "women", "women", "men"}[r.IntN(4)]
	}
	need := func() { q.Need = m.askedNeed(r) }
	switch q.Kind {
	case 0:
		q.Words = []string{m.Word(r)}
		near(40)
	case 1:
		need()
		q.Language = others[r.IntN(len(others))]
		who()
		q.Open = true
		near(40)
	case 2:
		q.Words = []string{m.Word(r)}
		need()
		q.Country = town.Country
	case 3:
		q.Words = []string{m.Word(r), m.Word(r)}
	case 4:
		need()
		who()
		near(0)
	case 5:
		q.Words = []string{m.Word(r)}
		need()
		q.Language = others[r.IntN(len(others))]
		who()
		q.Open = true
		q.Country = town.Country
		near(100)
	}
	return q
}

func (m *Maker) askedNeed(r *rand.Rand) string {
	return []string{"shelter", "shelter", "shelter", "legal", "legal", "immigration", "medical", "mental_health", "food", "hotline", "case_management", "child_services", "money", "job_training"}[r.IntN(14)]
}

// Query is a question as the engine takes it.
func (q *Question) Query(now time.Time, limit int) *match.Query {
	m := &match.Query{Age: q.Age, Now: now, Limit: limit, Exact: true}
	for _, w := range q.Words {
		m.Words = append(m.Words, stems.Of(w)[:1])
	}
	if q.Need != "" {
		m.Where = append(m.Where, match.Condition{Yes: []string{"need:" + q.Need}})
	}
	if q.Language != "" {
		m.Where = append(m.Where, match.Condition{Yes: []string{"language:" + q.Language, "language:*"}, Unknown: []string{"language:?"}})
	}
	if q.Gender != "" {
		m.Where = append(m.Where, match.Condition{Yes: []string{"gender:any", "gender:" + q.Gender}, Unknown: []string{"gender:?"}})
	}
	if q.Country != "" {
		m.Where = append(m.Where, match.Condition{Yes: []string{"country:" + q.Country}, Unknown: []string{"country:?"}})
	}
	if q.Open {
		m.Open = now
	}
	if q.Near {
		m.Near = &match.Near{Lat: q.Lat, Lon: q.Lon, KM: q.KM}
	}
	return m
}
