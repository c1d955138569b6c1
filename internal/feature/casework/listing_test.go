package casework

import (
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func TestAHiddenPlaceIsNotSpoken(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	s := ServiceLine{Phones: []string{"+1 312 555 0100"}, Listed: func(*i18n.Printer) Listing {
		return Listing{Where: "12 Pier Street", Hidden: true}
	}}
	for _, lang := range i18n.Languages() {
		lines := s.spoken(words.For(lang.Code)).Lines
		if len(lines) != 3 || lines[0].Phones == nil {
			t.Fatalf("%s: %+v", lang.Code, lines)
		}
		for _, l := range lines {
			if strings.Contains(l.Value, "Pier") {
				t.Errorf("%s tells where it is: %+v", lang.Code, l)
			}
		}
	}
}
