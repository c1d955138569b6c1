package paper

import (
	"encoding/hex"
	"strings"
)

// Digits writes bytes as people compare them by telephone: groups of four
// hexadecimal digits.
func Digits(b []byte) string {
	digits := hex.EncodeToString(b)
	var groups []string
	for i := 0; i < len(digits); i += 4 {
		groups = append(groups, digits[i:min(i+4, len(digits))])
	}
	return strings.Join(groups, "-")
}

// PlainDigits is what somebody typed, without what people put between the
// digits, in small letters.
func PlainDigits(typed string) string {
	return strings.NewReplacer("-", "", " ", "", ":", "").Replace(strings.ToLower(strings.TrimSpace(typed)))
}
