package directory

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
	"github.com/clew-hotline/clew/internal/platform/db"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

func TestSameStreet(t *testing.T) {
	t.Parallel()
	at := func(street, city, code string) Object {
		return Object{"addresses": []any{Object{"address_1": street, "city": city, "postal_code": code}}}
	}
	house := at("17 Canary Lane", "Chicago", "60640")
	for _, one := range []struct {
		other Object
		want  bool
	}{
		{at("17 CANARY LN., Apt 3", "Chicago", ""), true},
		{at("17 N Canary", "Edgewater", "60640"), true},
		{at("Canary Lane 17", "", ""), true},
		{at("17 Canary Lane", "Boston", "02108"), false},
		{at("19 Canary Lane", "Chicago", "60640"), false},
		{at("3 Rose Street, Apt 17", "Chicago", "60640"), false},
		{at("", "Chicago", "60640"), false},
		{Object{}, false},
	} {
		if got := sameStreet(house, one.other); got != one.want || sameStreet(one.other, house) != one.want {
			t.Errorf("%v: %v", one.other, got)
		}
	}
}

// Who hides a place is told of other records with its street and number, in the
// answer and in no address, and hides them with one button.
func TestHidingTellsOfTheSameHouse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, d *db.DB) {
		c := newConsole(t, d)
		boxed(c.f)
		set := func(name, street, city string) fstest.MapFS {
			return fstest.MapFS{
				"organizations.csv":       {Data: []byte("id,name\n1,Help\n")},
				"services.csv":            {Data: []byte("id,organization_id,name,status\n1,1," + name + ",active\n")},
				"locations.csv":           {Data: []byte("id,organization_id,name\n1,1,House of " + name + "\n")},
				"addresses.csv":           {Data: []byte("id,location_id,address_1,city,state_province,postal_code,country\n1,1," + street + "," + city + ",IL,60640,US\n")},
				"service_at_location.csv": {Data: []byte("id,service_id,location_id\n1,1,1\n")},
			}
		}
		load(t, c.f, "one", set("Quiet", "17 Canary Lane", "Chicago"))
		load(t, c.f, "two", set("Again", "17 Canary Ln", "Chicago"))
		load(t, c.f, "three", set("Rose", "3 Rose Street", "Chicago"))
		page := "/staff/directory/services/" + ids.DeriveUUID("one", "services/1")
		place := func(source string) string { return page + "/places/" + ids.DeriveUUID(source, "locations/1") }

		c.role = staff.Advocate
		if code, body, _ := c.do(http.MethodPost, place("one"), url.Values{"visibility": {"hidden"}}); code != http.StatusNotFound || strings.Contains(body, "Canary") {
			t.Errorf("who may not edit: %d", code)
		}
		c.role = staff.Curator
		code, body, to := c.do(http.MethodPost, place("one"), url.Values{"visibility": {"hidden"}})
		for _, want := range []string{"Other records still show its street and number.", "House of Again", "17 Canary Ln", `action="` + place("two") + `"`, ids.DeriveUUID("two", "services/1")} {
			if code != http.StatusOK || to != "" || !strings.Contains(body, want) {
				t.Errorf("the answer (%d to %q) lacks %q", code, to, want)
			}
		}
		if strings.Contains(body, "Rose") {
			t.Error("it tells of a house elsewhere")
		}
		if code, body, to = c.do(http.MethodPost, place("two"), url.Values{"visibility": {"hidden"}}); code != http.StatusSeeOther || to != page+"#places" || strings.Contains(body, "Canary") {
			t.Errorf("hiding the other: %d to %q", code, to)
		}
		for _, source := range []string{"one", "two"} {
			detail, err := c.f.Service(t.Context(), testAgency, ids.DeriveUUID(source, "services/1"))
			if err != nil || detail.Places[0].Visibility != Hidden || detail.Where.Address != "" {
				t.Errorf("%s: %+v %v", source, detail.Places, err)
			}
			if list, err := c.f.Alike(t.Context(), testAgency, ids.DeriveUUID(source, "locations/1")); err != nil || len(list) != 0 {
				t.Errorf("a hidden place is compared: %+v %v", list, err)
			}
		}
		if _, err := c.f.Alike(t.Context(), testAgency, ids.UUID()); !errs.Is(err, errs.NotFound) {
			t.Errorf("of no place: %v", err)
		}
	}, Migrations)
}
