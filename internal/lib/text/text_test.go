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
