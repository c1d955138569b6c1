package clew_test

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tests gives all tests of the tree, as "package.TestName", and the stories of
// the command line, as "clew.TestStories/name".
func tests(t *testing.T) map[string]bool {
	t.Helper()
	all := map[string]bool{}
	name := regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+)\(`)
	for _, f := range tree(t) {
		if !f.test {
			continue
		}
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		pkg := path.Base(f.pkg)
		if f.pkg == "." {
			pkg = "clew"
		}
		for _, m := range name.FindAllSubmatch(text, -1) {
			all[pkg+"."+string(m[1])] = true
		}
	}
	stories, err := os.ReadDir("cmd/clew/testdata/script")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stories {
		all["clew.TestStories/"+strings.TrimSuffix(s.Name(), ".txtar")] = true
	}
	return all
}

// aboutPrivacy are the words of a sentence that may promise something about
// who learns what. Not each such sentence does; docs/privacy.csv says which.
var aboutPrivacy = regexp.MustCompile(`(?i)\b(see|sees|seen|keep|keeps|kept|delet\w+|know|knows|private|secret\w*|trace\w*|history|code|codes|eras\w+|hid\w+|read|reads|reading|` +
	`tell|told|record|records|name|naming|nobody|anyone|whoever|spy|police|immigration|agree|consent|answer only|not call you|only between|only the message|stops? working|sealed|encrypt\w*|sent|reveals)\b`)

// TestEveryPrivacySentenceHasItsTest holds what the public pages and the
// README say about privacy to docs/privacy.csv: each sentence there names the
// tests that prove it, or says why it promises nothing of ours.
func TestEveryPrivacySentenceHasItsTest(t *testing.T) {
	known, listed := tests(t), privacyList(t)
	sentences := publicSentences(t)
	for _, sentence := range readmeSentences(t) {
		sentences["README: "+sentence] = sentence
	}
	for where, sentence := range sentences {
		if aboutPrivacy.MatchString(sentence) && !slices.ContainsFunc(listed, func(row []string) bool { return row[0] == where }) {
			t.Errorf("docs/privacy.csv does not say what backs %s %q", where, sentence)
		}
	}
	for _, row := range listed {
		if sentences[row[0]] == "" {
			t.Errorf("docs/privacy.csv: nothing says %q any more", row[0])
		}
		if row[1] == "" && row[2] == "" {
			t.Errorf("docs/privacy.csv: %s names neither a test nor a reason", row[0])
		}
		for name := range strings.FieldsSeq(row[1]) {
			if !known[name] {
				t.Errorf("docs/privacy.csv: %s names %s, which is no test", row[0], name)
			}
		}
	}
}

func privacyList(t *testing.T) [][]string {
	t.Helper()
	f, err := os.Open("docs/privacy.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) < 30 {
		t.Fatalf("docs/privacy.csv has %d rows: %v", len(rows), err)
	}
	return rows[1:]
}

// publicSentences are the texts of the public pages in English, by key. The
// signs tell of what somebody went through and nothing of us.
func publicSentences(t *testing.T) map[string]string {
	t.Helper()
	b, err := os.ReadFile("internal/feature/site/words/en.json")
	if err != nil {
		t.Fatal(err)
	}
	var words map[string]any
	if err := json.Unmarshal(b, &words); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for key, value := range words {
		if s, ok := value.(string); ok && !strings.HasPrefix(key, "site.signs.") {
			all[key] = s
		}
	}
	return all
}

// readmeSentences are what the README says of the program, before it sends to
// other pages.
func readmeSentences(t *testing.T) (all []string) {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(string(b), "## Read on")
	text = regexp.MustCompile("(?s)```.*?```|<img[^>]*>|(?m)^#[^\n]*$").ReplaceAllString(text, "\n\n")
	text = regexp.MustCompile(`(?m)^- `).ReplaceAllString(strings.ReplaceAll(text, "\n> ", "\n"), "\n")
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		paragraph = strings.Join(strings.Fields(paragraph), " ")
		all = append(all, regexp.MustCompile(`[^.]+(\.[a-z][^.]*)*\.?`).FindAllString(paragraph, -1)...)
	}
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

// TestEveryThreatHasItsTest holds THREATS.md and docs/asvs.md to the tests:
// each that they name is there, and a threat without one says why.
func TestEveryThreatHasItsTest(t *testing.T) {
	known := tests(t)
	named := regexp.MustCompile("`(\\w+\\.(?:Test|Fuzz)[^`]*)`")
	for file, least := range map[string]int{"THREATS.md": 20, "docs/asvs.md": 60} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := 0
		for line := range strings.Lines(string(b)) {
			if !strings.HasPrefix(line, "| ") {
				continue
			}
			lines++
			found := named.FindAllStringSubmatch(line, -1)
			for _, m := range found {
				if !known[m[1]] {
					t.Errorf("%s names %s, which is no test", file, m[1])
				}
			}
			threat := file == "THREATS.md" && !strings.HasPrefix(line, "| Threat")
			if threat && len(found) == 0 && !strings.Contains(line, "No test: ") {
				t.Errorf("no test and no reason in: %s", line)
			}
		}
		if lines < least {
			t.Errorf("%s has %d lines: this test looks at nothing", file, lines)
		}
	}
}

// callers are the files that may speak to another machine, and why. The
// database's own connection is in its library.
var callers = map[string]string{
	"internal/app/control.go":                         "hands commands to the running program, over a socket in the data folder",
	"internal/platform/oidc/provider.go":              "asks the organisation's own OpenID provider who somebody is, with --oidc-issuer: a client id, and a code that the provider gave",
	"internal/platform/blob/bucket.go":                "keeps sealed files in the store that --files names, if it is s3://: never in clear, and no names",
	"internal/platform/listen/acme.go":                "asks the authority for a certificate, with --acme: the hotline's own name and nothing else",
	"internal/platform/outbound/outbound.go":          "makes the client that reads directories of others, with clew directory subscribe: it asks for what they publish and says nothing of ours",
	"internal/feature/directory/directory.go":         "is given that client",
	"internal/feature/directory/subscription_walk.go": "reads such a directory page by page",
}

// TestNothingIsSentToAnybody finds whatever could send something away.
func TestNothingIsSentToAnybody(t *testing.T) {
	for file, found := range grep(t, `\bhttp\.(Client\b|Get\(|Post\(|PostForm\(|Head\(|DefaultClient|DefaultTransport)|"net/smtp"|\b(net|tls)\.Dial|\bDialContext\(`) {
		if callers[file] == "" {
			t.Errorf("%s can speak to another machine (%s): the README says that nothing is sent to anybody", file, found)
		}
	}
}

// lookers are the files that look at what a browser says of itself, and why.
var lookers = map[string]string{
	"internal/feature/signin/signin.go":      "tells a colleague's devices apart, by family of browser; never a visitor's",
	"internal/platform/outbound/outbound.go": "says what asks, when we read another directory",
	"internal/feature/site/forget.go":        "gives a page with a form another status where a browser would keep what was typed",
}

// TestNobodyLooksAtWhoCalls: what is not known cannot be stored or logged.
func TestNobodyLooksAtWhoCalls(t *testing.T) {
	for file, found := range grep(t, `\bRemoteAddr\b|(?i)"(x-)?forwarded(-for)?"|"x-real-ip"`) {
		t.Errorf("%s looks at %s: nobody's address is any of our business", file, found)
	}
	for file, found := range grep(t, `(?i)\.useragent\(\)|"user-agent"`) {
		if lookers[file] == "" {
			t.Errorf("%s looks at %s: nobody's browser is any of our business", file, found)
		}
	}
}

// grep finds a pattern in the program, not in its tests.
func grep(t *testing.T, pattern string) map[string]string {
	t.Helper()
	p, found := regexp.MustCompile(pattern), map[string]string{}
	for _, f := range tree(t) {
		if f.test || floor(f.pkg) < 0 {
			continue
		}
		text, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		if m := p.Find(text); m != nil {
			found[f.path] = string(m)
		}
	}
	return found
}
