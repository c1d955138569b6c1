package proofs

import (
	"strings"
	"testing"
)

// The table hides nothing: what did not hold, what this machine could not try
// and what was not tried each say so.
func TestTheTableSaysWhatWasNotShown(t *testing.T) {
	t.Parallel()
	b := &book{Commit: "abc", Results: []result{
		{Claim: claimLoss.what, How: claimLoss.how, Reached: "1 lost", Failed: true},
		{Claim: claimDisk.what, How: claimDisk.how, Reached: "not to its end", Skipped: true},
		{Claim: claimLog.what, How: claimLog.how, Reached: "9 of 9 found"},
	}}
	lines := map[string]string{}
	for line := range strings.Lines(b.table()) {
		if cells := strings.Split(line, "|"); len(cells) > 7 {
			lines[strings.TrimSpace(cells[1])] = line
		}
	}
	for _, c := range claims {
		want := "not tried in this run"
		switch c {
		case claimLoss:
			want = "**does not hold**"
		case claimDisk:
			want = "not tried on this machine"
		case claimLog:
			want = "holds"
		}
		if !strings.Contains(lines[c.what], want) {
			t.Errorf("%s: %q does not say %q", c.what, lines[c.what], want)
		}
	}
}
