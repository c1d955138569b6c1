package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCleanKeepsWhatWasSaid(t *testing.T) {
	for in, want := range map[string]string{
		"":                     "",
		"  help me \r\n now\r": "help me \n now",
		"a\x00b\x07c":          "abc",
		"bad \xff byte":        "bad \uFFFD byte",
		"👩‍👧 помогите 救命 ساعدوني":   "👩‍👧 помогите 救命 ساعدوني",
		"'; DROP TABLE contacts;--": "'; DROP TABLE contacts;--",
		"{{.Secret}} <b>":           "{{.Secret}} <b>",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := Line("gnp\u202egpj.exe\nnext"); got != "gnpgpj.exe next" {
		t.Errorf("Line kept an override: %q", got)
	}
	if got := Cut("abcdef", 4); got != "abc…" {
		t.Errorf("Cut = %q", got)
	}
}

func TestCleanTextCanAlwaysBeStored(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Clean(string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")))
		if !utf8.ValidString(s) || Clean(s) != s {
			t.Fatalf("not clean: %q", s)
		}
		if strings.ContainsFunc(Line(s), unicode.IsControl) {
			t.Fatalf("control character in a line: %q", s)
		}
	})
}

func TestBlankIsWhatNobodySees(t *testing.T) {
	for s, want := range map[string]bool{
		"": true, "\u00a0\u2003": true, "\u200b\u200d\ufeff": true, "\u202e\u2066": true, "\u3164": true, "\ufe0f": true,
		"?": false, "\u200bx": false, "🆘": false, "\ufffd": false, "ا": false,
	} {
		if Blank(s) != want {
			t.Errorf("Blank(%q) = %t", s, !want)
		}
	}
}

// Whatever bytes come in, what is kept can be kept and stays as it is when it
// is mended again.
func FuzzClean(f *testing.F) {
	f.Add("a\r\nb\x00\xff\u202e")
	f.Add(" \u2066 x ")
	f.Fuzz(func(t *testing.T, s string) {
		for name, mend := range map[string]func(string) string{"Clean": Clean, "Line": Line} {
			once := mend(s)
			if !utf8.ValidString(once) || strings.ContainsRune(once, 0) || mend(once) != once {
				t.Fatalf("%s(%q) = %q, and again %q", name, s, once, mend(once))
			}
		}
		if cut := Cut(s, 10); !Fits(cut, 10) {
			t.Fatalf("Cut(%q) = %q", s, cut)
		}
	})
}
