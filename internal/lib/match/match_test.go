package match

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/golang/geo/s2"
	"pgregory.net/rapid"
)

var noon = time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)

var zones = func() (list []*time.Location) {
	for _, name := range []string{"America/Chicago", "Europe/Warsaw", "Asia/Kolkata"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			panic(err)
		}
		list = append(list, zone)
	}
	return list
}()

var (
	stems     = []string{"river", "harbour", "kitchen", "garden", "lantern", "bridge"}
	someTags  = []string{"need:legal", "need:shelter", "need:?", "lang:es", "lang:pl", "lang:?", "country:US", "country:PL", "country:?"}
	closeness = func() (list []s2.LatLng) {
		for _, at := range [][2]float64{{41.9, -87.6}, {41.95, -87.7}, {52.2, 21.0}, {-33.9, 151.2}, {89.9, 10}, {0.1, 179.95}, {0.1, -179.95}} {
			list = append(list, s2.LatLngFromDegrees(at[0], at[1]))
		}
		return list
	}()
)

func drawHours(t *rapid.T, label string) Hours {
	if rapid.IntRange(0, 2).Draw(t, label) == 0 {
		return nil
	}
	w := &Week{Zone: rapid.SampledFrom(zones).Draw(t, "zone")}
	for d := range w.Days {
		if rapid.Bool().Draw(t, "that day") {
			from := rapid.IntRange(0, 23).Draw(t, "from") * 60
			w.Days[d] = []Span{{int16(from), int16(from + rapid.IntRange(1, 12).Draw(t, "long")*60)}}
		}
	}
	w.Name = fmt.Sprint(w.Zone, w.Days)
	return w
}

func drawSpot(t *rapid.T) Spot {
	s := Spot{Hours: drawHours(t, "place's hours")}
	at := rapid.SampledFrom(closeness).Draw(t, "town")
	s.Lat = math.Max(-90, math.Min(90, at.Lat.Degrees()+rapid.Float64Range(-0.6, 0.6).Draw(t, "lat")))
	s.Lon = at.Lng.Degrees() + rapid.Float64Range(-0.04, 0.04).Draw(t, "lon")
	switch rapid.IntRange(0, 5).Draw(t, "kind of place") {
	case 0:
		s.Lat, s.Lon = 0, 0
	case 1:
		s.Cell = s2.CellIDFromLatLng(s2.LatLngFromDegrees(s.Lat, s.Lon)).Parent(7)
		s.Lat, s.Lon = 0, 0
	default:
		s.Known = true
	}
	return s
}

func drawFacts(t *rapid.T, n int) *Facts {
	f := &Facts{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "name"), MaxAge: -1}
	f.ID[15], f.ID[14] = byte(n), byte(n>>8)
	for _, w := range rapid.SliceOfNDistinct(rapid.SampledFrom(stems), 0, 4, rapid.ID[string]).Draw(t, "words") {
		f.Words = append(f.Words, Word{Stem: w, Weight: uint8(rapid.IntRange(1, 9).Draw(t, "weight"))})
	}
	f.Tags = rapid.SliceOfNDistinct(rapid.SampledFrom(someTags), 0, 5, rapid.ID[string]).Draw(t, "tags")
	for range rapid.SampledFrom([]int{0, 1, 1, 1, 2, 3}).Draw(t, "places") {
		f.Spots = append(f.Spots, drawSpot(t))
	}
	f.OneOf = rapid.Bool().Draw(t, "one of")
	f.Hours = drawHours(t, "own hours")
	f.MinAge = rapid.SampledFrom([]int{0, 0, 12, 18}).Draw(t, "min age")
	f.MaxAge = rapid.SampledFrom([]int{-1, -1, 17, 30}).Draw(t, "max age")
	f.Callable = rapid.Bool().Draw(t, "callable")
	if rapid.Bool().Draw(t, "checked") {
		f.Checked = noon.Add(-time.Duration(rapid.IntRange(1, 100).Draw(t, "ago")) * time.Hour)
		f.Due = f.Checked.Add(50 * time.Hour)
		f.Hide = f.Checked.Add(80 * time.Hour)
	}
	if rapid.Bool().Draw(t, "capacity") {
		f.Free = rapid.IntRange(0, 2).Draw(t, "free")
		f.FreeUntil = noon.Add(time.Duration(rapid.IntRange(-2, 2).Draw(t, "until")) * time.Hour)
	}
	return f
}

