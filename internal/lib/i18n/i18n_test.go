package i18n

import (
	"html/template"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// A number in what somebody wrote is dialled as it is read, so it stays left to
// right in a text that runs the other way. Everything else is only escaped.
func TestNumbersInWhatWasSaidKeepTheirOrder(t *testing.T) {
	for said, want := range map[string]string{
		"اتصل على +1 312-555-0100 الليلة": `اتصل على <bdi dir="ltr">+1 312-555-0100</bdi> الليلة`,
		"call (312) 555.0100, or 911":     `call <bdi dir="ltr">(312) 555.0100</bdi>, or 911`,
		"18:00 <b>&":                      `18:00 &lt;b&gt;&amp;`,
		"1234 5678":                       `<bdi dir="ltr">1234 5678</bdi>`,
		"2024-11-05":                      `<bdi dir="ltr">2024-11-05</bdi>`,
		"a1\n2b":                          "a1\n2b",
		"":                                "",
		"5 - and - 6":                     `5 - and - 6`,
		`12"34 onclick=1`:                 `12&#34;34 onclick=1`,
	} {
		if got := string(Said(said)); got != want {
			t.Errorf("%q is shown as %s, want %s", said, got, want)
		}
	}
}

// Without markup, marks keep the order; only where text runs the other way.
func TestNumbersKeepTheirOrderInPlainText(t *testing.T) {
	for said, want := range map[string]string{
		"اتصل على +1 312-555-0100 الليلة": "اتصل على \u2066+1 312-555-0100\u2069 الليلة",
		"טלפון 03-555-0100":               "טלפון \u206603-555-0100\u2069",
		"اتصل على 116123":                 "اتصل على 116123",
		"call 312-555-0100":               "call 312-555-0100",
	} {
		if got := Plain(said); got != want {
			t.Errorf("%q is written as %q, want %q", said, got, want)
		}
	}
}

// A telephone would dial the digits of everything that stands in the number.
func TestATapDialsOneNumber(t *testing.T) {
	for number, want := range map[string]bool{
		"+1 312-555-0100": true, "+1 312-555-0100 × 12": true, "116 123": true, "116 123 (free)": true, "(020) 555.0100": true,
		"*21*312#": false, "112 / 911": false, "116123, 116111": false, "116 123 or 116 111": false, "211, ask for 4": false,
		"555-0100 ext 5": false, "=1+312+SUM(4)": false, "1-800-FLOWERS": false, "": false, "(free)": false, "112 (or 911)": false,
	} {
		if got := Dialable(number); got != want {
			t.Errorf("%q: %v", number, got)
		}
	}
}

func TestOwnWordsAreComplete(t *testing.T) {
	for _, problem := range Check(own) {
		t.Error(problem)
	}
}

// catalogs makes a file system in which every language says the same.
func catalogs(body string, change map[string]string) fs.FS {
	m := fstest.MapFS{}
	for _, l := range Languages() {
		text := body
		if c, ok := change[l.Code]; ok {
			text = c
		}
		m["words/"+l.Code+".json"] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestCheckFinds(t *testing.T) {
	for _, tt := range []struct {
		name, english, polish, want string
	}{
		{"missing", `{"a.b":"x"}`, `{}`, "missing"},
		{"surplus", `{"a.b":"x"}`, `{"a.b":"x","a.c":"y"}`, "not in English"},
		{"empty", `{"a.b":"x"}`, `{"a.b":" "}`, "empty"},
		{"plural", `{"a.b":{"one":"{{.count}} x","other":"{{.count}} x"}}`, `{"a.b":{"one":"{{.count}} x","other":"{{.count}} x"}}`, "no plural form few"},
		{"surplus plural", `{"a.b":{"one":"{{.count}} x","other":"{{.count}} x"}}`, `{"a.b":{"zero":"x","one":"x","few":"x","many":"x","other":"{{.count}} x"}}`, "no use for the plural form zero"},
		{"not counted", `{"a.b":"x"}`, `{"a.b":{"one":"x","other":"x"}}`, "the English has none"},
		{"placeholder", `{"a.b":"x {{.name}}"}`, `{"a.b":"x"}`, "placeholders"},
		{"misspelt placeholder", `{"a.b":"x {{.name}}"}`, `{"a.b":"x {{.nmae}}"}`, "placeholders"},
		{"broken placeholder", `{"a.b":"x {{.name}}"}`, `{"a.b":"x {{name}}"}`, "a placeholder is written"},
		{"template code", `{"a.b":"x"}`, `{"a.b":"{{.a | printf}}"}`, "a placeholder is written"},
		{"phone", `{"a.b":"x"}`, `{"a.b":"call +1 888 373"}`, "telephone number"},
		{"phone without plus", `{"a.b":"x"}`, `{"a.b":"call 0800 783 2589"}`, "telephone number"},
		{"override", `{"a.b":"x"}`, "{\"a.b\":\"x\u202e\"}", "control character"},
		{"twice", `{"a.b":"x"}`, `{"a.b":"x","a.b":"y"}`, "written twice"},
		{"no JSON", `{"a.b":"x"}`, `{`, "pl.json"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			change := map[string]string{"pl": tt.polish}
			problems := strings.Join(Check(catalogs(tt.english, change)), "\n")
			if !strings.Contains(problems, tt.want) {
				t.Errorf("Check found %q, want %q in it", problems, tt.want)
			}
		})
	}
	missing := fstest.MapFS{"words/en.json": &fstest.MapFile{Data: []byte(`{"a.b":"x"}`)}}
	if len(Check(missing)) != len(rows)-1 {
		t.Errorf("Check found %q, want one for each language that has no file", Check(missing))
	}
	if got := Check(catalogs(`{"a.b":"x {{.name}} 24/7"}`, nil)); len(got) > 0 {
		t.Errorf("Check found %q in good catalogs", got)
	}
}

func load(t *testing.T, body string, change map[string]string) *Words {
	t.Helper()
	w, err := Load(catalogs(body, change))
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestLoadRefuses(t *testing.T) {
	a := catalogs(`{"a.b":"x"}`, nil)
	if _, err := Load(a, a); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("Load(a, a) = %v, want an error: defined twice", err)
	}
	if _, err := Load(fstest.MapFS{}); err == nil {
		t.Error("Load of a system without catalogs succeeded")
	}
}

func TestText(t *testing.T) {
	w := load(t, `{"a.b":"{{.count}} calls to {{.name}}"}`, map[string]string{
		"en": `{"a.b":{"one":"one call to {{.name}}","other":"{{.count}} calls to {{.name}}"}}`,
		"pl": `{"a.b":{"one":"1 {{.name}}","few":"{{.count}} few","many":"{{.count}} many","other":"other"}}`,
		"ar": `{"a.b":{"zero":"zero","one":"one","two":"two","few":"few","many":"many","other":"{{.name}}"}}`,
	})
	for _, tt := range []struct {
		lang  string
		count any
		want  string
	}{
		{"en", 1, "one call to A<b"},
		{"en", 12345, "12,345 calls to A<b"},
		{"en", int64(2), "2 calls to A<b"},
		{"en", uint(2), "2 calls to A<b"},
		{"pl", 1, "1 A<b"},
		{"pl", 2, "2 few"},
		{"pl", 5, "5 many"},
		{"pl", 12, "12 many"},
		{"pl", 22, "22 few"},
		{"ar", 0, "zero"},
		{"ar", 1, "one"},
		{"ar", 2, "two"},
		{"ar", 3, "few"},
		{"ar", 11, "many"},
		{"ar", 100, "\u2068A<b\u2069"},
		{"ar", 1_000_003, "few"},
		{"es", 1_000_000, "1.000.000 calls to A<b"},
		{"xx", 1, "one call to A<b"},
	} {
		if got := w.For(tt.lang).T("a.b", "count", tt.count, "name", "A<b"); got != tt.want {
			t.Errorf("%s, %v: T = %q, want %q", tt.lang, tt.count, got, tt.want)
		}
	}
	got := w.For("en").HTML("a.b", "count", 2, "name", "A<b")
	if got != "2 calls to <bdi>A&lt;b</bdi>" {
		t.Errorf("HTML = %q: not escaped", got)
	}
	got = w.For("en").HTML("a.b", "count", 2, "name", Phone("112"))
	if got != `2 calls to <bdi dir="ltr"><a href="tel:112">112</a></bdi>` {
		t.Errorf("HTML = %q", got)
	}
}

func TestMissingKeyFailsTheTest(t *testing.T) {
	w := load(t, `{"a.b":"x"}`, nil)
	defer func() {
		if recover() == nil {
			t.Error("a key that does not exist passed in silence")
		}
	}()
	w.For("pl").T("a.nothing")
}

func TestMatch(t *testing.T) {
	for header, want := range map[string]string{
		"":                                "en",
		"es-MX,es;q=0.9,en;q=0.8":         "es",
		"zh-TW":                           "zh",
		"ar-EG, en;q=0.5":                 "ar",
		"fr-FR, pl;q=0.4":                 "pl",
		"xx;q=banana":                     "en",
		"ru":                              "ru",
		"tl":                              "en",
		strings.Repeat("ru,", 1000):       "en",
		"*":                               "en",
		"\x00\xff":                        "en",
		"uk-UA,uk;q=0.9,pl;q=0.8,en;q=.7": "pl",
	} {
		if got := Match(header); got != want {
			t.Errorf("Match(%.40q) = %q, want %q", header, got, want)
		}
	}
}

func TestMatchOf(t *testing.T) {
	for _, tt := range []struct {
		header string
		codes  []string
		want   string
	}{
		{"ar", []string{"en", "es"}, "en"},
		{"ar, es;q=0.5", []string{"en", "es"}, "es"},
		{"es-MX", []string{"pl", "es"}, "es"},
		{"", []string{"pl", "es"}, "pl"},
		{"\xff", []string{"pl"}, "pl"},
		{"ru", nil, "en"},
	} {
		if got := MatchOf(tt.header, tt.codes); got != tt.want {
			t.Errorf("MatchOf(%q, %q) = %q, want %q", tt.header, tt.codes, got, tt.want)
		}
	}
}

func TestNumbersAndDates(t *testing.T) {
	w := load(t, `{"a.b":"x"}`, nil)
	when := time.Date(2026, 5, 3, 14, 2, 0, 0, time.UTC)
	for _, tt := range []struct{ lang, date, month, number, percent, duration string }{
		{"en", "3 May 2026, 14:02", "May 2026", "12,345", "12%", "3 h 5 min"},
		{"es", "3 de mayo de 2026, 14:02", "mayo de 2026", "12.345", "12\u00a0%", "3 h 5 min"},
		{"zh", "2026年5月3日 14:02", "2026年5月", "12,345", "12%", "3 小时 5 分钟"},
		{"ru", "3 мая 2026 г., 14:02", "май 2026 г.", "12\u00a0345", "12\u00a0%", "3 ч 5 мин"},
		{"pl", "3 maja 2026, 14:02", "maj 2026", "12\u00a0345", "12%", "3 godz. 5 min"},
		{"ar", "3 مايو 2026، 14:02", "مايو 2026", "12,345", "12%", "3 ساعات 5 دقائق"},
	} {
		p := w.For(tt.lang)
		got := []string{p.DateTime(when), p.Month(when), p.Number(12345), p.Percent(0.12), p.Duration(3*time.Hour + 5*time.Minute)}
		want := []string{tt.date, tt.month, tt.number, tt.percent, tt.duration}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%s: %q, want %q", tt.lang, got[i], want[i])
			}
		}
	}
	p := w.For("en")
	for got, want := range map[string]string{
		p.Number(-1234):                      "−1,234",
		w.For("es").Number(1234):             "1234",
		w.For("pl").Decimal(-1.25, 1):        "−1,2",
		p.Duration(90 * time.Second):         "1 min",
		p.Duration(72 * time.Hour):           "3 days",
		p.Ago(when, when.Add(3*time.Minute)): "3 min ago",
		Clock(40 * time.Second):              "0:40",
		Clock(3730 * time.Second):            "1:02:10",
		OwnName("pl"):                        "Polski",
		OwnName("am"):                        "አማርኛ",
		OwnName("not a code"):                "not a code",
		w.For("es").Country("DE"):            "Alemania",
		w.For("ru").LanguageName("pl"):       "польский",
		w.For("pl").Weekday(time.Monday):     "poniedziałek",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestNamesAreOrderedAsTheLanguageDoes(t *testing.T) {
	p := load(t, `{"a.b":"x"}`, nil).For("pl")
	if p.Compare("Łotwa", "Malta") >= 0 || p.Compare("Litwa", "Łotwa") >= 0 {
		t.Error("Ł is not between L and M")
	}
}

// A number from elsewhere that is a command to the network is shown and not
// dialled by a tap.
func TestACommandToTheNetworkIsNoLink(t *testing.T) {
	for _, number := range []string{"*21#312", "**21*15551234567#", "#31#", "", "none"} {
		if got := string(Phone(number)); strings.Contains(got, "tel:") {
			t.Errorf("%q is a link: %s", number, got)
		}
	}
}

func TestPhone(t *testing.T) {
	got := Phone(`+1 (888) 373-7888 "&"`)
	want := template.HTML(`<bdi dir="ltr"><a href="tel:+18883737888">+1 (888) 373-7888 &#34;&amp;&#34;</a></bdi>`)
	if got != want {
		t.Errorf("Phone = %q, want %q", got, want)
	}
	if got := Dial("+1 312-346-9766 × 715"); got != "+13123469766,715" {
		t.Errorf("with an extension: %q", got)
	}
}

func TestReviews(t *testing.T) {
	base := load(t, `{"a.b":"x","a.c":"y"}`, map[string]string{"pl": `{"a.b":"iks","a.c":"y"}`})
	files := catalogs(`{"a.b":"x","a.c":"y"}`, map[string]string{"pl": `{"a.b":"iks","a.c":"y"}`}).(fstest.MapFS)
	files["words/safety.json"] = &fstest.MapFile{Data: []byte(`["a.b"]`)}
	files["words/reviews.json"] = &fstest.MapFile{Data: []byte(
		`{"pl":{"a.b":{"reviewer":"A. Reader","date":"2026-11-23","hash":"` + base.Hash("pl", "a.b") + `"}}}`)}
	w, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Unreviewed("pl"); len(got) != 0 {
		t.Errorf("Unreviewed(pl) = %q after a review", got)
	}
	if got := w.Unreviewed("ar"); len(got) != 1 || got[0] != "a.b" {
		t.Errorf("Unreviewed(ar) = %q, want a.b", got)
	}

	files["words/pl.json"] = &fstest.MapFile{Data: []byte(`{"a.b":"iksy","a.c":"y"}`)}
	w, _ = Load(files)
	if len(w.Unreviewed("pl")) != 1 {
		t.Error("a changed text kept its review")
	}
	files["words/pl.json"] = &fstest.MapFile{Data: []byte(`{"a.b":"iks","a.c":"y"}`)}
	files["words/en.json"] = &fstest.MapFile{Data: []byte(`{"a.b":"z","a.c":"y"}`)}
	w, _ = Load(files)
	if len(w.Unreviewed("pl")) != 1 {
		t.Error("a text whose English changed kept its review")
	}
	files["words/safety.json"] = &fstest.MapFile{Data: []byte(`["a.z"]`)}
	if _, err := Load(files); err == nil {
		t.Error("a safety key without a text was taken")
	}
}

func TestCheckPages(t *testing.T) {
	w := load(t, `{"a.b":"x"}`, nil)
	pages := fstest.MapFS{"pages/x.html": &fstest.MapFile{Data: []byte(`{{t "a.b"}} {{th "a.q" "n" 1}} {{$.t "a.r"}}`)}}
	got := strings.Join(CheckPages(w, pages), " ")
	if !strings.Contains(got, "a.q") || !strings.Contains(got, "a.r") || strings.Contains(got, "a.b") {
		t.Errorf("CheckPages = %q", got)
	}
}

func FuzzCut(f *testing.F) {
	f.Add("a {{.name}} b {{.x}}")
	f.Add("{{.}}")
	f.Fuzz(func(t *testing.T, s string) {
		pieces, err := cut(s)
		if err != nil {
			return
		}
		var back strings.Builder
		for _, p := range pieces {
			if p.name != "" {
				back.WriteString("{{." + p.name + "}}")
			} else {
				back.WriteString(p.literal)
			}
		}
		if back.String() != s {
			t.Errorf("cut(%q) puts together as %q", s, back.String())
		}
	})
}
