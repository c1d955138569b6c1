package recovery

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/core/quorum"
	"github.com/clew-hotline/clew/internal/lib/i18n"
	"github.com/clew-hotline/clew/internal/platform/web/desk"
)

func TestEveryLanguageIsComplete(t *testing.T) {
	for _, problem := range i18n.Check(Words) {
		t.Error(problem)
	}
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range i18n.CheckPages(words, pages) {
		t.Error(problem)
	}
	for _, why := range quorum.Whys {
		if !words.Has("recovery.why." + why) {
			t.Errorf("no text for the reason %s", why)
		}
	}
	for _, s := range []quorum.State{quorum.Done, quorum.Cancelled, quorum.Expired, quorum.Failed} {
		if !words.Has("recovery.end." + string(s)) {
			t.Errorf("no text for the end %s", s)
		}
	}
	for _, l := range i18n.Languages()[1:] {
		for _, key := range []string{"recovery.hint", "recovery.told", "recovery.can.call", "recovery.error.line3", "recovery.paper.hint"} {
			if words.For(l.Code).T(key) == words.For("en").T(key) {
				t.Errorf("%s: %s is in English", l.Code, key)
			}
		}
	}
}

// Whatever core/quorum says is wrong has words here.
func TestEveryErrorHasWords(t *testing.T) {
	words, err := i18n.Load(desk.Words, Words)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../core/quorum/*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			lit, ok := n.(*ast.BasicLit)
			if !ok || lit.Kind != token.STRING {
				return true
			}
			key, err := strconv.Unquote(lit.Value)
			if err != nil || !strings.HasPrefix(key, "recovery.error.") || key == "recovery.error." {
				return true
			}
			found++
			if key = strings.ReplaceAll(key, "%d", "1"); !words.Has(key) {
				t.Errorf("%s says %s, which has no words", name, key)
			}
			return true
		})
	}
	if found < 10 {
		t.Errorf("only %d errors found", found)
	}
}
