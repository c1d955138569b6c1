package blind

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOneThingWrittenInTenWaysHasOneForm(t *testing.T) {
	for _, c := range []struct {
		kind           Kind
		country, place string
		want           string
		ways           []string
	}{
		{Phone, "US", "", "+13125550147", []string{
			"+1 312 555 0147", "312-555-0147", "(312) 555-0147", "1 (312) 555 0147", "312.555.0147", "3125550147", "+1‑312‑555‑0147",
			"+1 ٣١٢ ٥٥٥ ٠١٤٧", "\u2066+1 312 555 0147\u2069", "００1 312 555 0147", "tel:+1-312-555-0147", "3 1 2 5 5 5 0 1 4 7",
		}},
		{Phone, "PL", "", "+48221234567", []string{"22 123 45 67", "+48 22 123 45 67", "0048 22 123 45 67", "(22) 123-45-67", "22/1234567"}},
		{Phone, "", "", "+442071838750", []string{"+44 20 7183 8750", "0044 20 7183 8750", "+44 (0)20 7183 8750"}},
		{Email, "", "", "ana.lopez@example.org", []string{
			"ana.lopez@example.org", "Ana.Lopez@Example.ORG", " <ana.lopez@example.org> ", "mailto:ana.lopez@example.org", "ana.lopez@example.org.",
			"ａｎａ.lopez＠example.org", "ana.lopez@example。org", "ANA.LOPEZ@EXAMPLE.ORG", "ana.lo\u200bpez@example.org", "<mailto:ana.lopez@example.org>",
		}},
		{Email, "", "", "a@xn--mnchen-3ya.example", []string{"a@münchen.example", "A@MÜNCHEN.example", "a@xn--mnchen-3ya.example"}},
		{Plate, "", "", "A123BC77", []string{
			"A123BC77", "a 123 bc 77", "A-123-BC-77", "А123ВС77", "а123вс 77", "A·123·BC·77", "Ａ１２３ＢＣ７７", "A 123 BC\u00a077", "Α123ΒC77", "a.123.bc.77",
		}},
		{Address, "US", "Chicago, IL", "US|chicago|1200 w lake st apt 5", []string{
			"1200 W Lake St Apt 5", "1200 West Lake Street, Apt. 5", "1200 w. lake st., unit 5", "1200 W LAKE STREET #apt 5", "1200 W Lake St, apartment 5",
			"1200 W Lake St Apt 5, Chicago", "1200  W  Lake  St  Apt  5", "１２００ W Lake St Apt 5", "1200 West Lake St; Apartment 5", "1200 W Läke St Apt 5",
		}},
		{Address, "PL", "Kraków", "PL|krakow|ul dluga 5", []string{"ul. Długa 5", "Ulica Długa 5", "ulica dluga 5", "UL DŁUGA 5"}},
	} {
		for _, way := range c.ways {
			got := Named{Kind: c.kind, Text: way, Place: c.place, Country: c.country}.Normal()
			if len(got) != 1 || got[0] != c.want {
				t.Errorf("%s %q became %q, want %q", c.kind.Code(), way, got, c.want)
			}
		}
	}
}

func TestWhatNamesNothing(t *testing.T) {
	for _, n := range []Named{
		{Kind: Phone, Text: "312 555 0147"},
		{Kind: Phone, Text: "ask Maria", Country: "US"},
		{Kind: Phone, Text: "911", Country: "US"},
		{Kind: Phone, Text: "1-800-FLOWERS", Country: "US"},
		{Kind: Phone, Text: strings.Repeat("1", 200), Country: "US"},
		{Kind: Phone},
		{Kind: Email, Text: "ana"},
		{Kind: Email, Text: "@example.org"},
		{Kind: Email, Text: "a@b@example.org"},
		{Kind: Email, Text: "a@localhost"},
		{Kind: Email, Text: "a b@example.org"},
		{Kind: Email, Text: strings.Repeat("a", 300) + "@example.org"},
		{Kind: Plate, Text: "red van"},
		{Kind: Plate, Text: "A1"},
		{Kind: Plate, Text: "a long story about 1 car"},
		{Kind: Address, Text: "Main St 5", Country: "US"},
		{Kind: Address, Text: "Main St 5", Place: "Chicago"},
		{Kind: Address, Text: "Main St", Place: "Chicago", Country: "US"},
		{Kind: Address, Text: "55", Place: "Chicago", Country: "US"},
		{Kind: 0, Text: "+1 312 555 0147"},
	} {
		if got := n.Normal(); len(got) > 0 {
			t.Errorf("%+v became %q", n, got)
		}
	}
}

func TestTwoNumbersInOneField(t *testing.T) {
	want := []string{"+13125550147", "+13125550148"}
	for _, text := range []string{"+1 312 555 0147 or +1 312 555 0148", "312-555-0148; 312-555-0147", "3125550147, 3125550148", "312 555 0147/312 555 0148"} {
		if got := (Named{Kind: Phone, Text: text, Country: "US"}).Normal(); !slices.Equal(got, want) {
			t.Errorf("%q became %q", text, got)
		}
	}
}

