// Package fold gives the form in which two spellings of a place name are the
// same: "Kraków" and "krakow", "St. Louis" and "Saint Louis", "Orël" and
// "Орел" only within one script. It is for comparing, never for showing, and
// it corrects no typing errors.
package fold

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// letters that Unicode does not take apart, and Arabic letters that people
// write either way.
var letters = map[rune]string{
	'ł': "l", 'ø': "o", 'đ': "d", 'ð': "d", 'ı': "i", 'ß': "ss", 'æ': "ae", 'œ': "oe",
	'þ': "th", 'ħ': "h", 'ŧ': "t", 'ŋ': "n", 'ə': "a", 'ƙ': "k", 'ɓ': "b", 'ɗ': "d",
	'ى': "ي", 'ة': "ه", 'ی': "ي", 'ک': "ك", 'ـ': "", 'ґ': "г",
}

// words that maps and envelopes shorten.
var words = map[string]string{"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}

// Key folds a name: lower case, no accents, one space between words, no
// punctuation. Key(Key(s)) == Key(s).
func Key(s string) string {
	s = letterKey(s)
	// A name of one word keeps it: the town Mount is not the abbreviation Mt.
	if !strings.Contains(s, " ") {
		return s
	}
	parts := strings.Split(s, " ")
	for i, p := range parts {
		if short, ok := words[p]; ok {
			parts[i] = short
		}
	}
	return strings.Join(parts, " ")
}

// Text folds any text as Key folds a name, without shortening words, and without
// what nobody sees in it, as a soft hyphen. A part of a text folds to a part of
// what the text folds to, in any script.
func Text(s string) string { return folding{seen: true}.of(s) }

func letterKey(s string) string { return folding{}.of(s) }

func (f folding) of(s string) string {
	f.b.Grow(len(s))
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			f.plain(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		f.other(r)
		i += size
	}
	return f.b.String()
}

// other folds one character that is not plain. Each folds alone: what taking it
// apart could move, marks, is left out.
func (f *folding) other(r rune) {
	switch {
	case r < endOfQuick && quick()[r].known:
		q := quick()[r]
		f.gap = f.gap || q.gap
		if q.to != "" {
			f.space()
			f.b.WriteString(q.to)
		}
	case r >= 0x4E00 && r <= 0x9FFF: // ideographs are in one piece
		f.space()
		f.b.WriteRune(r)
	default:
		for _, r := range apart(r) {
			f.letter(r)
		}
	}
}

// apart takes case first, then the pieces, and case again: some letters, such as
// İ and K, only become plain once they are apart.
func apart(r rune) string { return strings.ToLower(norm.NFKD.String(strings.ToLower(string(r)))) }

// endOfQuick is past the alphabets of Europe and the Near East, which are looked
// up: taking each letter apart anew would be most of the work.
const endOfQuick = 0x800

type quickly struct {
	to         string
	gap, known bool
}

var quick = sync.OnceValue(func() *[endOfQuick]quickly {
	var all [endOfQuick]quickly
	for r := rune(utf8.RuneSelf); r < endOfQuick; r++ {
		var one, between folding
		for _, piece := range apart(r) {
			one.letter(piece)
		}
		between.b.WriteByte('a')
		for _, piece := range apart(r) {
			between.letter(piece)
		}
		to := one.b.String()
		inOne := between.b.String() == "a"+to && !(one.gap && to != "")
		all[r] = quickly{to, one.gap, inOne && !unicode.Is(unicode.Cf, r)}
	}
	return &all
})

// folding is a key on its way.
type folding struct {
	b    strings.Builder
	gap  bool
	seen bool // what is not seen is left out, and parts no word
}

// ascii says what becomes of a plain character: itself in lower case, a gap (' '),
// or nothing (0).
var ascii = func() (to [utf8.RuneSelf]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case c >= 'A' && c <= 'Z':
			to[c] = c + 'a' - 'A'
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9':
			to[c] = c
		case c != '.' && !apostrophe(rune(c)):
			to[c] = ' '
		}
	}
	return to
}()

func (f *folding) plain(c byte) {
	switch to := ascii[c]; to {
	case 0:
	case ' ':
		f.gap = true
	default:
		f.space()
		f.b.WriteByte(to)
	}
}

func (f *folding) letter(r rune) {
	if r < utf8.RuneSelf {
		f.plain(byte(r)) //nolint:gosec // is below RuneSelf
		return
	}
	if apostrophe(r) || r == utf8.RuneError || unicode.Is(unicode.M, r) || f.seen && unicode.Is(unicode.Cf, r) {
		return
	}
	if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
		f.gap = true
		return
	}
	to, special := letters[r]
	switch {
	case !special:
		f.space()
		f.b.WriteRune(r)
	case to != "":
		f.space()
		f.b.WriteString(to)
	}
}

func (f *folding) space() {
	if f.gap && f.b.Len() > 0 {
		f.b.WriteByte(' ')
	}
	f.gap = false
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', 'ʻ', 'ʼ', 'ʹ', 'ʾ', 'ʿ', '′':
		return true
	}
	return false
}
