package quorum

import (
	"crypto/sha256"
	"fmt"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/paper"
)

// A share on paper is four lines of sixteen letters and digits, each with a
// check of its own, so that who copies it wrongly learns in which line. It
// begins with the officer's number and three bytes that tell set-ups apart.
const (
	lines     = 4
	lineBytes = 9
	lineSize  = 16 // letters of nine bytes and a check
	tagSize   = 3
)

// Words for what is wrong with a share that was typed.
const (
	wordForeign = "recovery.error.foreign"
	wordLength  = "recovery.error.length"
	wordEarlier = "recovery.error.earlier"
	wordOthers  = "recovery.error.others"
)

func tag(set string) []byte {
	sum := sha256.Sum256([]byte("clew/v1 quorum set " + set))
	return sum[:tagSize]
}

// Paper gives the four lines in which a share is printed.
func (s Share) Paper() (text []string) {
	b := append(append([]byte{byte(s.Number)}, tag(s.Set)...), s.value[:]...)
	for i := range lines {
		line := b[i*lineBytes : (i+1)*lineBytes]
		text = append(text, paper.Write(append(line[:lineBytes:lineBytes], check(i, line))))
	}
	return text
}

func check(line int, b []byte) byte {
	return sha256.Sum256(append([]byte{'c', 'l', 'e', 'w', byte(line)}, b...))[0] //nolint:gosec // 0 to 3
}

// readPaper reads a share of a set as somebody typed it. The error says in
// which line to look, or that it is of another set-up. Whether it is the right
// one is told by its commitment.
func readPaper(set, text string) (s Share, err error) {
	if len(text) > 1000 {
		return s, errs.In("share", wordLength)
	}
	typed := paper.Letters(text)
	if len([]rune(typed)) != lines*lineSize {
		return s, errs.In("share", wordLength)
	}
	var all []byte
	for i := range lines {
		runes := []rune(typed)[i*lineSize : (i+1)*lineSize]
		b, ok := paper.Read(string(runes))
		if !ok || b[lineBytes] != check(i, b[:lineBytes]) {
			return s, errs.In("share", fmt.Sprintf("recovery.error.line%d", i+1))
		}
		all = append(all, b[:lineBytes]...)
	}
	if string(all[1:1+tagSize]) != string(tag(set)) {
		return s, errs.In("share", wordEarlier)
	}
	s.Set, s.Number = set, int(all[0])
	copy(s.value[:], all[1+tagSize:])
	return s, nil
}

// PaperText is Paper in one piece, to type in again.
func (s Share) PaperText() string { return strings.Join(s.Paper(), "\n") }
