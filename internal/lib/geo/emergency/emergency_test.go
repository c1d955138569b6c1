package emergency

import (
	"strings"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/lib/geo"
)

func TestKnownNumbers(t *testing.T) {
	for country, want := range map[string]string{
		"US": "911", "us": "911", "CA": "911", "GB": "999", "AU": "000", "NZ": "111", "PL": "112", "DE": "112", "UA": "112",
		"CH": "112", "NO": "112", "MX": "911", "IN": "112", "BR": "190", "JP": "110", "ZA": "10111", "XK": "112",
	} {
		n, ok := Shipped().First(country)
		if !ok || n.Number != want {
			t.Errorf("%s: %q, want %q", country, n.Number, want)
		}
	}
}

func TestACountryWithoutASourceShowsNone(t *testing.T) {
	for _, country := range []string{"", "QQ", "AQ", "KP"} {
		if got := For(country); len(got) != 0 {
			t.Errorf("%s: %+v", country, got)
		}
		if n, ok := Shipped().First(country); ok {
			t.Errorf("%s: %+v", country, n)
		}
	}
}

// Load checks every row's form; this checks what only the shipped table promises.
func TestEveryShippedNumberIsSourced(t *testing.T) {
	rows := 0
	for country, list := range Shipped() {
		seen := map[string]bool{}
		for _, n := range list {
			rows++
			key := string(n.Service) + n.Number
			if seen[key] {
				t.Errorf("%s has %s twice", country, key)
			}
			seen[key] = true
			if n.Kind == Operator {
				t.Errorf("%s %s: no operator has spoken yet", country, n.Number)
			}
			if read, err := time.Parse(time.DateOnly, n.Read); err != nil || n.Dated != "" && read.Format(time.DateOnly) < n.Dated {
				t.Errorf("%s %s: read %s, dated %s", country, n.Number, n.Read, n.Dated)
			}
			if c, ok := geo.CountryOf(country, "en"); !ok || c.Name == "" {
				t.Errorf("%s is no country", country)
			}
		}
		if _, ok := Shipped().First(country); !ok {
			t.Errorf("%s has numbers, but neither one for everything nor the police", country)
		}
	}
	if rows != strings.Count(file, "\n")-1 {
		t.Errorf("%d rows of %d lines", rows, strings.Count(file, "\n")-1)
	}
}

const head = "country,service,number,who,kind,source,url,dated,read,note\n"

func TestLoadRefusesWhatNobodyCouldVouchFor(t *testing.T) {
	good := "PL,all,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018-12-11,2026-11-23,\n"
	if _, err := Load(strings.NewReader(head + good)); err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]string{
		"no source":      "PL,all,112,,law,,https://example.org/law,2018,2026-11-23,\n",
		"no address":     "PL,all,112,,law,Directive (EU) 2018/1972,,2018,2026-11-23,\n",
		"script address": "PL,all,112,,law,Directive (EU) 2018/1972,javascript:alert(1),2018,2026-11-23,\n",
		"no country":     "QQ,all,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"lower case":     "pl,all,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"letters":        "PL,all,nine,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"plus":           "PL,all,+112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"service":        "PL,vet,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"kind":           "PL,all,112,,rumour,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"text, for whom": "PL,text,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"never read":     "PL,all,112,,law,Directive (EU) 2018/1972,https://example.org/law,2018,,\n",
		"bad date":       "PL,all,112,,law,Directive (EU) 2018/1972,https://example.org/law,last year,2026-11-23,\n",
		"taken away":     "PL,none,,,law,Directive (EU) 2018/1972,https://example.org/law,2018,2026-11-23,\n",
		"short":          "PL,all,112\n",
	} {
		if _, err := Load(strings.NewReader(head + good + row)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := Load(strings.NewReader(good)); err == nil {
		t.Error("a table without its heading was accepted")
	}
}

func TestCorrectionReplacesTheWholeCountry(t *testing.T) {
	fix, err := Load(strings.NewReader(head + "CH,all,999,,operator,Letter of the ministry of 1 May,,2026-05-01,2026-05-02,\n"))
	if err != nil {
		t.Fatal(err)
	}
	got := Shipped().With(fix)
	if list := got.For("CH"); len(list) != 1 || list[0].Number != "999" {
		t.Errorf("Switzerland: %+v", list)
	}
	if len(got.For("PL")) != len(For("PL")) || len(For("CH")) < 2 {
		t.Error("a correction reached further than its country")
	}
	gone, err := Load(strings.NewReader(head + "CH,none,,,operator,Decided by the board on 1 May,,,2026-05-02,\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n, ok := Shipped().With(gone).First("CH"); ok {
		t.Errorf("a number taken away is still shown: %+v", n)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(file)
	f.Add(head)
	f.Fuzz(func(t *testing.T, s string) {
		table, err := Load(strings.NewReader(s))
		if err != nil {
			return
		}
		for country, list := range table {
			for _, n := range list {
				if n.Country != country || n.check() != nil {
					t.Fatalf("%+v", n)
				}
			}
		}
	})
}
