package oversight

import (
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func TestEveryLanguageIsComplete(t *testing.T) {
	for _, problem := range i18n.Check(Words) {
		t.Error(problem)
	}
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.CheckPages(words, pages) {
		t.Error(problem)
	}
}

// Every action of the matrix is told in words of its own, but for those that
// leave no entry.
func TestEveryActionHasWords(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range staff.Actions() {
		if key := deedKey(string(a)); a != staff.OpenDesk && !words.Has(key) {
			t.Errorf("no text %s", key)
		}
	}
	if got := sayDeed(words.For("en"), "referral.write something new"); !strings.Contains(got, "step of a referral") {
		t.Errorf("a deed that came later is told as %q", got)
	}
}

// What the person is handed reads easily.
func TestTheCopyHasShortSentences(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"title", "intro", "none", "date", "opened", "worked", "shared", "more", "hint"} {
		for _, lang := range []string{"en", "es", "ru", "pl", "ar"} {
			for s := range strings.SplitSeq(words.For(lang).T("log.sheet."+key), ". ") {
				if n := len(strings.Fields(s)); n > 15 {
					t.Errorf("%s: %d words in %q", lang, n, s)
				}
			}
		}
	}
}
