package proofs

import (
	"bytes"
	"os"
	"os/exec"
	"testing"
)

var claimSwitch = claim{
	"no switch", "the program that people install is searched for what makes the other one breakable",
	"nothing of it is there",
}

// TestProofOfNoSwitch: what the proofs break the program with is not in the
// one that people install, whatever its environment says.
func TestProofOfNoSwitch(t *testing.T) {
	t.Parallel()
	claimSwitch.prove(t, "", func(t *testing.T) string {
		for program, has := range map[string]bool{"clew": false, "clew-failpoint": true} {
			path, err := exec.LookPath(program)
			if err != nil {
				t.Fatal(err)
			}
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, mark := range []string{"CLEW_FAULTS", "fault: killed at"} {
				if got := bytes.Contains(b, []byte(mark)); got != has {
					t.Errorf("%s has %q: %v", program, mark, got)
				}
			}
		}
		return "0 of 2 marks in the program, both in the breakable one"
	})
}
