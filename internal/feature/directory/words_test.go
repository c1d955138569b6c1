package directory

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
)

func TestWordsComplete(t *testing.T) {
	t.Parallel()
	for _, problem := range i18n.Check(Words()) {
		t.Error(problem)
	}
}

// Each key that the code or a page names is in the catalogs, and each list of
// codes has its words.
func TestWordsNamed(t *testing.T) {
	t.Parallel()
	words, err := i18n.Load(Words())
	if err != nil {
		t.Fatal(err)
	}
	need := map[string]bool{}
	named := regexp.MustCompile(`"(directory\.[a-z_.]*[a-z])"`)
	var files []string
	for _, pattern := range []string{"*.go", "pages/*.html"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		b = regexp.MustCompile(`errs\.Wrap\([^\n]*|May "[^"]*"`).ReplaceAll(b, nil)
		for _, m := range named.FindAllSubmatch(b, -1) {
			need[string(m[1])] = true
		}
	}
	for _, c := range needCodes {
		need["directory.need."+c] = true
	}
	for _, s := range []Status{Never, Verified, Overdue} {
		need["directory.status."+string(s)] = true
	}
	for _, e := range []string{"verified", "edited", "reset"} {
		need["directory.event."+e] = true
	}
	if len(need) < 60 {
		t.Fatalf("only %d keys found", len(need))
	}
	for key := range need {
		if !words.Has(key) {
			t.Errorf("%s is in no catalog", key)
		}
	}
}
