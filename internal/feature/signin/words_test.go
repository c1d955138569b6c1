package signin

import (
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func TestWordsAreComplete(t *testing.T) {
	for _, problem := range i18n.Check(Words) {
		t.Error(problem)
	}
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.CheckPages(words, web.Folder(files, "pages")) {
		t.Error(problem)
	}
}

// A translation that is still the English one was forgotten.
func TestWordsAreTranslated(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Languages()[1:] {
		for _, key := range []string{"signin.enter", "signin.me.waits", "signin.change.fresh", "desk.demo", "error.internal"} {
			if words.For(l.Code).T(key) == words.For("en").T(key) {
				t.Errorf("%s: %s is in English", l.Code, key)
			}
		}
	}
}
