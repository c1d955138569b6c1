package app

import (
	"fmt"
	"io"
	"time"
)

// tellEvery is how often long work says that it is still at it.
const tellEvery = 5 * time.Second

// telling says now and then how far long work has come.
type telling struct {
	out   io.Writer
	last  time.Time
	bytes int64
}

// due says whether it is time to say something. Short work says nothing.
func (t *telling) due() bool {
	now := time.Now()
	if t.last.IsZero() {
		t.last = now
	}
	if now.Sub(t.last) < tellEvery {
		return false
	}
	t.last = now
	return true
}

func (t *telling) rows(part string, n int64) {
	if t.due() {
		fmt.Fprintf(t.out, "%s: %d rows so far\n", part, n)
	}
}

// counted is a file whose bytes are told.
type counted struct {
	io.WriteCloser

	told *telling
}

// Write writes, and tells.
func (c counted) Write(p []byte) (int, error) {
	n, err := c.WriteCloser.Write(p)
	c.told.bytes += int64(n)
	if c.told.due() {
		fmt.Fprintf(c.told.out, "%s so far\n", bytesInWords(c.told.bytes))
	}
	return n, err
}

func bytesInWords(n int64) string {
	switch {
	case n >= 1e9:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	case n >= 1e6:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f kB", max(1, float64(n)/1e3))
}
