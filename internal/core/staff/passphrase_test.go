package staff

import (
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// What is cut off when somebody signs in does not count when they choose.
func TestWeakPassphrasesAreRefused(t *testing.T) {
	for _, weak := range []string{"            x", "x            ", "aaaaaaaaaaaa", "abababababab", "short", "SueSueSueSueSue", ""} {
		if err := checkPassphrase(weak, "Sue"); !errs.Is(err, errs.Invalid) {
			t.Errorf("%q was taken: %v", weak, err)
		}
	}
	for _, good := range []string{"correct horse battery", " sues own long phrase ", "密码短语密码短语一二三四五", NewPassphrase()} {
		if err := checkPassphrase(good, "Sue"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}
