package contact

import (
	"testing"

	"github.com/clew-hotline/clew/internal/lib/errs"
)

// Beyond what can wait, a code is answered with "busy"; a first contact is
// taken all the same.
func TestFloodOfCodes(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		h.codes.guesses = make(chan struct{}) // holds nothing: every code comes when all wait
		_, err := h.OpenMailbox(t.Context(), "1234 5678 9012 3456 7890")
		h.refused(err, errs.Busy)
		for range codesReady + 2 {
			if h.write("help").Code == "" {
				t.Fatal("a first contact got no code")
			}
		}
	})
}
