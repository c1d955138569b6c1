package app

import "testing"

func TestTheDoctorsLastWord(t *testing.T) {
	t.Parallel()
	if toMend(0) != nil {
		t.Error("nothing is to mend, and the command fails")
	}
	for n, want := range map[int]string{1: "one thing to mend", 2: "2 things to mend"} {
		if got := toMend(n).Error(); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
