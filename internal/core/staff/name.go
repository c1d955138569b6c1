package staff

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/clew-hotline/clew/internal/lib/text"
)

// nameKey is what names are told apart by: without case, accents' ways of
// writing, and characters that nobody sees. It is empty for a name that nobody
// can tell from another: one without a letter, or of letters of two scripts,
// such as a Cyrillic "ѕ" before "ue". A supervisor admits the person whose name
// they read, so no account may borrow another's looks.
func nameKey(name string) string {
	name = strings.ToLower(norm.NFKC.String(text.Line(name)))
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector) {
			return -1
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	if len(scriptsOf(name)) != 1 {
		return ""
	}
	return name
}

// alike are the scripts whose letters look like each other's.
var alike = map[string]*unicode.RangeTable{
	"Latin": unicode.Latin, "Cyrillic": unicode.Cyrillic, "Greek": unicode.Greek, "Armenian": unicode.Armenian, "Cherokee": unicode.Cherokee,
}

// scriptsOf names the scripts of a text's letters; those that look like no
// other count as one.
func scriptsOf(s string) map[string]bool {
	found := map[string]bool{}
	for _, r := range s {
		if !unicode.IsLetter(r) {
			continue
		}
		script := "another"
		for name, table := range alike {
			if unicode.Is(table, r) {
				script = name
			}
		}
		found[script] = true
	}
	return found
}
