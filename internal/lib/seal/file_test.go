package seal

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"pgregory.net/rapid"
)

func sealFile(t testing.TB, plain []byte) (FileKey, FileSum, []byte) {
	t.Helper()
	key, err := NewFileKey()
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s, err := key.SealFile(&out)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Write(plain); err != nil {
		t.Fatal(err)
	}
	sum, err := s.Close()
	if err != nil {
		t.Fatal(err)
	}
	return key, sum, out.Bytes()
}

func openFile(key FileKey, sum FileSum, sealed []byte) ([]byte, error) {
	if err := sum.Check(bytes.NewReader(sealed)); err != nil {
		return nil, err
	}
	r, err := key.OpenFile(sum, bytes.NewReader(sealed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

func TestAFileOpensWithItsKeyAlone(t *testing.T) {
	t.Parallel()
	for _, size := range []int{0, 1, fileStep - 1, fileStep, fileStep + 1, 3 * fileStep} {
		plain := bytes.Repeat([]byte{'p'}, size)
		key, sum, sealed := sealFile(t, plain)
		again, err := ParseFileKey(key.String())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := openFile(again, sum, sealed); err != nil || !bytes.Equal(got, plain) || sum.Size != int64(size) {
			t.Errorf("%d bytes came back as %d: %v", size, len(got), err)
		}
		other, _, _ := sealFile(t, plain)
		if _, err := openFile(other, sum, sealed); !errors.Is(err, ErrSealed) {
			t.Errorf("another file's key: %v", err)
		}
	}
}

// Two files that differ by little look alike on the disk.
func TestASizeIsNotTold(t *testing.T) {
	t.Parallel()
	_, a, _ := sealFile(t, make([]byte, 1))
	_, b, _ := sealFile(t, make([]byte, fileStep))
	if a.Sealed != b.Sealed {
		t.Errorf("%d and %d bytes are kept as %d and %d", a.Size, b.Size, a.Sealed, b.Sealed)
	}
}

// Whatever is cut off, changed, added or put in its place, nothing is shown.
func TestAFileThatWasTouchedDoesNotOpen(t *testing.T) {
	t.Parallel()
	key, sum, whole := sealFile(t, bytes.Repeat([]byte("story "), 30_000))
	_, _, other := sealFile(t, bytes.Repeat([]byte("other "), 30_000))
	rapid.Check(t, func(t *rapid.T) {
		at := rapid.IntRange(0, len(whole)-1).Draw(t, "at")
		flipped := bytes.Clone(whole)
		flipped[at] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		for name, b := range map[string][]byte{
			"flipped": flipped, "cut": whole[:at], "longer": append(bytes.Clone(whole), whole[at]), "another": other,
			"joined": append(bytes.Clone(whole[:at]), other[at:]...),
		} {
			if name == "joined" && bytes.Equal(b, whole) {
				continue
			}
			if got, err := openFile(key, sum, b); !errors.Is(err, ErrSealed) || len(got) > 0 {
				t.Fatalf("%s at %d: %d bytes, %v", name, at, len(got), err)
			}
		}
	})
}

// What age finds by itself is told the same way.
func TestWithoutTheCheckAgeStillRefuses(t *testing.T) {
	t.Parallel()
	key, sum, whole := sealFile(t, bytes.Repeat([]byte("x"), 3*fileStep))
	r, err := key.OpenFile(sum, bytes.NewReader(whole[:len(whole)-fileStep]))
	if err == nil {
		_, err = io.ReadAll(r)
	}
	if !errors.Is(err, ErrSealed) {
		t.Errorf("a file that was cut: %v", err)
	}
}

func FuzzParseFileKey(f *testing.F) {
	key, err := NewFileKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(key.String())
	f.Add("AGE-SECRET-KEY-1")
	f.Fuzz(func(t *testing.T, s string) {
		k, err := ParseFileKey(s)
		if err != nil {
			return
		}
		if again, err := ParseFileKey(k.String()); err != nil || again.String() != k.String() {
			t.Errorf("a key that was read is another when it is read again: %v", err)
		}
	})
}
