package contact

import "testing"

// When the stock of codes is empty, the next first contact waits for one and is
// taken all the same.
func TestMoreContactsThanCodesAreReady(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		for range codesReady + 2 {
			if h.write("help").Code == "" {
				t.Fatal("a first contact got no code")
			}
		}
	})
}
