package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/clew-hotline/clew/internal/feature/contact"
	"github.com/clew-hotline/clew/internal/lib/seal"
	"github.com/clew-hotline/clew/internal/platform/listen"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// TestLimitsAreDocumented holds the table of limits in docs/operate.md to
// what the program does.
func TestLimitsAreDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "operate.md"))
	if err != nil {
		t.Fatal(err)
	}
	if seal.Making.Most() != 0 || seal.Inside.Most() != 0 {
		t.Error("a first contact, or a screen that is unlocked, can lose its place: the page says otherwise")
	}
	for _, row := range []string{
		fmt.Sprintf("| head of a request | %d s, %d KiB |", int(listen.HeaderTime.Seconds()), listen.HeaderSize>>10),
		fmt.Sprintf("| whole request | %d s |", int(listen.ReadTime.Seconds())),
		fmt.Sprintf("| fetching an answer | %d min |", int(listen.WriteTime.Minutes())),
		fmt.Sprintf("| silence between two requests | %d min |", int(listen.IdleTime.Minutes())),
		fmt.Sprintf("| connections | %d |", listen.Most),
		fmt.Sprintf("| requests at once on one connection (HTTP/2) | %d |", listen.Streams),
		fmt.Sprintf("| bodies of all requests that are here | %d MiB |", listen.Budget>>20),
		fmt.Sprintf("| first contact by form | %d characters, %d KiB |", contact.MaxText, web.FormLimit>>10),
		fmt.Sprintf("| first contact by a program | %d characters, %d KiB |", contact.MaxText, contact.APILimit>>10),
		fmt.Sprintf("| opening a mailbox with a code | %d |", seal.Mailbox.Most()),
		fmt.Sprintf("| signing in | %d |", seal.Door.Most()),
	} {
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/operate.md lacks %q", row)
		}
	}
}
