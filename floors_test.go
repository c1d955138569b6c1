// Package clew_test holds the rules that are about the whole tree and belong
// to none of its packages. ARCHITECTURE.md draws what they keep standing.
package clew_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/clew-hotline/clew"

// floors, from the top. A package imports what lies below it.
var floors = []string{"cmd", "internal/app", "internal/feature", "internal/core", "internal/platform", "internal/lib"}

// onOneFloor says on which floors neighbours may import each other.
var onOneFloor = map[string]bool{"internal/core": true, "internal/platform": true, "internal/lib": true}

// vague names say nothing about what a package is for, so everything ends up in it.
var vague = []string{"util", "utils", "common", "models", "helpers", "helper", "misc", "shared", "base", "types"}

// maxLines keeps one idea in one file; maxImports and maxDepth keep a change
// in one place from reaching everywhere.
const (
	maxLines   = 500
	maxImports = 2.5 // imports above lib of a package, on average; see docs/decisions/0012
	maxDepth   = 8   // the longest chain of internal imports
)

// file is one Go file of the tree.
type file struct {
	path, pkg string // both below the module: "internal/lib/ids"
	test      bool
	lines     int
	imports   []string // internal ones, below the module
}

func tree(t *testing.T) []file {
	t.Helper()
	var files []file
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (p != "." && strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" || d.Name() == "vendor") {
			return filepath.SkipDir
		}
		if d.IsDir() || path.Ext(p) != ".go" {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(p), test: strings.HasSuffix(p, "_test.go")}
		f.pkg = path.Dir(f.path)
		f.lines = set.File(parsed.FileStart).LineCount()
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if rest, ok := strings.CutPrefix(name, module+"/"); ok {
				f.imports = append(f.imports, rest)
			}
		}
		files = append(files, f)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("only %d Go files found: the rules below would hold for nothing", len(files))
	}
	return files
}

// floor is the index in floors, or -1 for what stands outside them (tools, tests).
func floor(pkg string) int {
	return slices.IndexFunc(floors, func(f string) bool { return pkg == f || strings.HasPrefix(pkg, f+"/") })
}

// feature is the folder of a feature a package belongs to, "" if to none.
func feature(pkg string) string {
	rest, ok := strings.CutPrefix(pkg, "internal/feature/")
	if !ok {
		return ""
	}
	name, _, _ := strings.Cut(rest, "/")
	return name
}

// complaint is the first rule that an import breaks, with its reason.
func complaint(from, to string) string {
	f, t := floor(from), floor(to)
	switch {
	case f < 0 || t < 0:
		return ""
	case feature(from) == "stats" && feature(to) != "" && feature(to) != "stats":
		return "stats imports no feature: it counts facts, which hold codes and months, " +
			"so that no figure can ever be made from a record. Append a fact in the feature, and count it here."
	case feature(from) != "" && feature(to) != "" && feature(from) != feature(to):
		return "features never import features: each can be read, tested and removed alone. " +
			"Declare a func field or small interface, and let internal/app fill it."
	case t < f:
		return "imports only go down (" + strings.Join(floors, " → ") + "): what lies below must not know what stands on it."
	case f == t && strings.HasPrefix(floors[f], "internal/") && !onOneFloor[floors[f]] && feature(from) == "" && from != to:
		return "neighbours on this floor do not import each other."
	}
	return ""
}

func TestImportsOnlyGoDown(t *testing.T) {
	for _, f := range tree(t) {
		if floor(f.pkg) < 0 && strings.HasPrefix(f.pkg, "internal/") {
			t.Errorf("%s stands on no floor: put it under one of %s", f.path, strings.Join(floors, ", "))
		}
		for _, to := range f.imports {
			if why := complaint(f.pkg, to); why != "" {
				t.Errorf("%s imports %s\n\t%s", f.path, to, why)
			}
		}
	}
}

// The rules themselves, on imports that must be refused and ones that must not.
func TestFloorRules(t *testing.T) {
	for _, c := range []struct {
		from, to string
		allowed  bool
	}{
		{"cmd/clew", "internal/app", true},
		{"internal/app", "internal/feature/contact", true},
		{"internal/feature/contact", "internal/core/facts", true},
		{"internal/core/staff", "internal/core/keyring", true},
		{"internal/feature/contact/inner", "internal/feature/contact", true},
		{"internal/lib/i18n", "internal/lib/errs", true},
		{"internal/feature/stats", "internal/feature/contact", false},
		{"internal/feature/contact", "internal/feature/stats", false},
		{"internal/feature/contact", "internal/app", false},
		{"internal/core/facts", "internal/feature/stats", false},
		{"internal/platform/db", "internal/core/facts", false},
		{"internal/lib/seal", "internal/platform/db", false},
		{"internal/app", "cmd/clew", false},
	} {
		if got := complaint(c.from, c.to) == ""; got != c.allowed {
			t.Errorf("%s → %s: allowed is %v, want %v", c.from, c.to, got, c.allowed)
		}
	}
}

func TestFilesHoldOneIdea(t *testing.T) {
	for _, f := range tree(t) {
		if f.lines > maxLines {
			t.Errorf("%s has %d lines, more than %d: split it by idea, one action a file", f.path, f.lines, maxLines)
		}
	}
}

func TestPackageNamesSaySomething(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range tree(t) {
		if name := path.Base(f.pkg); !seen[f.pkg] && slices.Contains(vague, name) {
			t.Errorf("package %s: %q says nothing about what it is for; name it after what it does", f.pkg, name)
		}
		seen[f.pkg] = true
	}
}

func TestImportBudget(t *testing.T) {
	imports := map[string]map[string]bool{}
	for _, f := range tree(t) {
		if f.test || !strings.HasPrefix(f.pkg, "internal/") || floor(f.pkg) == floor("internal/app") {
			continue // app joins everything: that is what it is for
		}
		if imports[f.pkg] == nil {
			imports[f.pkg] = map[string]bool{}
		}
		for _, to := range f.imports {
			imports[f.pkg][to] = true
		}
	}
	total := 0
	for _, to := range imports {
		for pkg := range to {
			if floor(pkg) != floor("internal/lib") {
				total++
			}
		}
	}
	if mean := float64(total) / float64(len(imports)); mean > maxImports {
		t.Errorf("a package imports %.2f of ours above lib on average, more than %.1f: a change in one reaches too many", mean, maxImports)
	}
	depth := map[string]int{}
	var walk func(string) int
	walk = func(pkg string) int {
		if d, ok := depth[pkg]; ok {
			return d
		}
		longest := 0
		for to := range imports[pkg] {
			longest = max(longest, walk(to))
		}
		depth[pkg] = longest + 1
		return longest + 1
	}
	for pkg := range imports {
		if d := walk(pkg); d > maxDepth {
			t.Errorf("%s stands on a chain of %d packages, more than %d", pkg, d, maxDepth)
		}
	}
}
