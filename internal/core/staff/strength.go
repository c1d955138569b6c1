package staff

import (
	"strings"
	"unicode"

	"github.com/trustelem/zxcvbn"
	"golang.org/x/text/unicode/norm"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Limits of a pass phrase, in characters.
const (
	minPassphrase = 12
	maxPassphrase = 200
	estimated     = 32 // what is looked at: the estimator takes 0.1 s for the worst of this length, and seconds for 100
)

// enough is how many guesses a pass phrase must outlast. Whoever has a copy of
// the database guesses as fast as memory can be filled and read: each guess moves
// 3 × 64 MiB (see seal.NewCost), of which the best graphics cards of 2026, at 8 TB
// a second, make at most 40,000 a second. 10¹² guesses are 290 days of such a card
// for one account. The estimator's own highest mark stands for 10¹⁰.
const enough = 1e12

// wordLetters is what a word counts for whose script the estimator has no list of:
// as many letters tried one by one, 10 guesses each, as its commonest 100,000
// words. Random letters lose by it, and several words do not.
const wordLetters = 5

// checkPassphrase estimates how soon somebody guesses a pass phrase who knows the
// account's name and the words in known: the hotline's name, the roles. There are
// no rules of what it must be made of: those make phrases that are hard to
// remember and easy to guess. The error says in words how to choose a better one.
//
// It looks at what will count: spaces at the ends come from copying and are no part
// of it. Of a long one it estimates the beginning.
func checkPassphrase(passphrase, name string, known ...string) error {
	passphrase = strings.TrimSpace(passphrase)
	if !text.Fits(passphrase, maxPassphrase) || text.Fits(passphrase, minPassphrase-1) {
		return errs.In("passphrase", "staff.error.passphrase")
	}
	found := zxcvbn.PasswordStrength(plainForm(passphrase), knownWords(append([]string{name}, known...)))
	if found.Guesses >= enough {
		return nil
	}
	why := "guessed"
	for _, m := range found.Sequence {
		switch {
		case m.DictionaryName == "user_inputs":
			return errs.In("passphrase", "staff.error.passphrase.known")
		case m.Pattern == "repeat" || m.Pattern == "sequence" || m.Pattern == "spatial" || m.Pattern == "date":
			why = "row"
		}
	}
	return errs.In("passphrase", "staff.error.passphrase."+why)
}

// knownWords are the names that a guess would begin with, whole and in words.
func knownWords(names []string) (list []string) {
	for _, n := range names {
		n = strings.ToLower(plainForm(text.Cut(n, 200)))
		list = append(list, n)
		for word := range strings.FieldsSeq(n) {
			if len(word) > 2 {
				list = append(list, word)
			}
		}
	}
	return list
}

// plainForm writes a text in the letters that the estimator knows: without marks,
// each letter of another script as a sign that stands for it, and of a word of
// such letters only the first few. Its own way with other scripts ends in no
// figure at all.
func plainForm(s string) string {
	var b strings.Builder
	signs := map[rune]byte{}
	word := 0 // letters of another script so far
	for _, r := range norm.NFKD.String(s) {
		if b.Len() == estimated {
			break
		}
		if plain, ok := undivided[r]; ok {
			r = plain
		}
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r <= unicode.MaxASCII:
			word = 0
			b.WriteRune(r)
			continue
		case unicode.IsLetter(r) && !unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana):
			word++
		default:
			word = 0
		}
		if word > wordLetters {
			continue
		}
		if _, ok := signs[r]; !ok {
			signs[r] = sign(len(signs))
		}
		b.WriteByte(signs[r])
	}
	return b.String()
}

// sign is the nth of 31 signs that nobody types, in an order that is no row.
func sign(n int) byte { return byte(1 + n*7%31) } //nolint:gosec // below 32

// undivided are letters with a mark that Unicode does not take apart.
var undivided = map[rune]rune{'ł': 'l', 'Ł': 'L', 'ø': 'o', 'Ø': 'O', 'đ': 'd', 'Đ': 'D', 'ß': 's', 'æ': 'a', 'œ': 'o', 'ı': 'i'}
