package directory

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A confidential address is taken out however somebody wrote it, and the rest
// of the sentence stays.
func TestAnAddressIsFoundHoweverItIsWritten(t *testing.T) {
	var s secrets
	for _, line := range []string{
		"1412 North Thornfield Avenue, Apt 3", "831 Velvetleaf Court", "Łąkowa 12", "Hauptstraße 7a", "123 5th Avenue", "2210 W 63rd Street",
		"123 North Avenue", "Apt 4, 123 Main Street", "12-14 Oak Street", "P.O. Box 77", "123 St. Charles Road",
	} {
		s.add(Object{"addresses": []any{Object{"address_1": line}}})
	}
	for text, want := range map[string]string{
		"Come to 1412 Thornfield Ave, Chicago 60605": "Come to …, Chicago 60605",
		"come to 1412 N. THORNFIELD avenue":          "come to …",
		"Office 1412 Thornfield Ave. Ring twice":     "Office …. Ring twice",
		"Thornfield Avenue No. 1412":                 "…",
		"at 831 Velvetleaf Ct":                       "at …",
		"831-Velvetleaf":                             "…",
		"ul. Lakowa 12, Warszawa":                    "ul. …, Warszawa",
		"Hauptstrasse 7a":                            "…",
		"12 Lakowa and 831 velvetleaf":               "… and …",
		"1412 people came to Thornfield school":      "1412 people came to Thornfield school",
		"1413 Thornfield Ave":                        "1413 Thornfield Ave",
		"Call 831-555-0100 on Velvetleaf day":        "Call 831-555-0100 on Velvetleaf day",
		"123 5th Ave":                                "…",
		"2210 W. 63rd St":                            "…",
		"at 123 North Ave.":                          "at ….",
		"123 Main St":                                "…",
		"12-14 Oak St":                               "…",
		"14 Oak St":                                  "…",
		"write to PO Box 77":                         "write to PO …",
		"123 Saint Charles Rd":                       "…",
		"5 minutes north of Main":                    "5 minutes north of Main",
		"open on the 5th, call 123":                  "open on the 5th, call 123",
		"Open Monday to Friday":                      "Open Monday to Friday",
	} {
		got, found := s.redactText(text)
		if got != want || found != (got != text) {
			t.Errorf("%q became %q (%t), want %q", text, got, found, want)
		}
	}
}

// The town that stands with an address goes with it; named elsewhere it may be whom
// a service helps.
func TestTheTownOfAnAddressGoesWithIt(t *testing.T) {
	var s secrets
	s.add(Object{"addresses": []any{Object{"address_1": "17 Canary Lane", "city": "Evanston", "state_province": "OR", "postal_code": "60201", "country": "US"}}})
	for text, want := range map[string]string{
		"We stand at 17 Canary Lane, Evanston, OR 60201, US. Ring.": "We stand at …. Ring.",
		"17 Canary Ln in evanston is our house":                     "… is our house",
		"60201 Evanston, 17 Canary Lane":                            "…",
		"17 Canary Lane\nEvanston":                                  "…",
		"17 Canary Lane or call us":                                 "… or call us",
		"17 Canary Lane, Evanstonia":                                "…, Evanstonia",
		"For women of Evanston":                                     "For women of Evanston",
	} {
		if got, _ := s.redactText(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// Whatever stands around it, number and name never come through together.
func TestNoAddressComesThrough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s secrets
		s.add(Object{"addresses": []any{Object{"address_1": "1412 Thornfield Avenue"}}})
		noise := rapid.StringMatching(`[a-zé .,;\n-]{0,20}`)
		between := rapid.SampledFrom([]string{" ", "  ", " N ", ", ", " north ", "\n", " E. "})
		text := noise.Draw(t, "before") + " 1412" + between.Draw(t, "between") + rapid.SampledFrom([]string{"Thornfield", "THORNFIELD", "thörnfield"}).Draw(t, "name") + " " + noise.Draw(t, "after")
		got, found := s.redactText(text)
		if !found || strings.Contains(got, "1412") {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
