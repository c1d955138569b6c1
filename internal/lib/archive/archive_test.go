package archive

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the expected files anew")

// testKey signs in tests: the seed is the bytes 0 to 31.
func testKey() ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	for i := range seed {
		seed[i] = byte(i)
	}
	return ed25519.NewKeyFromSeed(seed)
}

type content struct {
	Table Table
	Rows  [][]any
}

func example() []content {
	return []content{
		{Table{"beds", []Column{{"id", Text}, {"free", Bigint}, {"sealed", Bytea}}}, [][]any{
			{"a", int64(3), []byte{0, 1, 0xff}}, {"łóżko", int64(-1), nil}, {"", int64(math.MinInt64), []byte{}},
		}},
		{Table{"empty", []Column{{"id", Text}}}, nil},
		{Table{"notes", []Column{{"id", Bigint}, {"text", Text}}}, [][]any{{int64(1), nil}, {int64(math.MaxInt64), strings.Repeat("long ", 40)}}},
	}
}

var exampleHeader = Header{
	ID: "aaaaaaaaaaaaaaaaaaaaaaaaaa", Part: "content", Made: time.Date(2026, 11, 23, 14, 5, 9, 0, time.UTC),
	Program: "example", Schema: map[string]int64{"beds": 2, "notes": 1}, LeftOut: []string{"sessions"},
}

func write(tables []content, h Header) ([]byte, error) {
	var b bytes.Buffer
	w, err := NewWriter(&b, h, testKey())
	if err != nil {
		return nil, err
	}
	for _, c := range tables {
		if err := w.Table(c.Table); err != nil {
			return nil, err
		}
		for _, row := range c.Rows {
			if err := w.Row(row); err != nil {
				return nil, err
			}
		}
	}
	_, err = w.Close()
	return b.Bytes(), err
}

func read(b io.Reader) (tables []content, h Header, err error) {
	r, err := NewReader(b)
	if err != nil {
		return nil, h, err
	}
	for {
		t, err := r.NextTable()
		if errors.Is(err, io.EOF) {
			return tables, r.Header(), nil
		}
		if err != nil {
			return nil, h, err
		}
		c := content{Table: t}
		for {
			row, err := r.Row()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return nil, h, err
			}
			c.Rows = append(c.Rows, row)
		}
		tables = append(tables, c)
	}
}

