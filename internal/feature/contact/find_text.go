package contact

import (
	"encoding/json"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/geo/fold"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/lib/text"
)

// Limits of what somebody can look for.
const (
	maxFind      = 200 // characters
	maxFindWords = 16
)

// look is what is looked for: folded words, none twice.
type look struct{ words []string }

func lookFor(words string) (l look, err error) {
	words = text.Line(words)
	if !text.Fits(words, maxFind) {
		return l, &errs.Error{Kind: errs.TooLarge, Word: "contact.error.find_long", Field: "words"}
	}
	for w := range strings.FieldsSeq(fold.Text(words)) {
		if !slices.Contains(l.words, w) {
			l.words = append(l.words, w)
		}
	}
	switch {
	case len(l.words) == 0:
		return l, errs.In("words", "contact.error.find_empty")
	case len(l.words) > maxFindWords:
		return l, &errs.Error{Kind: errs.TooLarge, Word: "contact.error.find_long", Field: "words"}
	}
	return l, nil
}

// in says which of the words a text has, each a bit. A word is found in the
// middle of another too: not every script parts them.
func (l look) in(s string) (has uint32) {
	s = fold.Text(s)
	for i, w := range l.words {
		if strings.Contains(s, w) {
			has |= 1 << i
		}
	}
	return has
}

func (l look) all(has uint32) bool { return bits.OnesCount32(has) == len(l.words) }

// before says whether a line says more of what is looked for than another, or
// says it earlier.
func (p spot) before(other spot) bool {
	n, m := bits.OnesCount32(p.has), bits.OnesCount32(other.has)
	return n > m || n == m && p.seq < other.seq
}

// Piece is a part of a line; On is one of the words.
type Piece struct {
	Text string
	On   bool
}

// Around the first word, so much of a line is shown, in bytes.
const (
	shownBefore = 120
	shownAfter  = 280
)

// mark gives the part of a line in which the words stand, with each marked as
// it was written.
func (l look) mark(line string) (pieces []Piece) {
	on := l.marks(line)
	first := max(0, slices.Index(on, true))
	from, to := max(0, first-shownBefore), min(len(line), first+shownAfter)
	for from > 0 && !utf8.RuneStart(line[from]) {
		from--
	}
	for to < len(line) && !utf8.RuneStart(line[to]) {
		to++
	}
	if from > 0 {
		pieces = append(pieces, Piece{Text: "…"})
	}
	for from < to {
		end := from + 1
		for end < to && on[end] == on[from] {
			end++
		}
		pieces = append(pieces, Piece{line[from:end], on[from]})
		from = end
	}
	if to < len(line) {
		pieces = append(pieces, Piece{Text: "…"})
	}
	return pieces
}

// marks says of each byte of a line whether it belongs to a word.
func (l look) marks(line string) []bool {
	var folded strings.Builder
	var of []int // where each byte of what it folds to begins in the line
	ends := make([]int, len(line))
	for i, r := range line {
		end := i + max(1, utf8.RuneLen(r))
		if r == utf8.RuneError && !strings.HasPrefix(line[i:], string(r)) {
			end = i + 1
		}
		ends[i] = end
		one := fold.Text("a" + line[i:end] + "a") // between letters, so that a gap stays one
		folded.WriteString(one[1 : len(one)-1])
		for len(of) < folded.Len() {
			of = append(of, i)
		}
	}
	on := make([]bool, len(line))
	whole := folded.String()
	for _, w := range l.words {
		for at := 0; ; {
			n := strings.Index(whole[at:], w)
			if n < 0 {
				break
			}
			at += n + len(w)
			begin, last := of[at-len(w)], of[at-1]
			for i := begin; i < ends[last]; i++ {
				on[i] = true
			}
		}
	}
	return on
}

// What follows reads an opened value: the texts of it that people wrote. What
// it says in codes is no text.

func intakeTexts(plain []byte) ([]string, error) {
	var in intake
	err := json.Unmarshal(plain, &in)
	return append([]string{in.Text, in.About, in.Place}, in.Safe.texts()...), err
}

func recordTexts(plain []byte) ([]string, error) {
	var r Record
	err := json.Unmarshal(plain, &r)
	return append([]string{r.Summary, r.AboutWords, r.Place, r.Reach, r.Plate, r.Street}, r.Safe.texts()...), err
}

func (s SafeContact) texts() []string {
	return []string{s.Address, s.WhoAnswers, s.CoverStory, s.SafeWord, s.Note}
}

// lineTexts are what a line says, and what its files were called.
func lineTexts(plain []byte) (list []string, err error) {
	var m Message
	if err := json.Unmarshal(plain, &m); err != nil || m.Kind == Log {
		return nil, err
	}
	list = append(list, m.Text)
	for _, f := range m.Files {
		list = append(list, f.Name)
	}
	return list, nil
}

// theirTexts are lineTexts of a line that anybody could have sealed, and that so
// speaks for none of ours.
func theirTexts(plain []byte) ([]string, error) {
	var m Message
	err := json.Unmarshal(plain, &m)
	if err == nil && m.Kind != In {
		return nil, seal.ErrSealed
	}
	if err != nil {
		return nil, err
	}
	return lineTexts(plain)
}
