package clew_test

import (
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const (
	licences  = "docs/decisions/0002-stack-and-libraries.md"
	maxDirect = 32 // shares, second steps and passkeys are no place for cryptography of our own, nor imports for a YAML of our own
)

// Every library that our code imports has been decided on, with its licence.
func TestLibrariesAreDecided(t *testing.T) {
	mod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile(licences)
	if err != nil {
		t.Fatal(err)
	}
	required := regexp.MustCompile(`(?m)^(?:\t|require )(\S+) v\S+`).FindAllStringSubmatch(string(mod), -1)
	direct := map[string]string{} // module → a file that imports it
	for _, f := range tree(t) {
		parsed, err := parser.ParseFile(token.NewFileSet(), f.path, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			name, _ := strconv.Unquote(spec.Path.Value)
			if first, _, _ := strings.Cut(name, "/"); !strings.Contains(first, ".") || strings.HasPrefix(name, module+"/") {
				continue // the standard library, or ours
			}
			found := ""
			for _, m := range required {
				if (name == m[1] || strings.HasPrefix(name, m[1]+"/")) && len(m[1]) > len(found) {
					found = m[1]
				}
			}
			if found == "" {
				t.Errorf("%s imports %s, which go.mod does not require", f.path, name)
				continue
			}
			direct[found] = f.path
		}
	}
	if len(direct) < 5 {
		t.Fatalf("only %d libraries found in the tree: this test looks at nothing", len(direct))
	}
	for name, file := range direct {
		if !strings.Contains(string(table), "| "+name+" |") {
			t.Errorf("%s imports %s: say in %s what for and under which licence", file, name, licences)
		}
	}
	if len(direct) > maxDirect {
		t.Errorf("%d direct dependencies, more than %d: each is code that runs beside what must not leak", len(direct), maxDirect)
	}
}
