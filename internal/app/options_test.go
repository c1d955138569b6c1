package app

import (
	"bytes"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/lib/seal"
)

var update = flag.Bool("update", false, "write the expected files anew")

// TestOptionsAreDocumented keeps docs/options.md what the table says.
func TestOptionsAreDocumented(t *testing.T) {
	var page bytes.Buffer
	page.WriteString("# Options\n\nMade from the table in `internal/app/options.go`; `go test ./internal/app -update` writes it anew.\n" +
		"A flag goes before the variable, the variable before the line `name = value` of the configuration file.\n\n" +
		"| flag and name in the file | variable | without it | what it is |\n|---|---|---|---|\n")
	for _, o := range optionTable {
		value := o.value
		if value == "" {
			value = "–"
		}
		page.WriteString("| `--" + o.name + "` | `" + o.variable() + "` | " + value + " | " + o.help + " |\n")
	}
	path := filepath.Join("..", "..", "docs", "options.md")
	if *update {
		if err := os.WriteFile(path, page.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, page.Bytes()) {
		t.Fatalf("docs/options.md is not what the table says: run the test with -update (%v)", err)
	}
}

func TestFlagsGoBeforeVariablesBeforeTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "clew.conf")
	if err := os.WriteFile(file, []byte("# ours\nlisten = 1.1.1.1:1\nlog = warn\ndata = from-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("CLEW_LISTEN", "2.2.2.2:2")
	t.Setenv("CLEW_LOG", "error")
	o, rest, err := parse([]string{"add", "--config", file, "--listen", "3.3.3.3:3", "Ada"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if o.Listen != "3.3.3.3:3" || o.Log != "error" || o.Data != "from-file" || strings.Join(rest, " ") != "add Ada" {
		t.Fatalf("%+v %v", o, rest)
	}
	if err := os.WriteFile(file, []byte("colour = blue\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := parse([]string{"--config", file}, nil); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Fatalf("an unknown option in the file: %v", err)
	}
}

func TestALogLevelThatThereIsNotIsRefused(t *testing.T) {
	if _, _, err := parse([]string{"--log", "loud"}, nil); err == nil || !strings.Contains(err.Error(), "warn") {
		t.Errorf("--log loud: %v", err)
	}
}

func TestTheLogLeavesOutWhatCouldBePersonal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	newLog(Options{Log: "debug"}, &out).Info("request", "path", "/staff/contacts/abc", "remote", "192.0.2.1", "code", "1234", slog.Group("g", "email", "a@example.org"), "status", 200)
	for _, leak := range []string{"abc", "192.0.2.1", "1234", "example.org"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("the log holds %q: %s", leak, out.String())
		}
	}
	if !strings.Contains(out.String(), "status=200") {
		t.Errorf("the log lost what it may hold: %s", out.String())
	}
}

func TestRecoveryKeyOnPaper(t *testing.T) {
	t.Parallel()
	p, err := seal.NewPair()
	if err != nil {
		t.Fatal(err)
	}
	written := paperKey(p)
	for _, typed := range []string{written, strings.ToLower(written), strings.ReplaceAll(written, "-", " "), " " + written + "\n"} {
		got, err := readPaperKey(typed)
		if err != nil || !bytes.Equal(got.Seed(), p.Seed()) {
			t.Errorf("%q was not read: %v", typed, err)
		}
	}
	slip := []byte(written)
	if slip[0]++; slip[0] == 'I' {
		slip[0] = 'Z'
	}
	if _, err := readPaperKey(string(slip)); err == nil {
		t.Error("a slip of the pen was not noticed")
	}
}

func FuzzRecoveryKey(f *testing.F) {
	f.Add("ABCD-EFGH")
	f.Fuzz(func(t *testing.T, typed string) {
		if p, err := readPaperKey(typed); err == nil {
			if _, err := readPaperKey(paperKey(p)); err != nil {
				t.Fatalf("%q is read, what is written for it is not", typed)
			}
		}
	})
}

func FuzzConfig(f *testing.F) {
	f.Add("listen = :8080\n# note\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), "conf")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		values, err := readConfig(path)
		for name := range values {
			if err == nil && strings.TrimSpace(name) != name {
				t.Fatalf("an option called %q", name)
			}
		}
	})
}
