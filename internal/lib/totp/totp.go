// Package totp makes and checks the six digits that an authenticator shows: RFC
// 6238 with SHA-1 and steps of 30 seconds, which is what all of them know.
//
// It promises that a code counts for its own step, the one before and the one
// after, so that a clock may be half a minute wrong; and it tells which step that
// was, so that a caller can take each only once. It keeps nothing.
package totp

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // RFC 6238; HMAC-SHA-1 is not broken by its collisions
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Period is how long a code is shown.
const Period = 30 * time.Second

// digits is the length of a code.
const digits = 6

// secretSize is the length of a secret in bytes, that of the hash (RFC 4226, section 4).
const secretSize = 20

// NewSecret makes a secret for an authenticator.
func NewSecret() []byte {
	b := make([]byte, secretSize)
	rand.Read(b)
	return b
}

// Step is the number of the step that a moment is in.
func Step(at time.Time) int64 { return at.Unix() / int64(Period/time.Second) }

// Code is what an authenticator shows during a step.
func Code(secret []byte, step int64) string { return code(secret, step, digits) }

func code(secret []byte, step int64, digits int) string {
	mac := hmac.New(sha1.New, secret)
	_ = binary.Write(mac, binary.BigEndian, step)
	sum := mac.Sum(nil)
	at := sum[len(sum)-1] & 0xf
	n := uint64(binary.BigEndian.Uint32(sum[at:]) & 0x7fffffff)
	mod := uint64(1)
	for range digits {
		mod *= 10
	}
	return fmt.Sprintf("%0*d", digits, n%mod)
}

// Match gives the step of a code as somebody typed it, if it is right now or was
// half a minute ago.
func Match(secret []byte, typed string, now time.Time) (step int64, ok bool) {
	typed = Plain(typed)
	for d := int64(-1); d <= 1; d++ {
		s := Step(now) + d
		if subtle.ConstantTimeCompare([]byte(Code(secret, s)), []byte(typed)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// Plain takes out of a code what people type between its digits.
func Plain(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '-' {
			return -1
		}
		return r
	}, typed)
}

// Text is a secret as it is typed into an authenticator.
func Text(secret []byte) string {
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)
}

// URL is what an authenticator reads from a QR code. issuer and account are shown
// in it, on a screen that others may see: they say nothing of what this is for.
func URL(secret []byte, issuer, account string) string {
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + issuer + ":" + account}
	u.RawQuery = "secret=" + Text(secret) + "&issuer=" + url.QueryEscape(issuer)
	return u.String()
}