// TestFormat1 holds the example that others test against: these tables are
// these bytes, for as long as there is format 1.
func TestFormat1(t *testing.T) {
	t.Parallel()
	b, err := write(example(), exampleHeader)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("testdata", "format1.txt")
	if *update {
		page := "# Format 1: the tables of example() in archive_test.go, signed with the seed 00 01 … 1f, as hexadecimal digits.\n"
		for line := range chunks(hex.EncodeToString(b), 96) {
			page += line + "\n"
		}
		if err := os.WriteFile(path, []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := vector(t)
	if !bytes.Equal(b, want) {
		t.Fatalf("the writer writes another format:\n%x", b)
	}
	got, h, err := read(bytes.NewReader(want))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(example(), got); diff != "" {
		t.Error(diff)
	}
	signed := exampleHeader
	signed.Signer = testKey().Public().(ed25519.PublicKey)
	if diff := cmp.Diff(signed, h); diff != "" {
		t.Error(diff)
	}
	if f := Fingerprint(signed.Signer); f != "67ff-15f3-8040-85a9-a07f-1748-1aa6-e2c3" {
		t.Errorf("fingerprint %s", f)
	}
}

func chunks(s string, size int) func(func(string) bool) {
	return func(yield func(string) bool) {
		for len(s) > 0 {
			n := min(size, len(s))
			if !yield(s[:n]) {
				return
			}
			s = s[n:]
		}
	}
}

func vector(t testing.TB) []byte {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("testdata", "format1.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, digits, _ := strings.Cut(string(page), "\n")
	b, err := hex.DecodeString(strings.ReplaceAll(digits, "\n", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Whatever single byte is changed, left out or put in, and wherever the file
// is cut, nothing of it is taken to the end.
func TestEveryChangeIsFound(t *testing.T) {
	t.Parallel()
	whole := vector(t)
	refused := func(what string, b []byte) {
		t.Helper()
		_, _, err := read(bytes.NewReader(b))
		if !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range whole {
		refused(fmt.Sprintf("cut at %d", i), whole[:i])
		refused(fmt.Sprintf("without byte %d", i), append(bytes.Clone(whole[:i]), whole[i+1:]...))
		for _, bit := range []byte{1, 0x20, 0x80} {
			b := bytes.Clone(whole)
			b[i] ^= bit
			refused(fmt.Sprintf("byte %d", i), b)
		}
	}
	refused("with more at the end", append(bytes.Clone(whole), 0))
	refused("twice", append(bytes.Clone(whole), whole...))
	refused("nothing", nil)
}

// A length written longer than it has to be is a changed file, although it
// means the same.
func TestALengthHasOneForm(t *testing.T) {
	t.Parallel()
	whole := vector(t)
	at := bytes.Index(whole, []byte("R\x08")) // a row of eight bytes
	if at < 0 {
		at = bytes.IndexByte(whole, frameRow)
	}
	b := append(bytes.Clone(whole[:at+1]), whole[at+1]|0x80, 0)
	if _, _, err := read(bytes.NewReader(append(b, whole[at+2:]...))); !errors.Is(err, ErrDamaged) {
		t.Fatal(err)
	}
}

func TestAnotherKeyCannotSignInItsName(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	other := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	w, err := NewWriter(&b, exampleHeader, testKey())
	if err != nil {
		t.Fatal(err)
	}
	w.key = other
	if _, err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := read(&b); !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), "signature") {
		t.Fatal(err)
	}
}

func TestWhatIsNotATableIsNotWritten(t *testing.T) {
	t.Parallel()
	good := Column{"id", Text}
	for name, tables := range map[string][]content{
		"a name for SQL":      {{Table{`x"; DROP TABLE y`, []Column{good}}, nil}},
		"a column likewise":   {{Table{"x", []Column{{"a b", Text}}}, nil}},
		"another type":        {{Table{"x", []Column{{"id", "REAL"}}}, nil}},
		"no columns":          {{Table{"x", nil}, nil}},
		"out of order":        {{Table{"b", []Column{good}}, nil}, {Table{"a", []Column{good}}, nil}},
		"twice":               {{Table{"a", []Column{good}}, nil}, {Table{"a", []Column{good}}, nil}},
		"a value of no type":  {{Table{"a", []Column{good}}, [][]any{{1.5}}}},
		"of another type":     {{Table{"a", []Column{good}}, [][]any{{int64(1)}}}},
		"bytes for text":      {{Table{"a", []Column{good}}, [][]any{{[]byte("x")}}}},
		"one value too many":  {{Table{"a", []Column{good}}, [][]any{{"x", "y"}}}},
		"a row that is large": {{Table{"a", []Column{good}}, [][]any{{strings.Repeat("x", maxRow)}}}},
	} {
		if _, err := write(tables, exampleHeader); err == nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := NewWriter(io.Discard, exampleHeader, nil); err == nil {
		t.Error("an archive without a key was begun")
	}
}

func TestFingerprintsAreComparedAsTheyAreTyped(t *testing.T) {
	t.Parallel()
	f := Fingerprint(testKey().Public().(ed25519.PublicKey))
	for typed, same := range map[string]bool{
		f: true, strings.ToUpper(f): true, " " + strings.ReplaceAll(f, "-", "") + "\n": true, strings.ReplaceAll(f, "-", " "): true,
		f[:len(f)-1]: false, "": false,
	} {
		if SameFingerprint(typed, f) != same {
			t.Errorf("%q: not %v", typed, same)
		}
	}
}

// Any tables come back as they were.
func TestProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var tables []content
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9_]{0,20}`), 0, 6, rapid.ID).Draw(t, "names")
		last := ""
		for _, name := range names {
			if name <= last {
				continue
			}
			last = name
			c := content{Table: Table{Name: name}}
			types := rapid.SliceOfN(rapid.SampledFrom([]Type{Text, Bigint, Bytea}), 1, 8).Draw(t, "types")
			for i, kind := range types {
				c.Table.Columns = append(c.Table.Columns, Column{fmt.Sprintf("c%d", i), kind})
			}
			for range rapid.IntRange(0, 20).Draw(t, "rows") {
				row := make([]any, len(types))
				for i, kind := range types {
					row[i] = value(t, kind)
				}
				c.Rows = append(c.Rows, row)
			}
			tables = append(tables, c)
		}
		b, err := write(tables, exampleHeader)
		if err != nil {
			t.Fatal(err)
		}
		got, _, err := read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tables, got); diff != "" {
			t.Fatal(diff)
		}
	})
}

func value(t *rapid.T, kind Type) any {
	if rapid.IntRange(0, 9).Draw(t, "null") == 0 {
		return nil
	}
	switch kind {
	case Text:
		return rapid.String().Draw(t, "text")
	case Bigint:
		return rapid.Int64().Draw(t, "number")
	}
	return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
}

// Whatever bytes come, the reader neither fails badly nor takes what the
// writer would not have written.
func FuzzRead(f *testing.F) {
	f.Add(vector(f))
	f.Add([]byte(magic))
	f.Add([]byte("clew archive 2\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		tables, h, err := read(bytes.NewReader(b))
		if err != nil {
			return
		}
		if !bytes.Equal(h.Signer, testKey().Public().(ed25519.PublicKey)) {
			return // signed by somebody else, which is theirs to say
		}
		if diff := cmp.Diff(example(), tables); diff != "" {
			t.Fatal("another content under our signature", diff)
		}
	})
}
