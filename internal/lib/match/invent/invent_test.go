package invent

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/match"
)

var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

func load(tb testing.TB, m *Maker, n int) (*match.Index[*Service], []*Service) {
	tb.Helper()
	ix := match.New(func(s *Service) string { return s.Name })
	const loaders = 2
	var list []*match.Loader[*Service]
	all := make([]*Service, n)
	for i := range loaders {
		l, rd := match.NewLoader[*Service](), &Reader{}
		for j := i; j < n; j += loaders {
			all[j] = m.Service(j)
			l.Add(rd.Facts(all[j]), all[j])
		}
		list = append(list, l)
	}
	ix.Load(list...)
	return ix, all
}

// The shares are those that the package promises.
func TestShares(t *testing.T) {
	t.Parallel()
	m := New(1, noon)
	const n = 5000
	words, hours, exact, tongues, terms := []int{}, 0, 0, 0, 0
	for i := range n {
		s := m.Service(i)
		if again := m.Service(i); again.Name != s.Name || again.About != s.About || again.ID != s.ID {
			t.Fatal("not the same twice")
		}
		words = append(words, len(strings.Fields(s.About)))
		tongues += len(s.Spoken)
		terms += len(s.Terms)
		if s.Hours != nil {
			hours++
		}
		if s.Exact {
			exact++
		}
	}
	slices.Sort(words)
	near := func(what string, got, want, off float64) {
		if math.Abs(got-want) > off {
			t.Errorf("%s: %.2f, want %.2f", what, got, want)
		}
	}
	near("words", float64(words[n/2]), 49, 3)
	near("hours", float64(hours)/n, 0.64, 0.03)
	near("coordinates", float64(exact)/n, 0.55, 0.03)
	near("languages", float64(tongues)/n, 2.3, 0.3)
	near("terms", float64(terms)/n, 6, 0.6)
}

// The engine answers on many services as a look at each does: here its sets are
// dense, its windows long and its rings used.
func TestManyAgainstLookingAtAll(t *testing.T) {
	t.Parallel()
	m := New(2, noon)
	ix, all := load(t, m, 12_000)
	rd := &Reader{}
	have := make([]map[string]bool, len(all))
	for i, s := range all {
		have[i] = map[string]bool{}
		for _, w := range rd.Facts(s).Words {
			have[i][w.Stem] = true
		}
	}
	found := 0
	for n := range 150 {
		q := m.Question(n)
		if n%5 == 0 && len(q.Words) > 0 { // one that stands in very many
			q.Words[0] = "services"
		}
		mq := q.Query(noon, 25)
		got := ix.Search(mq)
		var want []float64
		for i, s := range all {
			if fits(s, have[i], &q, mq) {
				want = append(want, way(s, &q))
			}
		}
		sort.Float64s(want)
		if got.Total != len(want) || len(got.Hits) != min(25, len(want)) {
			t.Fatalf("%s: %d found, %d shown, want %d: %+v", Kinds[q.Kind], got.Total, len(got.Hits), len(want), q)
		}
		found += len(want)
		for i, h := range got.Hits {
			if q.Near && math.Abs(h.KM-want[i]) > 1e-6 {
				t.Fatalf("%s: hit %d is %f km away, want %f: %+v", Kinds[q.Kind], i, h.KM, want[i], q)
			}
			if i > 0 && !q.Near && h.Score > got.Hits[i-1].Score {
				t.Fatalf("%s: hit %d is better than the one before", Kinds[q.Kind], i)
			}
		}
	}
	if found < 3_000 {
		t.Errorf("only %d found: the questions prove little", found)
	}
}

func way(s *Service, q *Question) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((s.Lat-q.Lat)*rad/2), math.Sin((s.Lon-q.Lon)*rad/2)
	return 2 * 6371.0088 * math.Asin(math.Sqrt(math.Min(1, a*a+math.Cos(s.Lat*rad)*math.Cos(q.Lat*rad)*b*b)))
}

func fits(s *Service, have map[string]bool, q *Question, mq *match.Query) bool {
	for _, w := range mq.Words {
		if !have[w[0]] {
			return false
		}
	}
	open := false
	if q.Open && s.Hours != nil {
		state, _ := s.Hours.Open(noon)
		open = state == match.Yes
	}
	aged := s.MinAge > 0 || s.MaxAge >= 0
	return (q.Need == "" || slices.Contains(s.Needs, q.Need)) &&
		(q.Language == "" || slices.Contains(s.Spoken, q.Language) || s.Interpreter) &&
		(q.Gender == "" || s.Gender == "any" || s.Gender == q.Gender) &&
		(q.Age == 0 || aged && q.Age >= s.MinAge && (s.MaxAge < 0 || q.Age <= s.MaxAge)) &&
		(q.Country == "" || s.Town.Country == q.Country) && (!q.Open || open) &&
		(!q.Near || q.KM == 0 || way(s, q) <= q.KM)
}

func benchmark(b *testing.B, n int) {
	m := New(1, noon)
	ix, all := load(b, m, n)
	b.Logf("%d services", len(all))
	for kind, name := range Kinds {
		b.Run(strings.ReplaceAll(name, " ", "_"), func(b *testing.B) {
			i, total := kind, 0
			for b.Loop() {
				q := m.Question(i)
				i += len(Kinds)
				if i > 6000 {
					i = kind
				}
				total += ix.Search(q.Query(noon, 25)).Total
			}
			b.ReportMetric(float64(total)/float64(b.N), "found/op")
		})
	}
}

func BenchmarkTenThousand(b *testing.B) { benchmark(b, 10_000) }

// BenchmarkMillion needs some 3 GB: the invented services are kept, too.
func BenchmarkMillion(b *testing.B) {
	if testing.Short() {
		b.Skip("short")
	}
	benchmark(b, 1_000_000)
}

func ExampleMaker_Service() {
	s := New(1, noon).Service(0)
	fmt.Println(s.Town.Country != "", len(s.Needs) > 0)
	// Output: true true
}
