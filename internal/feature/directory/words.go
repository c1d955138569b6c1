package directory

import (
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/russian"
	"golang.org/x/text/unicode/norm"
)

// stop are words that say nothing about what is looked for.
var stop = map[string]bool{
	"a": true, "an": true, "and": true, "at": true, "by": true, "for": true, "from": true, "i": true, "in": true, "is": true,
	"me": true, "my": true, "near": true, "of": true, "on": true, "or": true, "the": true, "to": true, "with": true,
}

// maxQueryWords bounds the work that one query can ask for.
const maxQueryWords = 16

// stems cuts text into words and these to their stems: English for Latin
// letters, Russian for Cyrillic ones, pairs of characters for Chinese.
func stems(text string) []string {
	var out []string
	word := make([]rune, 0, 32)
	var han rune
	flush := func() {
		if len(word) > 0 && len(word) <= 64 {
			out = append(out, stem(string(word)))
		}
		word = word[:0]
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r): // accents, Arabic vowel signs
			continue
		case unicode.Is(unicode.Han, r):
			flush()
			if han != 0 {
				out = append(out, string([]rune{han, r}))
			} else {
				out = append(out, string(r))
			}
			han = r
			continue
		case unicode.IsLetter(r), unicode.IsDigit(r):
			word = append(word, unicode.ToLower(r))
		case r == '\'' || r == '’':
			// children's is children
		default:
			flush()
		}
		han = 0
	}
	flush()
	return out
}

func stem(w string) string {
	for _, r := range w {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			return russian.Stem(w, true)
		case r > unicode.MaxLatin1 || unicode.IsDigit(r):
			return w
		}
	}
	return english.Stem(w, true)
}

// queryStems are the words of a query, each once, without those that say nothing.
func queryStems(text string) []string {
	var all, useful []string
	seen := map[string]bool{}
	for _, w := range stems(strings.ToValidUTF8(text, " ")) {
		if seen[w] {
			continue
		}
		seen[w] = true
		all = append(all, w)
		if !stop[w] {
			useful = append(useful, w)
		}
	}
	if len(useful) == 0 {
		useful = all
	}
	return useful[:min(len(useful), maxQueryWords)]
}
