package blob

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhereABucketIs(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"s3://files?endpoint=https://s3.example":                         "https://s3.example/files/x us-east-1 443",
		"s3://files/one/two/?endpoint=https://s3.example:9000&region=eu": "https://s3.example:9000/files/one/two/x eu 9000",
		"s3://files?endpoint=http://127.0.0.1:9000":                      "http://127.0.0.1:9000/files/x us-east-1 9000",
		"s3://files?endpoint=http://localhost":                           "http://localhost/files/x us-east-1 80",
	} {
		a, err := ParseAddress(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := a.object("x") + " " + a.Region + " " + map[uint16]string{443: "443", 9000: "9000", 80: "80"}[a.Port()]; got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
	for _, text := range []string{
		"s3://", "s3://files", "s3://files?endpoint=s3.example", "s3://files?endpoint=http://s3.example", "s3://files?endpoint=http://127.0.0.1.example",
		"s3://id:secret@files?endpoint=https://s3.example", "s3://files?endpoint=https://id:secret@s3.example", "s3://files?endpoint=https://s3.example/path",
		"s3://files?endpoint=https://s3.example&secret=x", "s3://FILES?endpoint=https://s3.example", "s3://files/../x?endpoint=https://s3.example",
		"s3://files/a%20b?endpoint=https://s3.example", "s3://files?endpoint=ftp://s3.example", "https://files?endpoint=https://s3.example",
	} {
		if a, err := ParseAddress(text); err == nil {
			t.Errorf("%s is taken as %+v", text, a)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error repeats it: %v", text, err)
		}
	}
}

func TestAKeyFileThatIsNoneSaysNothingOfWhatIsInIt(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	for _, content := range []string{"", "one-secret", "one-secret two three"} {
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadKeys(path); err == nil || strings.Contains(err.Error(), "one-secret") {
			t.Errorf("%q: %v", content, err)
		}
	}
	if _, err := ReadKeys(path + "-none"); err == nil {
		t.Error("a file that is not there is taken")
	}
}
