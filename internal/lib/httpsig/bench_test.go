package httpsig

import (
	"crypto/sha256"
	"net/http"
	"testing"
)

// BenchmarkSign is what signing adds to an answer of 100 kB.
func BenchmarkSign(b *testing.B) {
	m := answered(b, false)
	page := make([]byte, 100<<10)
	for b.Loop() {
		m.Header = http.Header{"Content-Type": {"application/json"}}
		m.Header.Set(DigestHeader, Digest(sha256.Sum256(page)))
		Sign(m.Header, m, key, "id", noon)
	}
}
