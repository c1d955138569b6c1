package retention

import (
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
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
	for _, problem := range i18n.CheckPages(words, web.Folder(files, "pages")) {
		t.Error(problem)
	}
	var keys []string
	for _, k := range Kinds {
		keys = append(keys, "retention.kind."+string(k))
	}
	for _, p := range Parts {
		keys = append(keys, "retention.part."+string(p))
	}
	for _, w := range []Way{BySafe, ByWord, InPerson, Supervisor} {
		keys = append(keys, "retention.way."+string(w))
	}
	for _, s := range []State{Asked, Confirmed} {
		keys = append(keys, "retention.task."+string(s), "retention.banner."+string(s))
	}
	for _, c := range []string{"phone", "text", "email"} {
		keys = append(keys, "retention.safe."+c)
	}
	for _, key := range keys {
		if !words.Has(key) {
			t.Errorf("no text %s", key)
		}
	}
}
