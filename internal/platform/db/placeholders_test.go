package db_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/clew-hotline/clew/internal/platform/db"
)

func TestRewrite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		``:                               ``,
		`$`:                              `$`,
		`$1`:                             `?1`,
		`$10$2`:                          `?10$2`, // no SQL has this; as PostgreSQL would read it, near enough
		`a = $2 AND b=$1`:                `a = ?2 AND b=?1`,
		`($1,$2)`:                        `(?1,?2)`,
		`'$1' "$2" $3`:                   `'$1' "$2" ?3`,
		`'it''s $1' $2`:                  `'it''s $1' ?2`,
		"-- $1\n$2":                      "-- $1\n?2",
		`/* $1 */ $2 /*`:                 `/* $1 */ ?2 /*`,
		`tab$1le $1`:                     `tab$1le ?1`,
		`$name $x1`:                      `$name $x1`,
		`'open $1`:                       `'open $1`,
		`é$1`:                            `é$1`,
		`a-$1--$2`:                       `a-?1--$2`,
		`$1/$2`:                          `?1/?2`,
		`x LIKE $1 || '%' ESCAPE '\' $2`: `x LIKE ?1 || '%' ESCAPE '\' ?2`,
	} {
		if got, _ := db.Rewrite(in); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

// TestRewriteProperty puts statements together from parts of which it knows
// what they become.
func TestRewriteProperty(t *testing.T) {
	t.Parallel()
	inside := rapid.StringMatching(`[ $0-9a-z?;-]{0,8}`)
	rapid.Check(t, func(t *rapid.T) {
		var in, want strings.Builder
		highest := 0
		for range rapid.IntRange(0, 12).Draw(t, "parts") {
			var part, becomes string
			switch rapid.IntRange(0, 5).Draw(t, "kind") {
			case 0:
				n := rapid.IntRange(1, 99).Draw(t, "n")
				highest = max(highest, n)
				part, becomes = fmt.Sprintf("$%d", n), fmt.Sprintf("?%d", n)
			case 1:
				part = "'" + strings.ReplaceAll(rapid.StringMatching(`[ $0-9a-z'"-]{0,8}`).Draw(t, "text"), "'", "''") + "'"
			case 2:
				part = `"` + strings.ReplaceAll(rapid.StringMatching(`[ $0-9a-z'"-]{0,8}`).Draw(t, "name"), `"`, `""`) + `"`
			case 3:
				part = "--" + inside.Draw(t, "comment") + "\n"
			case 4:
				part = "/*" + inside.Draw(t, "comment") + "*/"
			case 5:
				part = rapid.StringMatching(`[a-z_][a-z0-9_$]{0,6}|[0-9]{1,4}|[(),=<>|*+]`).Draw(t, "token")
			}
			if becomes == "" {
				becomes = part
			}
			in.WriteString(part + " ")
			want.WriteString(becomes + " ")
		}
		got, n := db.Rewrite(in.String())
		if got != want.String() || n != highest {
			t.Fatalf("%s\nbecame %s (%d)\nwant   %s (%d)", in.String(), got, n, want.String(), highest)
		}
	})
}

// FuzzRewrite: any text is rewritten without a panic, to the same length, and
// changes only a dollar into a question mark.
func FuzzRewrite(f *testing.F) {
	for _, seed := range []string{`$1 '$2' -- $3`, `"`, `/*`, `$99999999999999999999`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got, _ := db.Rewrite(in)
		if len(got) != len(in) {
			t.Fatalf("%q became %q", in, got)
		}
		for i := range len(in) {
			if got[i] != in[i] && (in[i] != '$' || got[i] != '?') {
				t.Fatalf("%q became %q", in, got)
			}
		}
	})
}
