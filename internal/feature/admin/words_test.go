package admin

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/clew-hotline/clew/internal/core/staff"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

// i18nFS makes catalogs that say the same in all languages.
func i18nFS(catalog, keys string) fs.FS {
	m := fstest.MapFS{"words/safety.json": {Data: []byte(keys)}}
	for _, l := range i18n.Languages() {
		m["words/"+l.Code+".json"] = &fstest.MapFile{Data: []byte(catalog)}
	}
	return m
}

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
	var keys []string
	for _, role := range staff.Roles {
		keys = append(keys, "desk.role."+string(role))
	}
	for name, codes := range Codes {
		keys = append(keys, "admin.fact."+name)
		for _, code := range codes {
			keys = append(keys, "admin.code."+name+"."+code)
		}
	}
	for _, fact := range append((Facts{}).Missing(), Questions...) {
		keys = append(keys, "admin.fact."+fact)
	}
	for _, key := range keys {
		if !words.Has(key) {
			t.Errorf("no text %s", key)
		}
	}
}

// A translation that is still the English one was forgotten.
func TestWordsAreTranslated(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range i18n.Languages()[1:] {
		for _, key := range []string{"admin.once", "admin.waiting.hint", "admin.error.last", "desk.demo", "error.internal"} {
			if words.For(l.Code).T(key) == words.For("en").T(key) {
				t.Errorf("%s: %s is in English", l.Code, key)
			}
		}
	}
}
