// Package stems cuts text into words and these to their stems, so that who
// looks for "shelters" finds a shelter.
//
// A text is stemmed by its own language, guessed from its small words: English,
// Spanish, French, Polish, Russian (all of Cyrillic) and Arabic; Chinese is cut
// into characters and pairs of them. A query is too short to guess from, so each of
// its words gets the stems that it has in any of these.
//
// Its limits: Polish and Arabic are stemmed by a short list of endings, and what
// is in two languages is stemmed as the one with more small words.
package stems

import (
	"slices"
	"strings"
	"unicode"

	"github.com/kljensen/snowball/english"
	"github.com/kljensen/snowball/french"
	"github.com/kljensen/snowball/russian"
	"github.com/kljensen/snowball/spanish"
	"golang.org/x/text/unicode/norm"
)

// longest is how many letters a word may have; a longer one is no word.
const longest = 64

// words calls f for each word of a text, in lower case and without accents. Of
// Chinese it gives each run of characters, and says so.
func words(text string, f func(word []rune, han bool)) {
	word := make([]rune, 0, 32)
	han := false
	flush := func() {
		if len(word) > 0 && (han || len(word) <= longest) {
			f(word, han)
		}
		word = word[:0]
	}
	if !plain(text) {
		text = norm.NFKD.String(text)
	}
	for _, r := range text {
		switch is := unicode.Is(unicode.Han, r); {
		case unicode.Is(unicode.Mn, r), r == '\'', r == '’', r == 'ـ': // accents, Arabic vowel signs; children's is children
			continue
		case is, unicode.IsLetter(r), unicode.IsDigit(r):
			if is != han {
				flush()
				han = is
			}
			word = append(word, letter(unicode.ToLower(r)))
		default:
			flush()
		}
	}
	flush()
}

func plain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// letter is what people type for letters that Unicode does not take apart.
func letter(r rune) rune {
	switch r {
	case 'ł':
		return 'l'
	case 'ø':
		return 'o'
	case 'ى':
		return 'ي'
	case 'ة':
		return 'ه'
	case 'أ', 'إ', 'آ':
		return 'ا'
	case 'ё':
		return 'е'
	}
	return r
}

// Cutter cuts many texts and remembers the stems of words that it has met. One
// goroutine may use it at a time.
type Cutter struct{ known [languages]map[string]string }

// maxKnown bounds what a cutter remembers.
const maxKnown = 100_000

// Each calls f for each stem of a text.
func (c *Cutter) Each(text string, f func(stem string)) {
	lang := guess(text)
	var buf [4 * longest]byte
	words(text, func(word []rune, han bool) {
		if han {
			for i := range word {
				f(string(word[i]))
				if i > 0 {
					f(string(word[i-1 : i+1]))
				}
			}
			return
		}
		b := buf[:0]
		for _, r := range word {
			b = append(b, string(r)...)
		}
		stem, ok := c.known[lang][string(b)]
		if !ok {
			w := string(b)
			stem = stemOf(w, lang)
			if c.known[lang] == nil || len(c.known[lang]) > maxKnown {
				c.known[lang] = map[string]string{}
			}
			c.known[lang][w] = stem
		}
		f(stem)
	})
}

// Of gives the stems of a text.
func Of(text string) (list []string) {
	new(Cutter).Each(text, func(s string) { list = append(list, s) })
	return list
}

// Query gives the words of a query, each with the stems that it may have, once
// and without those that say nothing, unless there are no others.
func Query(text string, most int) [][]string {
	var all, useful [][]string
	seen := map[string]bool{}
	add := func(word string, list []string) {
		if seen[list[0]] {
			return
		}
		seen[list[0]] = true
		all = append(all, list)
		if small[word] == 0 {
			useful = append(useful, list)
		}
	}
	words(strings.ToValidUTF8(text, " "), func(word []rune, han bool) {
		switch {
		case !han:
			w := string(word)
			var list []string
			for lang := range languages {
				if s := stemOf(w, lang); !slices.Contains(list, s) {
					list = append(list, s)
				}
			}
			add(w, list)
		case len(word) == 1:
			add("", []string{string(word)})
		default:
			for i := 1; i < len(word); i++ {
				add("", []string{string(word[i-1 : i+1])})
			}
		}
	})
	if len(useful) == 0 {
		useful = all
	}
	return useful[:min(len(useful), most)]
}

type language uint8

const (
	en language = iota
	es
	fr
	pl
	languages
)

// small are words that say nothing about what is looked for, and much about
// the language of a text: one bit a language.
var small = func() map[string]uint8 {
	m := map[string]uint8{}
	for lang, list := range [languages]string{
		en: "a an and are at be by for from i in is it me my near of on or our that the this to we who with you your",
		es: "al con de del el en es la las los o para por que se su sus un una y",
		fr: "au aux avec dans de des du en est et la le les leur ou par pour que qui sur un une vous",
		pl: "dla do i jest lub na o od oraz osob po przez przy sie w z za ze",
	} {
		for _, w := range strings.Fields(list) {
			m[w] |= 1 << lang
		}
	}
	return m
}()

// enough is up to which word a language is guessed from.
const enough = 60

func guess(text string) language {
	var count [languages]int
	n := 0
	for w := range strings.FieldsFuncSeq(text[:min(len(text), 12*enough)], func(r rune) bool { return r < 'A' || r > 'z' && r < 0x80 }) {
		if n++; n > enough || len(w) > 4 {
			continue
		}
		for lang, bits := language(0), small[strings.ToLower(w)]; bits != 0; lang, bits = lang+1, bits>>1 {
			if bits&1 != 0 {
				count[lang]++
			}
		}
	}
	best := en
	for lang := es; lang < languages; lang++ {
		if count[lang] > count[best] && count[lang] >= 2 {
			best = lang
		}
	}
	return best
}

func stemOf(w string, lang language) string {
	for _, r := range w {
		switch {
		case unicode.Is(unicode.Cyrillic, r):
			return russian.Stem(w, true)
		case unicode.Is(unicode.Arabic, r):
			return arabic(w)
		case r > unicode.MaxLatin1 || unicode.IsDigit(r):
			return w
		}
	}
	switch lang {
	case es:
		return spanish.Stem(w, true)
	case fr:
		return french.Stem(w, true)
	case pl:
		return polish(w)
	}
	return english.Stem(w, true)
}

// polish takes one ending off, the longest that leaves three letters.
func polish(w string) string { return without(w, polishEndings, 3) }

var polishEndings = strings.Fields("iami ami owie owi ach iem iej ego emu ymi imi ych ich ow om em ej ie ia iu a e i o u y")

// arabic takes off the article with what is written to it, and one ending.
func arabic(w string) string {
	for _, p := range []string{"وال", "بال", "كال", "فال", "لل", "ال"} {
		if rest, ok := strings.CutPrefix(w, p); ok && len([]rune(rest)) >= 3 {
			w = rest
			break
		}
	}
	return without(w, arabicEndings, 3)
}

var arabicEndings = strings.Fields("ات ين ون ان ها يه ه ي")

func without(w string, endings []string, least int) string {
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(w, e); ok && len([]rune(rest)) >= least {
			return rest
		}
	}
	return w
}