func drawQuery(t *rapid.T) *Query {
	q := &Query{Now: noon, Limit: rapid.IntRange(1, 60).Draw(t, "limit"), Offset: rapid.SampledFrom([]int{0, 0, 0, 3}).Draw(t, "offset")}
	for _, w := range rapid.SliceOfNDistinct(rapid.SampledFrom(stems), 0, 2, rapid.ID[string]).Draw(t, "words") {
		list := []string{w}
		if rapid.IntRange(0, 4).Draw(t, "other stem") == 0 {
			list = append(list, rapid.SampledFrom(stems).Draw(t, "stem"))
		}
		q.Words = append(q.Words, list)
	}
	q.Exact = true
	q.Any = rapid.IntRange(0, 3).Draw(t, "any") == 0
	for _, kind := range []string{"need", "lang", "country"} {
		if rapid.IntRange(0, 3).Draw(t, kind) == 0 {
			var yes []string
			for _, tag := range someTags {
				if strings.HasPrefix(tag, kind) && !strings.HasSuffix(tag, "?") && rapid.Bool().Draw(t, tag) {
					yes = append(yes, tag)
				}
			}
			q.Where = append(q.Where, Condition{yes, []string{kind + ":?"}})
		}
	}
	if rapid.Bool().Draw(t, "near") {
		at := rapid.SampledFrom(closeness).Draw(t, "where")
		q.Near = &Near{
			Lat: math.Max(-90, math.Min(90, at.Lat.Degrees()+rapid.Float64Range(-1, 1).Draw(t, "dlat"))), Lon: at.Lng.Degrees(),
			KM: rapid.SampledFrom([]float64{0, 5, 40, 100, 3000}).Draw(t, "km"),
		}
		if rapid.Bool().Draw(t, "else") {
			q.Near.Else = &Condition{[]string{"country:US"}, []string{"country:?"}}
		}
	}
	q.Age = rapid.SampledFrom([]int{0, 0, 0, 15, 17, 18, 70, 130}).Draw(t, "age")
	if rapid.IntRange(0, 3).Draw(t, "open") == 0 {
		q.Open = noon.Add(time.Duration(rapid.IntRange(-200, 200).Draw(t, "when")) * time.Hour)
	}
	q.Room = rapid.IntRange(0, 5).Draw(t, "room") == 0
	if rapid.IntRange(0, 5).Draw(t, "since") == 0 {
		q.CheckedSince = noon.Add(-30 * time.Hour)
	}
	q.Unsure = rapid.Bool().Draw(t, "unsure")
	q.Public = rapid.IntRange(0, 5).Draw(t, "public") == 0
	q.Status = rapid.SampledFrom([]Status{0, 0, 0, 0, Verified, Overdue, Never}).Draw(t, "status")
	return q
}

// Every total, every order and every hit is that of a look at every service.
func TestAgainstLookingAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ix := New(nameOf)
		var all []*Facts
		loaders := []*Loader[*Facts]{NewLoader[*Facts](), NewLoader[*Facts](), NewLoader[*Facts]()}
		for i := range rapid.IntRange(0, 40).Draw(t, "services") {
			f := drawFacts(t, i)
			all = append(all, f)
			loaders[i%3].Add(f, f)
		}
		ix.Load(loaders...)
		for range 12 {
			compare(t, ix, all, drawQuery(t), true)
		}
	})
}

