package directory

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// Whom a service takes, and on what terms, can be asked for; what it does not
// say is unknown and not no.
func TestIntakeIsAskedFor(t *testing.T) {
	t.Parallel()
	f := onSQLite(t)
	f.Now = func() time.Time { return noon }
	square := strings.ReplaceAll(`{'type':'Polygon','coordinates':[[[-88,41.5],[-87,41.5],[-87,42.5],[-88,42.5],[-88,41.5]]]}`, "'", `""`)
	load(t, f, "a", fstest.MapFS{
		"services.csv": {Data: []byte("id,name,organization_id,status,eligibility_description,fees_description\n" +
			"1,Lantern shelter,1,active,Women only. Served regardless of immigration status.,Free of charge\n" +
			"2,Bridge shelter,1,active,Men only. Must be a US citizen.,Sliding scale\n" +
			"3,Meadow desk,1,active,,\n")},
		"locations.csv":           {Data: []byte("id,organization_id,name,latitude,longitude\n1,1,North,41.9,-87.6\n2,1,South,41.8,-87.7\n3,1,Far,52.2,21.0\n")},
		"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n2,2,2\n3,3,3\n")},
		"accessibility.csv":       {Data: []byte("id,location_id,description\n1,1,wheelchair\n2,2,not wheelchair accessible\n")},
		"service_capacity.csv": {Data: []byte("id,service_id,available,updated\n" +
			"1,1,3," + noon.Add(-time.Hour).Format(time.RFC3339) + "\n2,2,0," + noon.Add(-time.Hour).Format(time.RFC3339) + "\n3,3,5," + noon.Add(-50*time.Hour).Format(time.RFC3339) + "\n")},
		"service_areas.csv": {Data: []byte("id,service_id,name,extent\n1,1,Around the lake,\"" + square + "\"\n2,2,Poland,\n")},
		"schedules.csv":     {Data: []byte("id,service_id,freq,byday,opens_at,closes_at\n1,1,WEEKLY,\"TU\",09:00,17:00\n2,2,WEEKLY,\"MO\",09:00,17:00\n")},
	})
	const one, two, three = "Lantern shelter", "Bridge shelter", "Meadow desk"
	chicago, warsaw := &Point{41.88, -87.63}, &Point{52.23, 21.01}
	for name, c := range map[string]struct {
		q     Query
		sure  string
		maybe string
	}{
		"women":          {Query{Gender: Women}, one, three},
		"men":            {Query{Gender: Men}, two, three},
		"any status":     {Query{AnyStatus: true}, one, three},
		"free":           {Query{Free: true}, one, three},
		"wheelchair":     {Query{Wheelchair: true}, one, three},
		"room":           {Query{Room: true}, one, three},
		"tuesday":        {Query{OpenAt: noon.AddDate(0, 0, 1)}, one, three},
		"monday":         {Query{OpenNow: true}, two, three},
		"serves chicago": {Query{Near: chicago, Serves: true}, one, three},
		"serves warsaw":  {Query{Near: warsaw, Serves: true}, two, three},
		"nearest":        {Query{Near: warsaw, Nearest: true, Gender: Women}, one, three},
		"misspelt":       {Query{Words: "lantren"}, one, ""},
	} {
		if got := names(search(t, f, c.q)); strings.Join(got, ", ") != c.sure {
			t.Errorf("%s: %v, want %s", name, got, c.sure)
		}
		c.q.Unsure = true
		res := search(t, f, c.q)
		want := strings.Trim(c.sure+", "+c.maybe, ", ")
		if got := names(res); strings.Join(got, ", ") != want {
			t.Errorf("%s, also unsure: %v, want %s", name, got, want)
		}
		if len(res.Items) > 1 {
			sure, maybe := res.Items[0], res.Items[1]
			asks := slices.ContainsFunc(maybe.Unsure, func(r Reason) bool { return !slices.Contains(sure.Unsure, r) })
			if len(sure.Why) == 0 || !asks {
				t.Errorf("%s does not say why: %+v, %+v, %+v", name, sure.Why, sure.Unsure, maybe.Unsure)
			}
		}
	}
	if res := search(t, f, Query{Words: "lantren"}); !res.Respelled {
		t.Error("a word was read as another, and nothing says so")
	}
	if res := search(t, f, Query{Near: warsaw, Nearest: true}); strings.Join(names(res), ", ") != three+", "+one+", "+two {
		t.Errorf("nearest first: %v", names(res))
	}
}
