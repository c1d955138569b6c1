package directory

import (
	"slices"
	"testing"
	"time"
)

func rec(kind, id, organization string, o Object) *stored {
	o["id"] = id
	return &stored{kind: kind, id: id, organization: organization, text: string(canonical(o))}
}

func phones(number string) []any { return []any{Object{"number": number}} }

// Each sign of a fake agency has its reason, and what is like it in an honest
// one gives none.
func TestSignsOfAFakeAgency(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	org := func(id string, o Object) *stored { return rec(entOrganization, id, "", o) }
	service := func(id, of string, o Object) *stored { return rec(entService, id, of, o) }
	place := func(id, of string, o Object) *stored { return rec(entLocation, id, of, o) }
	known := Object{"name": "River House", "tax_id": "12"}
	street := func() []any { return []any{Object{"address_1": "5 River Road", "city": "Springfield"}} }
	for _, c := range []struct {
		name    string
		records []*stored // those of "new" are asked about
		code    string    // "" is no sign but registration
		value   string
		others  []string
	}{
		{"another's number", []*stored{
			org("new", Object{"name": "Safe Harbour", "phones": phones("(312) 555-0100")}), org("old", known), service("s", "old", Object{"phones": phones("+1 312 555 0100")}),
		}, "phone", "3125550100", []string{"River House"}},
		{"its own number twice", []*stored{org("new", Object{"name": "Safe Harbour", "phones": phones("3125550100")}), service("s", "new", Object{"phones": phones("3125550100")})}, "", "", nil},
		{"the emergency number", []*stored{org("new", Object{"name": "Safe Harbour", "phones": phones("112")}), org("old", Object{"name": "River House", "phones": phones("112")})}, "", "", nil},
		{"another's web site in an e-mail", []*stored{
			org("new", Object{"name": "Safe Harbour", "email": "info@river.example"}), org("old", Object{"name": "River House", "website": "https://www.river.example/help"}),
		}, "domain", "river.example", []string{"River House"}},
		{"a page where many have one", []*stored{
			org("new", Object{"name": "Safe Harbour", "website": "https://facebook.com/harbour"}), org("old", Object{"name": "River House", "website": "https://www.facebook.com/river"}),
		}, "", "", nil},
		{"a free mail house", []*stored{org("new", Object{"name": "Safe Harbour", "email": "help.shelter@gmail.com"})}, "free_mail", "gmail.com", nil},
		{"a free mail house of a country", []*stored{org("new", Object{"name": "Safe Harbour", "email": "a@yahoo.co.uk"})}, "free_mail", "yahoo.co.uk", nil},
		{"its own mail house", []*stored{org("new", Object{"name": "Safe Harbour", "email": "a@harbour.example"})}, "", "", nil},
		{"a short link", []*stored{org("new", Object{"name": "Safe Harbour"}), service("s", "new", Object{"url": "https://bit.ly/abc"})}, "short_link", "bit.ly", nil},
		{"its own site", []*stored{org("new", Object{"name": "Safe Harbour", "website": "harbour.example"})}, "", "", nil},
		{"another's address", []*stored{
			org("new", Object{"name": "Safe Harbour"}), place("a", "new", Object{"addresses": street()}), org("old", known), place("b", "old", Object{"addresses": street()}),
		}, "address", "5 river road springfield", []string{"River House"}},
		{"the address of a hidden place", []*stored{
			org("new", Object{"name": "Safe Harbour"}), place("a", "new", Object{"addresses": street()}),
			org("old", known), place("b", "old", Object{"addresses": street(), "address_visibility": "hidden"}),
		}, "", "", nil},
		{"jobs beside beds", []*stored{
			org("new", Object{"name": "Safe Harbour"}), service("s", "new", Object{"name": "Emergency shelter for women"}), service("w", "new", Object{"name": "Career", "description": "Well paid modelling in Dubai."}),
		}, "lure", "modelling", nil},
		{"jobs beside beds in Polish", []*stored{
			org("new", Object{"name": "Safe Harbour"}), service("s", "new", Object{"name": "Shelter", "description": "Legalna praca za granicą."}),
		}, "lure", "praca za granica", nil},
		{"training and visas of the law", []*stored{
			org("new", Object{"name": "Safe Harbour"}), service("s", "new", Object{"name": "Emergency shelter", "description": "Job training, and help with T visas and U visas."}),
		}, "", "", nil},
		{"jobs without beds", []*stored{org("new", Object{"name": "Safe Harbour"}), service("s", "new", Object{"name": "Advice", "description": "What to ask before you take work abroad."})}, "", "", nil},
		{"a Cyrillic name", []*stored{org("new", Object{"name": "Rivеr Hоuse"}), org("old", known)}, "name", "", []string{"River House"}},
		{"a letter more", []*stored{org("new", Object{"name": "Rivers House"}), org("old", known)}, "name", "", []string{"River House"}},
		{"the same words", []*stored{org("new", Object{"name": "The House of the River"}), org("old", known)}, "name", "", []string{"River House"}},
		{"digits as letters", []*stored{org("new", Object{"name": "P0laris Pr0ject"}), org("old", Object{"name": "Polaris Project"})}, "name", "", []string{"Polaris Project"}},
		{"another name", []*stored{org("new", Object{"name": "Silver House"}), org("old", known)}, "", "", nil},
		{"short names", []*stored{org("new", Object{"name": "Hope"}), org("old", Object{"name": "Home"})}, "", "", nil},
		{"founded lately", []*stored{org("new", Object{"name": "Safe Harbour", "year_incorporated": "2026"})}, "new", "2026", nil},
		{"founded long ago", []*stored{org("new", Object{"name": "Safe Harbour", "year_incorporated": "1994"})}, "", "", nil},
	} {
		e, err := gather(c.records)
		if err != nil {
			t.Fatal(err)
		}
		signs := slices.DeleteFunc(e.signs("new", now), func(s Sign) bool { return s.Code == "registration" })
		switch {
		case c.code == "" && len(signs) > 0:
			t.Errorf("%s: %+v", c.name, signs)
		case c.code != "" && (len(signs) != 1 || signs[0].Code != c.code || signs[0].Value != c.value || !slices.Equal(signs[0].Others, c.others)):
			t.Errorf("%s: %+v", c.name, signs)
		}
	}
	for field, o := range map[string]Object{"": {"name": "A"}, "tax_id": {"name": "A", "tax_id": "12"}, "identifiers": {"name": "A", "organization_identifiers": []any{Object{"identifier": "12"}}}} {
		e, err := gather([]*stored{org("new", o)})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(e.signs("new", now)); (got == 1) != (field == "") {
			t.Errorf("a registration as %q gives %d signs", field, got)
		}
	}
}

// What many share says nothing, and who was merged is nobody else.
func TestSignsThatSayNothing(t *testing.T) {
	t.Parallel()
	all := []*stored{rec(entOrganization, "new", "", Object{"name": "Open Door", "tax_id": "1", "phones": phones("3125550100")})}
	for _, id := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m"} {
		all = append(all, rec(entOrganization, id, "", Object{"name": "Office of the letter " + id + id + id, "phones": phones("3125550100")}))
	}
	all = append(all, rec(entOrganization, "gone", "", Object{"name": "Open Door", mergedInto: "new"}))
	e, err := gather(all)
	if err != nil {
		t.Fatal(err)
	}
	if got := e.signs("new", time.Now()); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	if got := e.signs("none", time.Now()); got != nil {
		t.Errorf("%+v", got)
	}
}
