package directory

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

func TestSay(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(Words())
	if err != nil {
		t.Fatal(err)
	}
	said := Say(words.For("en"), Result{
		Status: Overdue, Checked: noon, Open: Yes, OpenUntil: time.Date(2026, 11, 23, 17, 0, 0, 0, zone(t, "America/Chicago")),
		Where:     Where{Visibility: Full, Name: "Phnom Penh", Town: "Phnom Penh", Region: "Phnom Penh", Country: "KH", Known: true, KM: 3.4, Approx: true},
		Languages: []Tongue{{Code: "es"}, {Code: "pl", Interpreter: true}}, Interpreter: true,
		Needs: []NeedTag{{"legal", false}, {"food", true}},
		Hours: linesOf([]Object{{"freq": "WEEKLY", "byday": "SU"}, weekly("MO", "09:00", "17:00"), weekly("FR", "9:00", "17:00")}),
		Why:   []Reason{{Key: "directory.why.need", Need: "legal"}, {Key: "directory.why.near", KM: 4}},
	})
	want := Said{
		Fits: []string{"Gives: Legal help", "Within 4 km"}, Checked: "Last checked 23 November 2026, check is overdue",
		Where: "Phnom Penh, Cambodia", Distance: "about 3.4 km", Open: "Open now, until 17:00 there",
		Hours:     []string{"Monday, Friday 09:00–17:00", "Sunday closed"},
		Languages: []string{"Spanish", "Polish (interpreter)", "Other languages by interpreter"},
		Needs:     []string{"Legal help", "Food (read from the text)"},
	}
	if diff := cmp.Diff(want, said); diff != "" {
		t.Error(diff)
	}
	hidden := Say(words.For("en"), Result{Where: Where{Visibility: Hidden, Country: "US"}})
	if hidden.Where != "The place is not told. United States" || hidden.Distance != "" {
		t.Errorf("%+v", hidden)
	}
}
