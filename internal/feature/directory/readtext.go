package directory

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// textReader gives a file's bytes as UTF-8 while they come: a byte order mark is
// obeyed and taken off, and a line that is not UTF-8 is read as Windows-1252,
// which is what office programs write and which has a meaning for every byte. A
// file that two programs wrote has lines of both kinds.
type textReader struct {
	from  *bufio.Reader
	name  string
	rep   *Report
	wide  binary.ByteOrder // of UTF-16; nil if it is not that
	half  rune             // the first half of a pair
	line  int
	ready []byte
	began bool
	latin bool // said so already
	read  int64
	limit int64
	err   error
}

// errFileTooLarge ends a file that is longer than the limit.
var errFileTooLarge = errors.New("the file is larger than the limit")

// errWideText ends a file in UTF-32, which no program writes by itself.
var errWideText = errors.New("the text is UTF-32")

func newTextReader(name string, r io.Reader, limit int64, rep *Report) *textReader {
	return &textReader{from: bufio.NewReaderSize(r, 64<<10), name: name, rep: rep, line: 1, limit: limit}
}

// peek gives the beginning, as UTF-8, without taking it.
func (t *textReader) peek() []byte {
	if len(t.ready) == 0 && t.err == nil {
		t.fill()
	}
	return t.ready
}

func (t *textReader) Read(p []byte) (int, error) {
	for len(t.ready) == 0 {
		if t.err != nil {
			return 0, t.err
		}
		t.fill()
	}
	n := copy(p, t.ready)
	t.ready = t.ready[n:]
	return n, nil
}

func (t *textReader) fill() {
	if !t.began {
		t.began = true
		if t.mark(); t.err != nil {
			return
		}
	}
	if t.wide != nil {
		t.fill16()
	} else {
		t.fill8()
	}
	if t.err == nil && t.read > t.limit {
		t.err = errFileTooLarge
	}
}

// mark takes a byte order mark off the beginning.
func (t *textReader) mark() {
	head, _ := t.from.Peek(4)
	switch {
	case bytes.HasPrefix(head, []byte{0xff, 0xfe, 0, 0}), bytes.HasPrefix(head, []byte{0, 0, 0xfe, 0xff}):
		t.err = errWideText
		return
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, _ = t.from.Discard(3)
		return
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		t.wide = binary.LittleEndian
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		t.wide = binary.BigEndian
	case len(head) == 4 && head[0] != 0 && head[1] == 0 && head[2] != 0 && head[3] == 0: // without a mark, but no other text begins so
		t.wide = binary.LittleEndian
	case len(head) == 4 && head[0] == 0 && head[1] != 0 && head[2] == 0 && head[3] != 0:
		t.wide = binary.BigEndian
	default:
		return
	}
	if head[0] >= 0xfe {
		_, _ = t.from.Discard(2)
	}
	t.rep.add("encoding.utf16", t.name, 0, 0, "")
}

// fill8 takes the whole lines that are at hand, or as much of a long one as fits.
func (t *textReader) fill8() {
	b, err := t.from.Peek(t.from.Size())
	if end := bytes.LastIndexByte(b, '\n'); end >= 0 {
		b, err = b[:end+1], nil
	} else if err == nil {
		b = b[:len(b)-cutRune(b)]
	}
	t.read += int64(len(b))
	t.ready, t.err = t.lines(b), err
	_, _ = t.from.Discard(len(b)) // they are there
}

// cutRune is how many bytes at the end begin a character that goes on behind it.
func cutRune(b []byte) int {
	for n := 1; n < utf8.UTFMax && n < len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// lines copies lines, and reads those that are no UTF-8 as what they seem to be.
func (t *textReader) lines(b []byte) []byte {
	if utf8.Valid(b) {
		t.line += bytes.Count(b, []byte("\n"))
		return bytes.Clone(b)
	}
	var out []byte
	for line := range bytes.Lines(b) {
		if !utf8.Valid(line) {
			if !t.latin {
				t.latin = true
				t.rep.add("encoding.latin", t.name, t.line, 0, "")
			}
			mended, err := charmap.Windows1252.NewDecoder().Bytes(line)
			if err != nil {
				mended = bytes.ToValidUTF8(line, []byte("\uFFFD"))
			}
			line = mended
		}
		out = append(out, line...)
		t.line += bytes.Count(line, []byte("\n"))
	}
	return out
}

// fill16 takes as many units as are at hand.
func (t *textReader) fill16() {
	b, err := t.from.Peek(t.from.Size())
	b = b[:len(b)&^1]
	if len(b) == 0 {
		if t.err = err; err == nil {
			t.err = io.EOF
		}
		return
	}
	var out []byte
	for i := 0; i < len(b); i += 2 {
		r := rune(t.wide.Uint16(b[i:]))
		switch {
		case t.half != 0:
			out = utf8.AppendRune(out, utf16.DecodeRune(t.half, r))
			t.half = 0
		case r >= 0xd800 && r < 0xdc00:
			t.half = r
		default:
			out = utf8.AppendRune(out, r) // half of a pair alone becomes U+FFFD
		}
	}
	t.read += int64(len(b))
	t.ready = out
	_, _ = t.from.Discard(len(b))
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