// The same after changes, one by one and many at once, merged or not.
func TestChangesAgainstLookingAtAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ix := New(nameOf)
		now := map[ID]*Facts{}
		l := NewLoader[*Facts]()
		for i := range rapid.IntRange(0, 20).Draw(t, "services") {
			f := drawFacts(t, i)
			now[f.ID] = f
			l.Add(f, f)
		}
		ix.Load(l)
		for range 5 {
			var changes []Change[*Facts]
			for range rapid.IntRange(1, 5).Draw(t, "changes") {
				f := drawFacts(t, rapid.IntRange(0, 30).Draw(t, "which"))
				if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
					delete(now, f.ID)
					changes = append(changes, Change[*Facts]{Remove: &f.ID})
					continue
				}
				now[f.ID] = f
				changes = append(changes, Change[*Facts]{Facts: f, Payload: f})
			}
			ix.Apply(changes)
			var all []*Facts
			for _, f := range now {
				all = append(all, f)
			}
			if ix.Len() != len(all) {
				t.Fatalf("%d services, want %d", ix.Len(), len(all))
			}
			for range 3 {
				q := drawQuery(t)
				compare(t, ix, all, q, len(q.Words) == 0) // what is struck out still counts for rarity
			}
		}
	})
}

// Merging in the background loses nothing that happens meanwhile.
func TestMergesWhileChanging(t *testing.T) {
	t.Parallel()
	ix := New(nameOf)
	want := map[ID]string{}
	make := func(n, version int) *Facts {
		f := &Facts{Name: fmt.Sprint(version), MaxAge: -1, Tags: []string{"all"}, Words: []Word{{Stem: fmt.Sprint("v", version), Weight: 1}}}
		f.ID[0], f.ID[1] = byte(n), byte(n>>8)
		f.Spots = []Spot{{Lat: float64(n%150) - 75, Lon: float64(n % 179), Known: true}}
		return f
	}
	for round := range 200 {
		var changes []Change[*Facts]
		for i := range 60 {
			n := (round*37 + i*i) % 3000
			f := make(n, round)
			if (n+round)%7 == 0 {
				delete(want, f.ID)
				changes = append(changes, Change[*Facts]{Remove: &f.ID})
				continue
			}
			want[f.ID] = f.Name
			changes = append(changes, Change[*Facts]{Facts: f, Payload: f})
		}
		ix.Apply(changes)
		got := ix.Search(&Query{Where: []Condition{{Yes: []string{"all"}}}, Now: noon})
		if got.Total != len(want) || ix.Len() != len(want) {
			t.Fatalf("round %d: %d found, %d there, want %d", round, got.Total, ix.Len(), len(want))
		}
	}
	ix.Settle()
	seen := 0
	ix.Each(func(f *Facts) {
		seen++
		if want[f.ID] != f.Name {
			t.Errorf("%v is of round %s, want %s", f.ID, f.Name, want[f.ID])
		}
		if one, ok := ix.Get(f.ID); !ok || one != f {
			t.Errorf("%v is not found by its id", f.ID)
		}
	})
	if parts := len(ix.state.Load().parts); seen != len(want) || parts > 12 {
		t.Errorf("%d services, want %d, in %d parts", seen, len(want), parts)
	}
}

// Whatever is asked, and however often, two hidden places of one cell answer
// alike: no sequence of questions finds more than the cell.
func TestHiddenOnlyToItsCell(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		base := drawFacts(t, 1)
		lat, lon := rapid.Float64Range(-60, 60).Draw(t, "lat"), rapid.Float64Range(-179, 179).Draw(t, "lon")
		cell := s2.CellIDFromLatLng(s2.LatLngFromDegrees(lat, lon)).Parent(7)
		other := cell.ChildBeginAtLevel(20 + rapid.IntRange(0, 5).Draw(t, "level")).LatLng()
		var others []*Facts
		for i := range 6 {
			f := drawFacts(t, 10+i)
			f.Spots = []Spot{{Lat: lat + float64(i)/10 - 0.3, Lon: cell.LatLng().Lng.Degrees(), Known: true}}
			others = append(others, f)
		}
		make := func(lat, lon float64) *Index[*Facts] {
			f := *base
			// A careless caller leaves the coordinates in: they must not be looked at.
			f.Spots = []Spot{{Lat: lat, Lon: lon, Known: true, Cell: cell}}
			ix, l := New(nameOf), NewLoader[*Facts]()
			for _, o := range others {
				l.Add(o, o)
			}
			l.Add(&f, base)
			ix.Load(l)
			return ix
		}
		one, two := make(lat, lon), make(other.Lat.Degrees(), other.Lng.Degrees())
		for range 10 {
			q := drawQuery(t)
			q.Near = &Near{Lat: lat + rapid.Float64Range(-2, 2).Draw(t, "dlat"), Lon: lon, KM: rapid.Float64Range(0.01, 400).Draw(t, "km")}
			if a, b := fmt.Sprintf("%+v", one.Search(q)), fmt.Sprintf("%+v", two.Search(q)); a != b {
				t.Fatalf("%+v tells them apart:\n%s\n%s", q, a, b)
			}
		}
	})
}

