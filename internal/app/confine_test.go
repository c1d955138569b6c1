package app

import (
	"strings"
	"testing"
)

// What the doctor says of swap names each place, and how to mend it.
func TestSwapIsNoticed(t *testing.T) {
	t.Parallel()
	if said := swapIsOpen([]string{"/dev/sda2", "/swapfile"}); !strings.Contains(said, "/dev/sda2, /swapfile") || !strings.Contains(said, "Mend: swapoff") {
		t.Error(said)
	}
}
