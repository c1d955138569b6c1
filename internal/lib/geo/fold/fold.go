// Package fold gives the form in which two spellings of a place name are the
// same: "Kraków" and "krakow", "St. Louis" and "Saint Louis", "Orël" and
// "Орел" only within one script. It is for comparing, never for showing, and
// it corrects no typing errors.
package fold

import (
	"strings"
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

func letterKey(s string) string {
	plain := true
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			plain = false
			break
		}
	}
	var b strings.Builder
	b.Grow(len(s))
	if !plain {
		// Case first, then take apart, and case again: some letters, such as
		// İ and K, only become plain once they are apart.
		s = strings.ToLower(norm.NFKD.String(strings.ToLower(s)))
	}
	gap := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			r += 'a' - 'A'
		case r == '.' || apostrophe(r) || unicode.Is(unicode.M, r) || r == utf8.RuneError:
			continue
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		to, special := letters[r]
		if special && to == "" {
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte(' ')
		}
		gap = false
		if special {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

func apostrophe(r rune) bool {
	switch r {
	case '\'', '`', '´', '‘', '’', 'ʻ', 'ʼ', 'ʹ', 'ʾ', 'ʿ', '′':
		return true
	}
	return false
}
