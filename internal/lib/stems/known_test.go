package stems

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A cutter that remembers gives what a new one gives, also of words that begin
// alike or are as long as its two numbers hold, or longer.
func TestWhatIsRememberedIsWhatItWas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var c Cutter
		word := rapid.Custom(func(t *rapid.T) string {
			const long = "internationalisationabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"
			w := long[:rapid.IntRange(1, len(long)).Draw(t, "long")]
			return w + rapid.SampledFrom([]string{"", "s", "é", "9", "ing", "'s"}).Draw(t, "ending")
		})
		for range 30 {
			text := strings.Join(rapid.SliceOfN(word, 0, 12).Draw(t, "words"), " ")
			if rapid.Bool().Draw(t, "in Spanish") {
				text = "la casa de los que van a " + text
			}
			var got []string
			numbers := map[string]int{}
			c.Each(text, func(stem string, n int) {
				got = append(got, stem)
				if have, ok := numbers[stem]; ok && have != n {
					t.Fatalf("%q has two numbers", stem)
				}
				numbers[stem] = n
			})
			if want := Of(text); !slices.Equal(got, want) {
				t.Fatalf("%q gives %q, want %q", text, got, want)
			}
		}
	})
}

func BenchmarkCutter(b *testing.B) {
	text := strings.Repeat("Emergency shelter and legal advice for families and young people who were made to work, with interpreters and a garden. ", 4)
	var c Cutter
	n := 0
	for b.Loop() {
		c.Each(text, func(string, int) { n++ })
	}
	b.ReportMetric(float64(n)/float64(b.N), "words/op")
}