func TestDifferentThingsNeverHaveOneForm(t *testing.T) {
	for _, pair := range [][2]Named{
		{{Kind: Phone, Text: "+1 312 555 0147"}, {Kind: Phone, Text: "+1 312 555 0147 ext. 5"}},
		{{Kind: Phone, Text: "+39 06 1234 5678"}, {Kind: Phone, Text: "+39 6 1234 5678"}},
		{{Kind: Phone, Text: "22 123 45 67", Country: "PL"}, {Kind: Phone, Text: "22 123 45 67", Country: "RU"}},
		{{Kind: Email, Text: "ana@example.org"}, {Kind: Email, Text: "an.a@example.org"}},
		{{Kind: Email, Text: "ana@example.org"}, {Kind: Email, Text: "ana+1@example.org"}},
		{{Kind: Plate, Text: "AB 1230"}, {Kind: Plate, Text: "AB 123O"}},
		{{Kind: Address, Text: "5 Main St Apt 10", Place: "X", Country: "US"}, {Kind: Address, Text: "10 Main St Apt 5", Place: "X", Country: "US"}},
		{{Kind: Address, Text: "5 Main St", Place: "X", Country: "US"}, {Kind: Address, Text: "5 Main St", Place: "X", Country: "CA"}},
	} {
		a, b := pair[0].Normal(), pair[1].Normal()
		for _, one := range a {
			if slices.Contains(b, one) {
				t.Errorf("%+v and %+v are both %q", pair[0], pair[1], one)
			}
		}
	}
}

// regions have numbers of many shapes.
var regions = []struct {
	country, code string
	starts        []string // of a mobile number
	digits        int      // that follow
}{
	{"US", "1", []string{"312", "212", "415"}, 7},
	{"PL", "48", []string{"501", "601", "512"}, 6},
	{"RU", "7", []string{"912", "903", "916"}, 7},
	{"ES", "34", []string{"612", "622"}, 6},
	{"CN", "86", []string{"131", "139"}, 8},
}

type drawn struct{ country, code, national string }

func drawNumber(t *rapid.T) drawn {
	r := rapid.SampledFrom(regions).Draw(t, "region")
	rest := fmt.Sprintf("%d", rapid.IntRange(2, 9).Draw(t, "first"))
	for range r.digits - 1 {
		rest += fmt.Sprintf("%d", rapid.IntRange(0, 9).Draw(t, "digit"))
	}
	return drawn{r.country, r.code, rapid.SampledFrom(r.starts).Draw(t, "start") + rest}
}

// write writes a number in one of the ways in which people do.
func (n drawn) write(t *rapid.T) string {
	text := n.national
	for i := len(text) - 1; i > 1; i-- {
		if rapid.Bool().Draw(t, "cut") {
			text = text[:i] + rapid.SampledFrom([]string{" ", "-", ".", "\u00a0", "\u2011"}).Draw(t, "sep") + text[i:]
		}
	}
	switch rapid.IntRange(0, 3).Draw(t, "prefix") {
	case 1:
		text = "+" + n.code + " " + text
	case 2:
		text = "+" + n.code + "-" + text
	case 3:
		text = "  \u2066+" + n.code + text + "\u2069 "
	}
	if zero := rapid.SampledFrom([]rune{'0', '٠', '۰', '०', '０'}).Draw(t, "script"); zero != '0' {
		text = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return zero + r - '0'
			}
			return r
		}, text)
	}
	return text
}

func TestNumbersAreToldApartHoweverWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawNumber(t), drawNumber(t)
		want := []string{"+" + a.code + a.national}
		for range 10 {
			way := a.write(t)
			if got := (Named{Kind: Phone, Text: way, Country: a.country}).Normal(); !slices.Equal(got, want) {
				t.Fatalf("%q became %q, want %q", way, got, want)
			}
		}
		other := Named{Kind: Phone, Text: b.write(t), Country: b.country}.Normal()
		if same := a == b; same != slices.Equal(other, want) {
			t.Fatalf("%+v and %+v: %q and %q", a, b, want, other)
		}
	})
}

func TestAFormIsItsOwnForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := Named{
			Kind: rapid.SampledFrom([]Kind{Phone, Email, Plate}).Draw(t, "kind"),
			Text: rapid.StringOf(rapid.SampledFrom([]rune("0123456789+-() abcABC@.;/ВСЕ٣۴ß"))).Draw(t, "text"), Country: "US",
		}
		for _, form := range n.Normal() {
			again := n
			again.Text = form
			if got := again.Normal(); !slices.Equal(got, []string{form}) {
				t.Fatalf("%s %q became %q, and that %q", n.Kind.Code(), n.Text, form, got)
			}
		}
	})
}

func FuzzNormal(f *testing.F) {
	for _, text := range []string{"+1 312 555 0147", "ana@example.org", "А123ВС77", "5 Main St", "٣١٢", "a@b@c", "\u2066", "+", "00", "tel:;ext=1"} {
		f.Add(byte(Phone), text, "Chicago", "US")
		f.Add(byte(Address), text, "Kraków", "PL")
	}
	f.Fuzz(func(t *testing.T, kind byte, text, place, country string) {
		n := Named{Kind: Kind(kind), Text: text, Place: place, Country: country}
		forms := n.Normal()
		if len(forms) > maxNormals {
			t.Fatalf("%d forms", len(forms))
		}
		for _, form := range forms {
			if form == "" || len(form) > 2*maxAddress+8 {
				t.Fatalf("%+v became %q", n, form)
			}
		}
	})
}
