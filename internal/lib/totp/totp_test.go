package totp

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The vectors of RFC 6238, appendix B, for SHA-1 and eight digits.
func TestVectorsOfTheRFC(t *testing.T) {
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{
		59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924", 2000000000: "69279037", 20000000000: "65353130",
	} {
		if got := code(secret, Step(time.Unix(at, 0)), 8); got != want {
			t.Errorf("at %d: %s, want %s", at, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		secret := rapid.SliceOfN(rapid.Byte(), secretSize, secretSize).Draw(t, "secret")
		now := time.Unix(rapid.Int64Range(1e9, 5e9).Draw(t, "now"), 0)
		off := rapid.Int64Range(-5, 5).Draw(t, "steps off")
		typed := Code(secret, Step(now)+off)
		step, ok := Match(secret, " "+typed[:3]+" "+typed[3:], now)
		near := off >= -1 && off <= 1
		if near && (!ok || Code(secret, step) != typed) {
			t.Fatalf("a code that is %d steps off is refused", off)
		}
		if ok && (step < Step(now)-1 || step > Step(now)+1) {
			t.Fatalf("it counts for step %d off", step-Step(now))
		}
		if _, ok := Match(secret, rapid.StringN(0, 5, 20).Draw(t, "junk"), now); ok {
			t.Fatal("something shorter than a code counts")
		}
	})
}

func TestURL(t *testing.T) {
	got := URL([]byte("12345678901234567890"), "Desk & Co", "Sue/Ann")
	if want := "otpauth://totp/Desk%20&%20Co:Sue/Ann?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Desk+%26+Co"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if len(NewSecret()) != secretSize || strings.Contains(Text(NewSecret()), "=") {
		t.Error("a secret has another form")
	}
}
