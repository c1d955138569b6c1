// Package text makes what people type safe to keep without changing what
// they said. It never refuses a language, an emoji or a long name; it only
// mends bytes that no page, database or log can carry.
package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Clean mends free text of several lines: bytes that are not UTF-8 become
// U+FFFD, line ends become \n, and control characters (NUL among them) go.
// Direction marks stay: they are part of how some languages are written, and
// every page shows such text in an element of its own.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return '\n'
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

// Line mends text that belongs on one line: a place, a name, a number. Line
// ends become spaces, and direction overrides go, because in a single field
// their only use is to make one thing look like another.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case r >= '\u202A' && r <= '\u202E', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, Clean(s))
	return strings.Join(strings.Fields(s), " ")
}

// Blank says that s shows nothing: it is empty, or all of it is space, marks of
// direction and other characters that nobody sees.
func Blank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && !unicode.In(r, unicode.Cf, unicode.Cc, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
	}) < 0
}

// Fits says whether s has at most n characters, as people count them.
func Fits(s string, n int) bool { return utf8.RuneCountInString(s) <= n }

// Cut gives the first n characters of s, marked with … when something is missing.
func Cut(s string, n int) string {
	if Fits(s, n) {
		return s
	}
	r := []rune(s)
	return strings.TrimSpace(string(r[:n-1])) + "…"
}
