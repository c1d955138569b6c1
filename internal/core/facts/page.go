package facts

import (
	"crypto/sha256"
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// A month's facts of one kind are kept on pages, as sorted lines with the
// number of each. Which page a line is on follows from its hash: a page that
// has grown too long is split in two by the next bit. So neither the rows of
// the database nor the lines on a page keep the order in which facts came,
// and an append writes one page, however large the month.
//
// A row for each line would have been simpler. But an engine keeps rows, or
// marks them, in the order of writing; most lines are written once; and the
// contacts beside them are marked in the same order.
const (
	pageLines = 256
	maxBits   = 40 // beyond it a page grows, which no real month reaches
)

// delta is a change to one line.
type delta struct {
	bits, line string
	n          int
}

// bits spells the beginning of a line's hash in 0 and 1.
func bits(line string) string {
	sum := sha256.Sum256([]byte(line))
	var b [maxBits]byte
	for i := range b {
		b[i] = '0' + sum[i/8]>>(7-i%8)&1
	}
	return string(b[:])
}

// page is what stands on one page, and its name: the bits that all hashes of
// its lines begin with.
type page struct {
	name  string
	lines map[string]int
}

// text is the page as it is kept. The same lines give the same text.
func (p page) text() string {
	lines := make([]string, 0, len(p.lines))
	size := 0
	for line := range p.lines {
		lines = append(lines, line)
		size += len(line) + 8
	}
	sort.Strings(lines)
	var b strings.Builder
	b.Grow(size)
	for _, line := range lines {
		b.WriteString(strconv.Itoa(p.lines[line]))
		b.WriteByte(' ')
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return b.String()
}

// readPage is the reverse of text.
func readPage(name, text string) (page, error) {
	p := page{name, make(map[string]int, strings.Count(text, "\n")+1)}
	err := eachLine(text, func(line string, n int) { p.lines[line] = n })
	return p, err
}

func eachLine(text string, fn func(line string, n int)) error {
	for text != "" {
		row, rest, ok := strings.Cut(text, "\n")
		count, line, spaced := strings.Cut(row, " ")
		n, err := strconv.Atoi(count)
		if !ok || !spaced || err != nil {
			return fmt.Errorf("facts: a page does not have the form of one")
		}
		fn(line, n)
		text = rest
	}
	return nil
}

// split gives the pages that this one becomes: itself, if it is short enough.
func (p page) split() []page {
	if len(p.lines) <= pageLines || len(p.name) >= maxBits {
		return []page{p}
	}
	zero := page{p.name + "0", map[string]int{}}
	one := page{p.name + "1", map[string]int{}}
	for line, n := range p.lines {
		if bits(line)[len(p.name)] == '0' {
			zero.lines[line] = n
		} else {
			one.lines[line] = n
		}
	}
	return append(zero.split(), one.split()...)
}
