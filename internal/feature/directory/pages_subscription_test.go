package directory

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// A curator sees how a feed goes, pauses it, lets it be fetched and ends it, in every
// language; nobody else does.
func TestFeedsDesk(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		if _, body, _ := c.do("GET", feedsPage, nil); !strings.Contains(body, "No feed is taken over.") {
			t.Errorf("empty: %s", body)
		}
		ctx := t.Context()
		sub := Subscription{Source: "other", URL: "https://other.example/hsds", Every: 24 * time.Hour}
		if err := c.f.Subscribe(ctx, testAgency, sub); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []Subscription{
			{Source: "again", URL: sub.URL + "/services/", Every: sub.Every},
			{Source: "other", URL: "https://x.example", Every: sub.Every},
			{Source: "a b", URL: "https://x.example", Every: sub.Every},
			{Source: "x", URL: "http://x.example", Every: sub.Every},
			{Source: "x", URL: "https://a:b@x.example", Every: sub.Every},
			{Source: "x", URL: "https://x.example?q=1", Every: sub.Every},
			{Source: "x", URL: "https://x.example", Every: time.Second},
			{Source: "x", URL: "https://x.example", Every: sub.Every, Key: "abcd"},
		} {
			if err := c.f.Subscribe(ctx, testAgency, bad); err == nil {
				t.Errorf("%+v is taken", bad)
			}
		}
		state := func() Subscription {
			list, err := c.f.Subscriptions(ctx, testAgency)
			if err != nil || len(list) != 1 {
				t.Fatalf("%v %v", list, err)
			}
			return list[0]
		}
		for _, failed := range []feedFailure{feedUnreachable, feedInside, feedConfined, feedStatus, feedLarge, feedForm, feedKey, feedUnsigned, feedForged, feedChanged, feedEmpty, feedRefused} {
			if err := c.f.remember(ctx, testAgency, state(), time.Now(), failed); err != nil {
				t.Fatal(err)
			}
			for _, l := range i18n.Languages() {
				c.lang = l.Code
				if code, body, _ := c.do("GET", feedsPage, nil); code != 200 || strings.Contains(body, "directory.sources.") || !strings.Contains(body, "https://other.example/hsds") {
					t.Errorf("%s in %s: %d", failed, l.Code, code)
				}
			}
		}
		c.lang = "en"
		of := url.Values{"source": {"other"}}
		if code, _, _ := c.do("POST", feedsPage+"/pause", of); code != 303 || !state().Paused {
			t.Errorf("pause: %d", code)
		}
		if due, err := c.f.dueFeeds(ctx, testAgency); err != nil || len(due) != 0 {
			t.Errorf("paused and due: %v %v", due, err)
		}
		if code, _, _ := c.do("POST", feedsPage+"/fetch", of); code != 303 || state().Paused {
			t.Errorf("fetch: %d", code)
		}
		if due, err := c.f.dueFeeds(ctx, testAgency); err != nil || len(due) != 1 {
			t.Errorf("not due: %v %v", due, err)
		}
		c.role = staff.Advocate
		for _, at := range []string{"fetch", "pause", "end"} {
			if code, _, _ := c.do("POST", feedsPage+"/"+at, of); code != 404 {
				t.Errorf("an advocate at %s: %d", at, code)
			}
		}
		c.role = staff.Curator
		if code, _, to := c.do("POST", feedsPage+"/end", of); code != 303 || to != "/staff/directory/imports#list" {
			t.Errorf("end: %d", code)
		}
		if list, err := c.f.Subscriptions(ctx, testAgency); err != nil || len(list) != 0 {
			t.Errorf("%v %v", list, err)
		}
	}, Migrations)
}
