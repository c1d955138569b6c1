package app

import (
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/platform/db"
)

// A command that meets a server which is still starting says that it is worth
// trying again, and not that something written is kept.
func TestAFolderInUseIsExplained(t *testing.T) {
	cfg := db.Config{Dir: t.TempDir(), Key: make([]byte, db.KeySize)}
	first, err := db.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	_, err = db.Open(t.Context(), cfg)
	if said := explain(err); !strings.Contains(said, "try again") || strings.Contains(said, "What you wrote") {
		t.Errorf("a folder in use is explained as %q", said)
	}
}
