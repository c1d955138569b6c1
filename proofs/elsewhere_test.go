package proofs

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	claimRoles = claim{
		"no leak by role", "every route, as every role, about one's own, a colleague's, another group's and agency's and no record; the answers are a golden file",
		"0 leaks, golden matrix",
	}
	claimOlder = claim{
		"no swap: older versions", "every earlier version of a record put back, whole or in part, then the comparison of `clew audit verify --by`",
		"100 % found",
	}
	claimLeaver = claim{
		"removed colleague", "the keys that somebody had when they left, against everything that is written after",
		"opens 0",
	}
	claimFuzz = claim{
		"bad input: parsers", "a fuzz target for every parser",
		"25 targets or more: 0 crashes",
	}
)

// TestProofOfRoles and the next ones run tests that stand beside what they are
// about, where the whole run of the tests finds them too: so only `make proofs` runs
// them from here.
func TestProofOfRoles(t *testing.T) {
	claimRoles.prove(t, "SQLite", func(t *testing.T) string {
		passed := beside(t, "../internal/app", "^TestWhoMayDoWhat$|^TestNotThereAndNotAllowed", "CLEW_TEST_POSTGRES=")
		golden, err := os.ReadFile("../internal/app/testdata/access.golden")
		if err != nil {
			t.Fatal(err)
		}
		routes := regexp.MustCompile(`(?m)^\S.*\(\S*\)$`).FindAll(golden, -1)
		return fmt.Sprintf("%d routes as the matrix says, 0 leaks (%s)", len(routes), strings.Join(passed, ", "))
	})
}

func TestProofOfOlderVersions(t *testing.T) {
	claimOlder.prove(t, "both", func(t *testing.T) string {
		passed := append(beside(t, "../internal/feature/contact", "^TestAnOlderVersionPutBackIsFound$"),
			beside(t, "../internal/app", "^TestRecordsAreWhatTheLogSays$")...)
		return fmt.Sprintf("all found (%s)", strings.Join(passed, ", "))
	})
}

func TestProofOfTheLeaver(t *testing.T) {
	claimLeaver.prove(t, "both", func(t *testing.T) string {
		var passed []string
		for pkg, tests := range map[string]string{
			"../internal/core/keyring":    "^TestWhoLeftOpensNothingNew$",
			"../internal/core/blind":      "^TestWhoLeftOpensNothing",
			"../internal/feature/contact": "^TestWhoLeftOpensNothing",
			"../internal/feature/admin":   "^TestTheGroupsTurnWhenSomebodyLeaves$",
		} {
			passed = append(passed, beside(t, pkg, tests)...)
		}
		slices.Sort(passed)
		return fmt.Sprintf("opens 0 (%s)", strings.Join(slices.Compact(passed), ", "))
	})
}

// TestProofOfParsers counts the targets. A full run fuzzes each; without one
// their known inputs run with the other tests.
func TestProofOfParsers(t *testing.T) {
	claimFuzz.prove(t, "", func(t *testing.T) string {
		list, err := exec.Command("grep", "-rEoh", "--include=*_test.go", `^func Fuzz[A-Za-z0-9_]*\(`, "../cmd", "../internal").Output()
		if err != nil {
			t.Fatal(err)
		}
		n := strings.Count(string(list), "\n")
		if n < 25 {
			t.Errorf("there are only %d targets", n)
		}
		if !full {
			return fmt.Sprintf("%d targets, not fuzzed in a small run", n)
		}
		cmd := exec.Command("../scripts/fuzz.sh")
		cmd.Env = append(os.Environ(), "FUZZTIME=20s")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out[max(0, len(out)-4000):])
		}
		return fmt.Sprintf("%d targets for 20 s each: 0 crashes", n)
	})
}

// beside runs tests of another package, and says which passed.
func beside(t *testing.T, pkg, tests string, env ...string) (passed []string) {
	t.Helper()
	if os.Getenv("CLEW_PROOFS") == "" {
		t.Skip("runs in " + pkg)
	}
	cmd := exec.Command("go", "test", "-count=1", "-v", "-run", tests, pkg)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out[max(0, len(out)-4000):])
	}
	for _, line := range regexp.MustCompile(`(?m)^--- PASS: (\S+)`).FindAllSubmatch(out, -1) {
		passed = append(passed, string(line[1]))
	}
	if len(passed) == 0 {
		t.Errorf("no test of %s is named %s", pkg, tests)
	}
	return passed
}
