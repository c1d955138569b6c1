package site_test

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/clew-hotline/clew/internal/feature/site"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

func TestWordsAreComplete(t *testing.T) {
	for _, problem := range i18n.Check(site.Words) {
		t.Error(problem)
	}
	pages := os.DirFS("pages")
	for _, problem := range i18n.CheckPages(start(t, allFacts).server.Words, pages) {
		t.Error(problem)
	}
}

func english(t *testing.T) map[string]string { return catalog(t, "en") }

func catalog(t *testing.T, lang string) map[string]string {
	t.Helper()
	data, err := fs.ReadFile(site.Words, "words/"+lang+".json")
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	words := map[string]string{}
	for key, v := range raw {
		words[key] = fmt.Sprint(v)
	}
	return words
}

// No text is kept that no page says: every key is in a page or in the code,
// whole or as a family.
func TestEveryTextIsUsed(t *testing.T) {
	var all strings.Builder
	for _, dir := range []string{".", "pages"} {
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasSuffix(e.Name(), "_test.go") || e.IsDir() {
				continue
			}
			b, err := os.ReadFile(dir + "/" + e.Name())
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	for key := range english(t) {
		family := key[:strings.LastIndex(key, ".")+1]
		// The families whose members the code puts together; all others
		// must be named whole.
		built := map[string]bool{
			"site.title.": true, "site.questions.": true, "site.signs.": true, "site.contact.for.": true,
			"site.files.problem.": true,
			"site.contact.about.": true, "site.contact.channel.": true, "site.mailbox.status.": true, "site.mailbox.deletion.": true, "site.sent.way.": true, "site.tell.kind.": true,
		}[family] || strings.HasPrefix(key, "site.answer.")
		if !built && !strings.Contains(all.String(), `"`+key+`"`) {
			t.Errorf("%s is said nowhere", key)
		}
	}
}

var forbidden = regexp.MustCompile(`(?i)\b(rescue\w*|victims?|chains?|slave\w*|oops|saved?|hero\w*|prostitut\w*|illegal\w*)\b`)

// English is plain: short sentences, and none of the words that sell, frighten
// or name people by what was done to them.
func TestPlainWords(t *testing.T) {
	for key, text := range english(t) {
		if word := forbidden.FindString(text); word != "" {
			t.Errorf("%s: says %q", key, word)
		}
		for _, sentence := range regexp.MustCompile(`[.!?:]\s`).Split(text, -1) {
			if n := len(strings.Fields(sentence)); n > 15 {
				t.Errorf("%s: %d words in %q", key, n, sentence)
			}
		}
	}
}

// The other languages keep their sentences short too. Chinese has no spaces to
// count words by.
func TestShortSentences(t *testing.T) {
	for _, lang := range []string{"es", "ru", "pl", "ar"} {
		for key, text := range catalog(t, lang) {
			for _, sentence := range regexp.MustCompile(`[.!?؟:]\s`).Split(text, -1) {
				if n := len(strings.Fields(sentence)); n > 18 {
					t.Errorf("%s: %s: %d words in %q", lang, key, n, sentence)
				}
			}
		}
	}
	for key, text := range catalog(t, "zh") {
		for _, sentence := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("。？！：", r) }) {
			if n := len([]rune(sentence)); n > 34 {
				t.Errorf("zh: %s: %d characters in %q", key, n, sentence)
			}
		}
	}
}

// mainText is what a page says between <main> and </main>.
func mainText(t *testing.T, page string) string {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	var walk func(n *html.Node, in bool)
	walk = func(n *html.Node, in bool) {
		in = in || n.Data == "main"
		if n.Type == html.TextNode && in {
			out.WriteString(n.Data + " ")
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, in)
		}
	}
	walk(root, false)
	return out.String()
}

func words(s string) int {
	n := 0
	for w := range strings.FieldsSeq(s) {
		if regexp.MustCompile(`\pL`).MatchString(w) {
			n++
		}
	}
	return n
}

