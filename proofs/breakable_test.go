package proofs

import (
	"os"
	"path/filepath"
	"testing"
)

// breakable is a program that does what a file orders; see platform/fault.
type breakable struct {
	*testing.T
	engine

	orders string // the file
	now    *running
}

// newBreakable puts the file where a program may read that is held to its
// folder.
func newBreakable(t *testing.T, e engine) *breakable {
	t.Helper()
	dir := e.data
	if dir == "" {
		dir = t.TempDir()
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return &breakable{T: t, engine: e, orders: filepath.Join(dir, "faults")}
}

// order writes what shall go wrong; nothing mends all.
func (b *breakable) order(text string) {
	b.Helper()
	if err := os.WriteFile(b.orders, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

// begin starts it in order.
func (b *breakable) begin() {
	b.Helper()
	b.order("")
	r, err := start(b.T, "clew-failpoint", append(b.env, "CLEW_FAULTS="+b.orders), b.args...)
	if err != nil {
		b.Fatal(err)
	}
	b.now = r
}
