package quorum

import (
	"bytes"
	"strings"
	"testing"

	"github.com/cloudflare/circl/group"
	"github.com/cloudflare/circl/math/polynomial"
	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/ids"
)

func drawSet(t *rapid.T) (k, n int) {
	n = rapid.IntRange(Least, Most).Draw(t, "n")
	return rapid.IntRange(Least, n).Draw(t, "k"), n
}

func some(t *rapid.T, shares []Share, n int) []Share {
	return rapid.Permutation(shares).Draw(t, "whose")[:n]
}

func TestAnyOfThemEnoughGiveTheKey(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, n := drawSet(t)
		pair, shares, err := deal(ids.New(), k, n)
		if err != nil {
			t.Fatal(err)
		}
		got, err := combine(k, some(t, shares, rapid.IntRange(k, n).Draw(t, "how many")))
		if err != nil || !bytes.Equal(got.Seed(), pair.Seed()) {
			t.Fatalf("%d of %d did not give the key: %v", k, n, err)
		}
		if _, err := combine(k, some(t, shares, k-1)); err == nil {
			t.Fatal("one fewer was enough")
		}
		if _, err := combine(k, append(some(t, shares, k-1), shares[0], shares[0])); err == nil {
			t.Fatal("a share counted twice")
		}
	})
}

// Two shares of three say nothing: whatever secret one may think of, there is a
// third share that makes exactly that secret of them. So no secret is more
// likely than another for who holds them.
func TestOneFewerFitsEverySecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k, n := drawSet(t)
		_, shares, err := deal(ids.New(), k, n)
		if err != nil {
			t.Fatal(err)
		}
		held := some(t, shares, k-1)
		secret := field.HashToScalar(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "secret"), []byte("test"))
		want, err := pairOf(secret)
		if err != nil {
			t.Fatal(err)
		}
		// The line through what they hold and the secret at zero meets the number of
		// an officer whose share they do not hold in that officer's would-be share.
		x, y := []group.Scalar{field.NewScalar()}, []group.Scalar{secret}
		free := 0
		for number := 1; number <= n; number++ {
			mine := false
			for _, s := range held {
				mine = mine || s.Number == number
			}
			if !mine {
				free = number
			}
		}
		for _, s := range held {
			value := field.NewScalar()
			if err := value.UnmarshalBinary(s.value[:]); err != nil {
				t.Fatal(err)
			}
			x, y = append(x, field.NewScalar().SetUint64(uint64(s.Number))), append(y, value)
		}
		third := Share{Set: held[0].Set, Number: free}
		if err := third.take(polynomial.NewLagrangePolynomial(x, y).Evaluate(field.NewScalar().SetUint64(uint64(free)))); err != nil {
			t.Fatal(err)
		}
		got, err := combine(k, append(held, third))
		if err != nil || !bytes.Equal(got.Seed(), want.Seed()) {
			t.Fatalf("%d shares of %d rule a secret out: %v", k-1, k, err)
		}
		if third.is(shares[free-1].commitment()) {
			t.Fatal("a made-up share passed for the right one")
		}
	})
}

func TestAShareIsReadFromPaper(t *testing.T) {
	_, shares, err := deal("a set", 3, 5)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.SampledFrom(shares).Draw(t, "share")
		text := s.PaperText()
		for _, typed := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "\n", " "), strings.ReplaceAll(text, "-", "")} {
			if got, err := readPaper("a set", typed); err != nil || got != s {
				t.Fatalf("%q was not read: %v", typed, err)
			}
		}
		if _, err := readPaper("another set", text); errs.Of(err).Word != wordEarlier {
			t.Fatalf("a share of an earlier set-up: %v", err)
		}
		line := rapid.IntRange(0, lines-1).Draw(t, "line")
		written := s.Paper()
		if _, err := readPaper("a set", strings.Join(written[:line], " ")); errs.Of(err).Word != wordLength {
			t.Fatalf("too few lines: %v", err)
		}
		// Two lines in the wrong order are found by their checks, or by the commitment.
		other := (line + 1) % lines
		written[line], written[other] = written[other], written[line]
		if got, err := readPaper("a set", strings.Join(written, " ")); err == nil && got.is(s.commitment()) {
			t.Fatal("two lines changed places and nobody noticed")
		}
	})
}

// A letter that was misread is told with its line. One check in 256 lets it
// through; then the commitment finds it.
func TestAMisreadLetterIsFound(t *testing.T) {
	_, shares, err := deal("a set", 2, 2)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(strings.ReplaceAll(shares[0].PaperText(), "\n", ""), "-", "")
	named := 0
	for i := range len(text) {
		other := byte('A')
		if text[i] == other {
			other = 'B'
		}
		got, err := readPaper("a set", text[:i]+string(other)+text[i+1:])
		switch {
		case err == nil && got.is(shares[0].commitment()):
			t.Errorf("letter %d was misread and nobody noticed", i)
		case err != nil && errs.Of(err).Word == "recovery.error.line"+string(rune('1'+i/lineSize)):
			named++
		}
	}
	if named < len(text)-4 {
		t.Errorf("the line was named %d times of %d", named, len(text))
	}
}

func FuzzReadPaper(f *testing.F) {
	_, shares, err := deal("a set", 2, 2)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(shares[0].PaperText())
	f.Add("ÅÅÅÅ-\x00\u202e")
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := readPaper("a set", text); err == nil {
			if again, err := readPaper("a set", s.PaperText()); err != nil || again != s {
				t.Fatalf("%q reads as a share that does not read as itself", text)
			}
		}
	})
}
