package app

import (
	"testing"

	"github.com/clew-hotline/clew/internal/core/facts"
	"github.com/clew-hotline/clew/internal/lib/i18n"
)

// A figure is called what the desk calls it: whoever records "Declined to say"
// must find it under these words in the month's figures.
func TestFiguresAreNamedAsTheDeskNamesThem(t *testing.T) {
	t.Parallel()
	words, err := loadWords()
	if err != nil {
		t.Fatal(err)
	}
	desk := map[string]string{
		"channel": "contact.channel.", "request_type": "contact.request_type.", "contactor": "contact.contactor.",
		"age_group": "contact.age_group.", "disposition": "contact.disposition.", "need": "contact.need.", "outcome": "casework.outcome.",
	}
	compared := 0
	for _, kind := range facts.Kinds {
		for _, code := range kind.Codes {
			for _, value := range code.Values {
				theirs := desk[code.Name] + value
				if desk[code.Name] == "" || !words.Has(theirs) {
					continue
				}
				ours := "stats." + code.Name + "." + value
				if !words.Has(ours) {
					ours = "stats.value." + value
				}
				for _, l := range i18n.Languages() {
					p := words.For(l.Code)
					if got, want := p.T(ours), p.T(theirs); got != want {
						t.Errorf("%s: %s is %q, and %s is %q", l.Code, ours, got, theirs, want)
					}
					compared++
				}
			}
		}
	}
	if compared < 200 {
		t.Errorf("only %d words were compared", compared)
	}
}
