// Package phrases looks for phrases in long texts: what a rule that reads a
// service's description asks of each of ten thousand texts.
//
// A rule is a regular expression. Most texts hold none of the words that it is
// about, and to find that out a machine of states steps through them letter by
// letter. So each rule keeps, worked out from the expression itself, pieces of
// text of which one is in whatever it matches; a text without any of them is
// done with at the speed of a search for bytes.
//
// It promises the answers of the expression, upper and lower case alike, and
// nothing else: a test compares them on texts of all kinds.
package phrases

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
)

// Rule finds phrases. It may be used by many at once.
type Rule struct {
	whole *regexp.Regexp
	has   []string // one of these is in what matches; none: the expression alone knows
}

// Any makes a rule for words or phrases, each an expression of its own: one
// of them stands in the text, with word boundaries around it.
func Any(alternatives ...string) *Rule {
	return MustCompile(`\b(` + strings.Join(alternatives, "|") + `)\b`)
}

// MustCompile makes a rule of an expression, which takes upper case for lower.
// It panics where there is no such expression, so it is for those in the source.
func MustCompile(expression string) *Rule {
	expression = "(?i)" + expression
	parsed, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		panic(err)
	}
	return &Rule{whole: regexp.MustCompile(expression), has: pieces(parsed)}
}

// In says whether a phrase of the rule is in a text.
func (r *Rule) In(t Text) bool {
	if len(r.has) == 0 {
		return r.whole.MatchString(t.text)
	}
	for _, piece := range r.has {
		if strings.Contains(t.folded, piece) {
			return r.whole.MatchString(t.text)
		}
	}
	return false
}

// Text is one that several rules look into.
type Text struct{ text, folded string }

// Read prepares a text.
func Read(text string) Text { return Text{text, strings.Map(fold, text)} }

// fold gives the one letter that stands for all that differ in case alone, as
// the expressions take it: also the long s for an s, the kelvin sign for a k.
func fold(r rune) rune {
	if r < unicode.MaxASCII {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// pieces are texts of which one is in whatever an expression matches, folded;
// nil if there are no such texts.
func pieces(e *syntax.Regexp) []string {
	switch e.Op {
	case syntax.OpLiteral:
		return []string{strings.Map(fold, string(e.Rune))}
	case syntax.OpCapture, syntax.OpPlus:
		return pieces(e.Sub[0])
	case syntax.OpRepeat:
		if e.Min > 0 {
			return pieces(e.Sub[0])
		}
	case syntax.OpConcat:
		var best []string
		for _, part := range e.Sub {
			if p := pieces(part); shortest(p) > shortest(best) {
				best = p
			}
		}
		return best
	case syntax.OpAlternate:
		var all []string
		for _, way := range e.Sub {
			p := pieces(way)
			if p == nil {
				return nil
			}
			all = append(all, p...)
		}
		return all
	}
	return nil
}

// shortest is the length of the piece that says least; 0 if there is none.
func shortest(pieces []string) int {
	n := 0
	for i, p := range pieces {
		if i == 0 || len(p) < n {
			n = len(p)
		}
	}
	return n
}
