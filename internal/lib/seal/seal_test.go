package seal

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func place(t *rapid.T) Place {
	s := rapid.StringN(0, 8, 12)
	return Place{
		s.Draw(t, "agency"), s.Draw(t, "record"), s.Draw(t, "table"), s.Draw(t, "row"),
		rapid.IntRange(0, 3).Draw(t, "schema"), rapid.IntRange(0, 3).Draw(t, "epoch"),
	}
}

func TestFieldOpensOnlyInItsPlace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := NewKey()
		here, there := place(t), place(t)
		plain := rapid.SliceOfN(rapid.Byte(), 0, 5000).Draw(t, "plain")
		sealed := k.Seal(here, plain)
		got, err := k.Open(here, sealed)
		if err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("did not come back: %v", err)
		}
		if _, err := k.Open(there, sealed); (err == nil) != (here == there) {
			t.Fatalf("sealed for %+v, opened for %+v: %v", here, there, err)
		}
		if _, err := NewKey().Open(here, sealed); !errors.Is(err, ErrSealed) {
			t.Fatal("another key opened it")
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "flip")
		sealed[i] ^= 1
		if _, err := k.Open(here, sealed); err == nil {
			t.Fatal("a changed byte was not noticed")
		}
	})
}

func TestSealedToSomebodyOpensOnlyForThemAndThere(t *testing.T) {
	alice, _ := NewPair()
	bob, _ := NewPair()
	rapid.Check(t, func(t *rapid.T) {
		here, there := place(t), place(t)
		plain := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "plain")
		sealed, err := To(alice.Public(), here, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := alice.Open(here, sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("did not come back: %v", err)
		}
		if _, err := bob.Open(here, sealed); err == nil {
			t.Fatal("Bob opened Alice's")
		}
		if _, err := alice.Open(there, sealed); (err == nil) != (here == there) {
			t.Fatal("opened in the wrong place")
		}
		wrapped, _ := Wrap(alice.Public(), here, "alice", plain)
		if _, err := alice.Unwrap(here, "bob", wrapped); err == nil {
			t.Fatal("a wrap for Alice passed as one for Bob")
		}
		if _, err := alice.Open(here, wrapped); err == nil && len(plain) > 4 {
			t.Fatal("a wrap passed as a value")
		}
	})
}

func TestLengthShowsOnlyASize(t *testing.T) {
	k := NewKey()
	yes := k.Seal(Place{}, []byte("yes"))
	more := k.Seal(Place{}, bytes.Repeat([]byte("x"), 250))
	if len(yes) != len(more) {
		t.Errorf("3 and 250 bytes seal to %d and %d", len(yes), len(more))
	}
}

func TestPairComesBackFromItsSeed(t *testing.T) {
	p, _ := NewPair()
	q, err := PairFromSeed(p.Seed())
	if err != nil || !bytes.Equal(p.Public().Bytes(), q.Public().Bytes()) {
		t.Fatal("the same seed gave another pair")
	}
	if _, err := PairFromSeed([]byte("short")); err == nil {
		t.Error("a short seed was taken")
	}
	if _, err := ParsePublic([]byte("no key")); err == nil {
		t.Error("nonsense was taken for a public key")
	}
}

func TestCodeReadsAsPeopleTypeIt(t *testing.T) {
	c := NewCode()
	for _, typed := range []string{c.String(), c.Lookup + c.Secret, " " + c.String() + "\n", c.Lookup + "-" + c.Secret} {
		got, ok := ParseCode(typed)
		if !ok || got != c {
			t.Errorf("%q was not read", typed)
		}
	}
	if got, ok := ParseCode("٠١٢٣ ٤٥٦٧ ٨٩٠١ ٢٣٤٥ ٦٧٨٩"); !ok || got.String() != "0123 4567 8901 2345 6789" {
		t.Errorf("Arabic digits: %v %v", got, ok)
	}
	for _, wrong := range []string{"", "123", "abcd efgh ijkl mnop qrst", c.String() + "1"} {
		if _, ok := ParseCode(wrong); ok {
			t.Errorf("%q was taken for a code", wrong)
		}
	}
}

func FuzzParseCode(f *testing.F) {
	f.Add("0123 4567 8901 2345 6789")
	f.Add("\u202e𝟬𝟭𝟮")
	f.Fuzz(func(t *testing.T, s string) {
		if c, ok := ParseCode(s); ok {
			if again, ok := ParseCode(c.String()); !ok || again != c {
				t.Fatalf("%q reads as %v, which does not read as itself", s, c)
			}
		}
	})
}

func TestStretchIsBoundToItsSalt(t *testing.T) {
	UseCheapCosts()
	ctx := context.Background()
	c := NewCost()
	stored, err := ParseCost(c.Encode())
	if err != nil {
		t.Fatal(err)
	}
	a, _ := Stretch(ctx, Door, "a phrase", c)
	b, _ := Stretch(ctx, Door, "a phrase", stored)
	d, _ := Stretch(ctx, Door, "a phrase", NewCost())
	if !bytes.Equal(a, b) || bytes.Equal(a, d) {
		t.Error("the salt does not decide")
	}
	if _, err := ParseCost(`{"m":99999999,"t":1,"p":1,"s":"AAAAAAAAAAAAAAAAAAAAAA=="}`); err == nil {
		t.Error("an absurd cost was taken")
	}
}

func BenchmarkWrap(b *testing.B) {
	p, _ := NewPair()
	k := NewKey()
	for b.Loop() {
		if _, err := Wrap(p.Public(), Place{}, "x", k[:]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRecordPair(b *testing.B) {
	k := NewKey()
	for b.Loop() {
		if _, err := k.Pair(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkField4K(b *testing.B) {
	k := NewKey()
	plain := make([]byte, 4000)
	for b.Loop() {
		k.Seal(Place{}, plain)
	}
}

// What was not sealed here does not open, and breaks nothing.
func FuzzOpen(f *testing.F) {
	k := NewKey()
	p, err := NewPair()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(k.Seal(Place{}, []byte("x"))[1:], "{}")
	f.Add([]byte{format}, NewCost().Encode())
	f.Fuzz(func(t *testing.T, sealed []byte, cost string) {
		if _, err := k.Open(Place{}, sealed); err == nil {
			t.Fatal("opened")
		}
		if _, err := p.Open(Place{}, sealed); err == nil {
			t.Fatal("opened")
		}
		if _, err := p.Unwrap(Place{}, "x", sealed); err == nil {
			t.Fatal("unwrapped")
		}
		if public, err := ParsePublic(sealed); err == nil && !bytes.Equal(public.Bytes(), sealed) {
			t.Fatal("another public half was read")
		}
		if c, err := ParseCost(cost); err == nil && (c.MemoryKiB > 1<<20 || len(c.Salt) < 16) {
			t.Fatalf("took %+v", c)
		}
	})
}
