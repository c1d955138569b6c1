package paper

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestWhatIsWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 1, 60).Draw(t, "bytes")
		written := Write(b)
		for _, typed := range []string{
			written, strings.ToLower(written), strings.ReplaceAll(written, "-", " "), strings.ReplaceAll(written, "-", ""),
			strings.ReplaceAll(written, "0", "o"), strings.ReplaceAll(written, "1", "l"), "\n" + written + " \u200f",
		} {
			got, ok := Read(Letters(typed))
			if !ok || !bytes.Equal(got, b) {
				t.Fatalf("%q was not read from %q", written, typed)
			}
		}
	})
}

func FuzzRead(f *testing.F) {
	f.Add("ABCD-0123")
	f.Add("ÅÅÅ\x00")
	f.Fuzz(func(t *testing.T, text string) {
		if b, ok := Read(Letters(text)); ok && Letters(Write(b)) != Letters(text) {
			t.Fatalf("%q reads as %x, which is written otherwise", text, b)
		}
	})
}
