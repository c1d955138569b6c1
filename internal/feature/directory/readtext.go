package directory

import (
	"bytes"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// decode gives a file's bytes as UTF-8: a byte order mark is obeyed and taken
// off, and what is not UTF-8 is read as Windows-1252, which is what office
// programs write and which has a meaning for every byte.
func decode(name string, b []byte, rep *Report) []byte {
	switch {
	case bytes.HasPrefix(b, []byte{0xef, 0xbb, 0xbf}):
		b = b[3:]
	case bytes.HasPrefix(b, []byte{0xff, 0xfe}), bytes.HasPrefix(b, []byte{0xfe, 0xff}):
		rep.add("encoding.utf16", name, 0, 0, "")
		return decode16(b)
	}
	if utf8.Valid(b) {
		return b
	}
	line := 1
	for rest := b; len(rest) > 0; {
		r, n := utf8.DecodeRune(rest)
		if r == utf8.RuneError && n == 1 {
			break
		}
		if r == '\n' {
			line++
		}
		rest = rest[n:]
	}
	rep.add("encoding.latin", name, line, 0, "")
	out, err := charmap.Windows1252.NewDecoder().Bytes(b)
	if err != nil {
		return bytes.ToValidUTF8(b, []byte("\uFFFD"))
	}
	return out
}

func decode16(b []byte) []byte {
	little := b[0] == 0xff
	b = b[2:]
	units := make([]uint16, 0, len(b)/2)
	for i := 0; i+1 < len(b); i += 2 {
		if little {
			units = append(units, uint16(b[i])|uint16(b[i+1])<<8)
		} else {
			units = append(units, uint16(b[i+1])|uint16(b[i])<<8)
		}
	}
	return []byte(string(utf16.Decode(units)))
}

// unsafeRune finds what has no business in a record: control characters, and
// the marks that turn text around so that it reads as something else.
func unsafeRune(r rune) bool {
	switch {
	case r == '\n', r == '\t', r == '\r':
		return false
	case r < 0x20, r == 0x7f, r >= 0x80 && r < 0xa0:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	case r == 0xfeff, r == 0xfffe, r == 0xffff:
		return true
	}
	return false
}

// clean takes unsafe characters out and the white space off the ends.
func clean(s string) (string, bool) {
	changed := false
	if strings.IndexFunc(s, unsafeRune) >= 0 {
		changed = true
		s = strings.Map(func(r rune) rune {
			if unsafeRune(r) {
				return -1
			}
			return r
		}, s)
	}
	return strings.TrimSpace(s), changed
}
