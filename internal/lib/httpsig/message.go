package httpsig

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/clew-hotline/clew/internal/lib/paper"
)

// Message is an answer and what it answers.
type Message struct {
	Method string
	Path   string // escaped, as it was asked
	Query  string // raw, without the question mark
	Status int
	Header http.Header
	// Trailer has the digest and the signature where they come behind the body.
	Trailer http.Header
}

// Asked is a message about a request, still without an answer.
func Asked(method string, u *url.URL) Message {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	return Message{Method: method, Path: path, Query: u.RawQuery}
}

// Digest is the value of Content-Digest for a body with this SHA-256.
func Digest(sum [sha256.Size]byte) string {
	return "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
}

// Fingerprint is a public key as people compare it: eight groups of four, of the
// first half of its SHA-256.
func Fingerprint(public ed25519.PublicKey) string {
	sum := sha256.Sum256(public)
	return paper.Digits(sum[:16])
}

// ReadFingerprint is what somebody typed, in our form; false if it is none.
func ReadFingerprint(typed string) (string, bool) {
	b, err := hex.DecodeString(paper.PlainDigits(typed))
	if err != nil || len(b) != 16 {
		return "", false
	}
	return paper.Digits(b), true
}

// component is one thing that a signature covers, as it stands in its list.
type component struct {
	name  string
	flags string // ";req", ";tr" or nothing
}

func (c component) String() string { return `"` + c.name + `"` + c.flags }

// covered are what ours cover; of an answer that is written piece by piece the
// digest stands behind it.
func covered(behind bool) []component {
	digest := component{"content-digest", ""}
	if behind {
		digest.flags = ";tr"
	}
	return []component{{"@status", ""}, {"@method", ";req"}, {"@path", ";req"}, {"@query", ";req"}, {"content-type", ""}, digest}
}

// value of a component; false if it is none that we know or the message has none.
func (m Message) value(c component) (string, bool) {
	switch c.String() {
	case `"@status"`:
		return strconv.Itoa(m.Status), true
	case `"@method";req`:
		return m.Method, true
	case `"@path";req`:
		return m.Path, true
	case `"@query";req`:
		return "?" + m.Query, true
	}
	if strings.HasPrefix(c.name, "@") {
		return "", false
	}
	from := m.Header
	switch c.flags {
	case "":
	case ";tr":
		from = m.Trailer
	default:
		return "", false
	}
	lines := from.Values(c.name)
	for i, line := range lines {
		lines[i] = strings.TrimSpace(line)
	}
	return strings.Join(lines, ", "), len(lines) > 0
}

// base is the text that is signed; params are the list and its parameters as they
// stand in Signature-Input.
func (m Message) base(list []component, params string) (string, bool) {
	var b strings.Builder
	for _, c := range list {
		v, ok := m.value(c)
		if !ok {
			return "", false
		}
		b.WriteString(c.String() + ": " + v + "\n")
	}
	b.WriteString(`"@signature-params": ` + params)
	return b.String(), true
}