// A word that stands nowhere is read as its neighbours, and the answer says so.
func TestSpelling(t *testing.T) {
	t.Parallel()
	ix, l := New(nameOf), NewLoader[*Facts]()
	for i, w := range []string{"shelter", "legal", "immigr", "приют", "мест"} {
		f := &Facts{Words: []Word{{Stem: w, Weight: 1}}, MaxAge: -1}
		f.ID[0] = byte(i)
		l.Add(f, f)
	}
	ix.Load(l)
	for word, want := range map[string]int{
		"shelter": 1, "sheltre": 1, "shelte": 1, "sheelter": 1, "shalter": 1, "shaltre": 0, "legl": 1, "lgl": 0, "приит": 1, "есть": 0, "": 0,
	} {
		got := ix.Search(&Query{Words: [][]string{{word}}, Now: noon, Limit: 5})
		if got.Total != want || want == 1 && word != "shelter" && len(got.Read) != 1 {
			t.Errorf("%q finds %d, want %d, read as %v", word, got.Total, want, got.Read)
		}
		if exact := ix.Search(&Query{Words: [][]string{{word}}, Exact: true, Now: noon}); exact.Total > 0 && word != "shelter" {
			t.Errorf("%q is taken for another word", word)
		}
	}
}

// On the days on which clocks change the door opens by the clock on its wall.
func TestWeekByTheClock(t *testing.T) {
	t.Parallel()
	chicago := zones[0]
	w := &Week{Zone: chicago, Except: map[int][]Span{}}
	for d := range w.Days {
		w.Days[d] = []Span{{9 * 60, 17 * 60}}
	}
	w.Days[6] = []Span{{22 * 60, 28 * 60}} // Saturday night
	w.Except[dayNumber(time.Date(2026, 12, 25, 0, 0, 0, 0, chicago))] = nil
	for _, c := range []struct {
		at   string
		want State
	}{
		{"2026-03-06T14:59:00Z", No}, {"2026-03-06T15:00:00Z", Yes}, // standard time
		{"2026-03-09T13:59:00Z", No}, {"2026-03-09T14:00:00Z", Yes}, // summer time
		{"2026-03-08T08:30:00Z", Yes}, {"2026-03-08T08:59:00Z", Yes}, {"2026-03-08T09:00:00Z", No}, // 4:00 comes an hour early
		{"2026-11-01T09:59:00Z", Yes}, {"2026-11-01T10:00:00Z", No}, // and an hour late
		{"2026-12-24T18:00:00Z", Yes}, {"2026-12-25T18:00:00Z", No}, {"2026-12-26T16:00:00Z", No}, {"2026-12-27T04:30:00Z", Yes},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := w.Open(at); got != c.want {
			t.Errorf("%s: %v, want %v", c.at, got, c.want)
		}
	}
	// An answer holds as long as it says.
	rapid.Check(t, func(t *rapid.T) {
		at := noon.Add(time.Duration(rapid.IntRange(0, 400*24*60).Draw(t, "minute")) * time.Minute)
		state, until := w.Open(at)
		if !until.After(at) {
			t.Fatalf("%v until %v", at, until)
		}
		for m := at; m.Before(until); m = m.Add(time.Minute) {
			if s, _ := w.Open(m); s != state {
				t.Fatalf("at %v it is %v until %v, but at %v %v", at, state, until, m, s)
			}
		}
	})
}