func TestWordBudgets(t *testing.T) {
	h := start(t, allFacts)
	page := mainText(t, h.get("/en/questions"))
	if n := words(page); n > 200 {
		t.Errorf("what happens: %d words, at most 200", n)
	}
	if n := strings.Count(page, "?"); n != 7 {
		t.Errorf("what happens: %d questions, want 7", n)
	}
	for _, a := range site.Answers()["limits"] {
		f := allFacts
		f.Cost, f.Recording, f.Police, f.Limits = "standard", "calls", "duty", a
		h.facts = f
		if n := words(mainText(t, h.get("/en/questions"))); n > 200 {
			t.Errorf("what happens with %s: %d words, at most 200", a, n)
		}
	}
	h.facts = allFacts
	home := mainText(t, h.get("/en/"))
	for _, l := range i18n.Languages() {
		home = strings.ReplaceAll(home, l.Name, "")
	}
	if n := words(home); n > 60 {
		t.Errorf("home: %d words, at most 60", n)
	}
	w := h.server.Words.For("en")
	if n := words(w.T("site.someone.first")); n > 25 {
		t.Errorf("do not confront: %d words, at most 25", n)
	}
	someone := mainText(t, h.get("/en/someone"))
	head, _, found := strings.Cut(someone, "Do not confront")
	if before := words(head); !found || before > 8 {
		t.Errorf("%d words stand before the advice not to confront", before)
	}
}

// Each answer code has words in every language, and each status and choice.
func TestEveryCodeHasWords(t *testing.T) {
	h := start(t, allFacts)
	for fact, codes := range site.Answers() {
		for _, code := range codes {
			if key := "site.answer." + fact + "." + code; !h.server.Words.Has(key) {
				t.Errorf("no text %s", key)
			}
		}
	}
	for _, status := range []string{"waiting", "reading", "answered", "closed"} {
		if !h.server.Words.Has("site.mailbox.status." + status) {
			t.Errorf("no text for the status %s", status)
		}
	}
}

// Every indicator of the seeds has its sentence in our words.
func TestEveryIndicatorIsThere(t *testing.T) {
	file, err := os.Open("../../../../shared/seeds/facts/indicators.csv")
	if errors.Is(err, fs.ErrNotExist) {
		file, err = os.Open("testdata/indicators.csv") // their numbers only
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	h := start(t, allFacts)
	page := html.UnescapeString(h.get("/en/checklist"))
	for _, row := range rows[1:] {
		if text := h.server.Words.For("en").T("site.signs." + row[0]); !strings.Contains(page, "<li>"+text+"</li>") {
			t.Errorf("the checklist does not say %s: %q", row[0], text)
		}
		if len(row) > 2 && strings.Contains(page, row[2]) {
			t.Errorf("%s is not in our own words", row[0])
		}
	}
	if len(rows) < 20 {
		t.Errorf("only %d indicators were compared", len(rows))
	}
}

// The texts on which somebody's safety hangs are listed, and nobody is said to
// have reviewed them who has not.
func TestSafetyTexts(t *testing.T) {
	w := start(t, allFacts).server.Words
	if len(w.Safety()) < 100 {
		t.Errorf("only %d safety texts", len(w.Safety()))
	}
	for _, l := range i18n.Languages() {
		for _, key := range w.Safety() {
			if review, ok := w.Reviewed(l.Code, key); ok && review.Date == "" {
				t.Errorf("%s: %s has a reviewer and no date", l.Code, key)
			}
		}
	}
}

func zipped(b []byte) int {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.DefaultCompression)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Len()
}

// The first view, page and style sheet, fits what a server may send before it
// hears back: 14 kB.
func TestFirstViewIsSmall(t *testing.T) {
	h := start(t, allFacts)
	css, err := fs.ReadFile(site.Assets, "s/site.css")
	if err != nil {
		t.Fatal(err)
	}
	if len(css) > 6000 {
		t.Errorf("the style sheet has %d bytes, at most 6000", len(css))
	}
	script, _ := fs.ReadFile(site.Assets, "s/site.js")
	t.Logf("style sheet %d B (%d gzip), script %d B (%d gzip)", len(css), zipped(css), len(script), zipped(script))
	for _, path := range every() {
		page := h.get(path)
		n := zipped([]byte(page)) + zipped(css)
		if n > 14_000 {
			t.Errorf("%s: %d bytes, at most 14000", path, n)
		}
		if strings.HasPrefix(path, "/en/") || strings.HasPrefix(path, "/ar/") {
			t.Logf("%-16s page %5d B, gzip %4d B; with style sheet %5d B", path, len(page), zipped([]byte(page)), n)
		}
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	if w.Header().Get("Content-Encoding") != "gzip" || w.Code != http.StatusOK {
		t.Error("the page is not sent compressed")
	}
}
