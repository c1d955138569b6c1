package directory

import (
	"strings"
	"unicode/utf8"
)

// A cell that begins like a formula is run as one by programs that show tables:
// a name in our directory must not send somebody's file elsewhere. So what we
// write into a table has a quote before it, which such programs hide, and what
// we read from one has it taken off again.

// formula says whether a cell would be run. A phone number or a coordinate
// begins with a sign and is none. Where people write with wide letters, a wide
// sign begins a formula, too.
func formula(cell string) bool {
	begin, _ := utf8.DecodeRuneInString(cell)
	switch begin {
	case '=', '@', '＝', '＠', '\t', '\r', '\n':
		return true
	case '+', '-', '＋', '－':
		return strings.Trim(cell, "+-0123456789 ().,/\u00a0") != ""
	}
	return false
}

func guard(cell string) string {
	if formula(cell) || guarded(cell) {
		return "'" + cell
	}
	return cell
}

// guarded says whether a cell has that quote. One that had it before gets a
// second.
func guarded(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != cell && formula(rest)
}
