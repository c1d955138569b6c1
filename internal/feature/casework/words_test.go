package casework

import (
	"testing"

	"github.com/clew-hotline/clew/internal/core/facts"
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
	for _, problem := range i18n.CheckPages(words, Pages) {
		t.Error(problem)
	}
	for _, key := range codes() {
		if !words.Has(key) {
			t.Errorf("no text %s", key)
		}
	}
}

// codes are the keys that pages make from codes.
func codes() (keys []string) {
	add := func(prefix string, codes ...string) {
		for _, c := range codes {
			keys = append(keys, prefix+c)
		}
	}
	for _, s := range append(States, Filters...) {
		add("casework.state.", string(s))
	}
	for _, s := range States {
		add("casework.did.", string(s))
	}
	for _, f := range Fields {
		add("casework.field.", string(f))
	}
	add("casework.need.", Needed...)
	add("casework.how.", Hows...)
	add("casework.by.", Bys...)
	add("casework.age.", "adult", "child")
	kind, _ := facts.KindOf(facts.Outcome)
	outcome, _ := kind.Code("outcome")
	add("casework.outcome.", outcome.Values...)
	for _, w := range []string{"speak", "voicemail", "texts"} {
		add("casework.reach."+w+".", "yes", "no", "unknown")
	}
	return keys
}
