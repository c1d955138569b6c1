package admin

import (
	"encoding/json"
	"net/url"
	"reflect"
	"testing"
	"time"
)

// What the forms take comes back from storage as it was, and opens at no time
// that lies in the past.
func FuzzFacts(f *testing.F) {
	f.Add("country=US&zone=Europe/Kyiv&numbers=112%0A911&from1=22:00&to1=06:00&languages=en,es", "name=x&exit_url=https://a.example/&own_cost=y")
	f.Add("zone=Local&from0=%00&to0=24:00&languages=%ff&always=1", "name=%00&exit_url=https://%zz")
	f.Fuzz(func(t *testing.T, general, local string) {
		form, _ := url.ParseQuery(general)
		g, wrong := parseGeneral(form)
		if len(wrong) == 0 {
			var again General
			b, err := json.Marshal(g)
			if err != nil || json.Unmarshal(b, &again) != nil || !reflect.DeepEqual(again, g) {
				t.Errorf("%+v became %+v", g, again)
			}
			now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			o := g.Opening(now)
			if o.Open && !o.Until.IsZero() && !o.Until.After(now) || !o.Next.IsZero() && !o.Next.After(now) {
				t.Errorf("opening is %+v", o)
			}
		}
		form, _ = url.ParseQuery(local)
		l, wrong := parseLocal(form)
		if u, err := url.Parse(l.ExitURL); len(wrong) == 0 && l.ExitURL != "" && (err != nil || u.Scheme != "https") {
			t.Errorf("the exit leads to %q", l.ExitURL)
		}
	})
}
