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
	"unicode/utf8"

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
type Cutter struct {
	known  [languages]known
	number map[string]int
	texts  []string // by number
}

// maxKnown bounds what a cutter remembers: words in a language, and stems.
const maxKnown = 200_000

func (c *Cutter) full() bool {
	n := len(c.number)
	for i := range c.known {
		n = max(n, c.known[i].used)
	}
	return n > maxKnown
}

// Each calls f for each stem of a text, with a number that the stem keeps for
// this cutter: below Numbers, and the same only for the same stem.
func (c *Cutter) Each(text string, f func(stem string, number int)) {
	if c.full() {
		*c = Cutter{}
	}
	lang := guess(text)
	if plain(text) {
		c.plain(text, lang, f)
		return
	}
	var buf [4 * longest]byte
	words(text, func(word []rune, han bool) {
		if han {
			for i := range word {
				f(c.numbered(string(word[i])))
				if i > 0 {
					f(c.numbered(string(word[i-1 : i+1])))
				}
			}
			return
		}
		b := buf[:0]
		for _, r := range word {
			b = utf8.AppendRune(b, r)
		}
		c.one(b, pack(b), lang, f)
	})
}

// Numbers is more than any number that Each has given since the cutter began.
func (c *Cutter) Numbers() int { return len(c.number) }

// plain is Each for ASCII, where a byte is a letter.
func (c *Cutter) plain(text string, lang language, f func(string, int)) {
	var buf [longest + 1]byte
	var p packed
	n := 0
	for i := range len(text) + 1 {
		b := byte(' ')
		if i < len(text) {
			b = text[i]
		}
		switch {
		case b >= 'A' && b <= 'Z':
			b += 'a' - 'A'
		case b >= 'a' && b <= 'z', b >= '0' && b <= '9':
		case b == '\'':
			continue
		default:
			if n > 0 && n <= longest {
				c.one(buf[:n], p, lang, f)
			}
			n, p = 0, packed{}
			continue
		}
		if n < longest {
			buf[n] = b
		}
		if n < fits {
			p.put(n, b)
		}
		n++
	}
}

func (c *Cutter) one(word []byte, p packed, lang language, f func(string, int)) {
	n, ok := c.known[lang].find(word, p)
	if !ok {
		_, n = c.numbered(stemOf(string(word), lang))
		c.known[lang].add(word, p, n)
	}
	f(c.texts[n], n)
}

func (c *Cutter) numbered(text string) (string, int) {
	n, ok := c.number[text]
	if !ok {
		if c.number == nil {
			c.number = map[string]int{}
		}
		n = len(c.texts)
		c.number[text] = n
		c.texts = append(c.texts, text)
	}
	return text, n
}

// Of gives the stems of a text.
func Of(text string) (list []string) {
	new(Cutter).Each(text, func(s string, _ int) { list = append(list, s) })
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
		for w := range strings.FieldsSeq(list) {
			m[w] |= 1 << lang
		}
	}
	return m
}()

// enough is up to which word a language is guessed from.
const enough = 30

func guess(text string) language {
	var count [languages]int
	var word [4]byte
	n, seen := 0, 0
	for i := range min(len(text), 12*enough) {
		b := text[i]
		switch {
		case b >= 'A' && b <= 'Z':
			b += 'a' - 'A'
		case b >= 'a' && b <= 'z' || b >= 0x80:
		default:
			if n > 0 && n <= len(word) {
				seen++
				for lang, bits := language(0), small[string(word[:n])]; bits != 0; lang, bits = lang+1, bits>>1 {
					if bits&1 != 0 {
						count[lang]++
					}
				}
			}
			if n = 0; seen >= enough {
				break
			}
			continue
		}
		if n < len(word) {
			word[n] = b //nolint:gosec // n is less than its length
		}
		n++
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
