package qr

import (
	"encoding/xml"
	"strings"
	"testing"
)

// The picture is well-formed, says what it is, and has nothing that a strict
// policy refuses.
func TestSVG(t *testing.T) {
	got, err := SVG("otpauth://totp/Desk:Sue?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Desk", `A <"picture">`)
	if err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal([]byte(got), new(struct{})); err != nil {
		t.Error(err)
	}
	for _, never := range []string{"style", "<script", "http://", "data:", `<"picture`} {
		if strings.Contains(strings.Replace(string(got), "http://www.w3.org/2000/svg", "", 1), never) {
			t.Errorf("it has %q", never)
		}
	}
	if modules := strings.Count(string(got), "h1v1h-1z"); modules < 300 {
		t.Errorf("it has only %d dark modules", modules)
	}
	if _, err := SVG(strings.Repeat("x", 5000), ""); err == nil {
		t.Error("a text that does not fit was drawn")
	}
}
