package httpsig

import (
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// What can be wrong with an answer.
var (
	ErrUnsigned  = errors.New("httpsig: the answer is not signed with this key")
	ErrDigest    = errors.New("httpsig: the answer is not what its digest says")
	ErrSignature = errors.New("httpsig: the signature is not of this answer")
	ErrAge       = errors.New("httpsig: the signature is too old, or of the future")
)

// The age that a signature may have: a cache on the way may have kept the answer for
// a day, and clocks differ by minutes.
const (
	oldest = 24 * time.Hour
	ahead  = 10 * time.Minute
)

// Verify says whether the holder of a key answered with this body. keyID is what
// they call the key.
func Verify(m Message, body []byte, key ed25519.PublicKey, keyID string, now time.Time) error {
	said, err := find(m, keyID)
	if err != nil {
		return err
	}
	digest := component{"content-digest", ""}
	if slices.Contains(said.list, component{"content-digest", ";tr"}) {
		digest.flags = ";tr"
	}
	for _, c := range covered(digest.flags != "") {
		if !slices.Contains(said.list, c) {
			return ErrUnsigned
		}
	}
	text, ok := m.base(said.list, said.params)
	if !ok || !ed25519.Verify(key, []byte(text), said.signature) {
		return ErrSignature
	}
	if age := now.Sub(said.created); age > oldest || age < -ahead {
		return ErrAge
	}
	value, _ := m.value(digest)
	sum := sha256.Sum256(body)
	if got, ok := member(value, "sha-256"); !ok || subtle.ConstantTimeCompare([]byte(got), []byte(Digest(sum)[len("sha-256="):])) != 1 {
		return ErrDigest
	}
	return nil
}

// said is a signature as it was sent.
type said struct {
	list      []component
	params    string
	created   time.Time
	signature []byte
}

// maxHeader bounds what is read of a header.
const maxHeader = 4 << 10

// find takes the signature that was made with a key, from the head or from behind.
func find(m Message, keyID string) (s said, err error) {
	input, signature := m.joined(InputHeader), m.joined(SignatureHeader)
	if input == "" || signature == "" {
		return s, ErrUnsigned
	}
	if len(input) > maxHeader || len(signature) > maxHeader {
		return s, ErrSignature
	}
	for _, one := range members(input) {
		name, params, _ := strings.Cut(one, "=")
		s, ok := readInput(params)
		if !ok || s.key != keyID || s.alg != "" && s.alg != "ed25519" {
			continue
		}
		value, _ := member(signature, name)
		b, err := base64.StdEncoding.DecodeString(strings.Trim(value, ":"))
		if err != nil || len(b) != ed25519.SignatureSize {
			return said{}, ErrSignature
		}
		s.signature = b
		return s.said, nil
	}
	return s, ErrUnsigned
}

func (m Message) joined(name string) string {
	lines := m.Header.Values(name)
	if len(lines) == 0 {
		lines = m.Trailer.Values(name)
	}
	return strings.Join(lines, ", ")
}

// members parts a dictionary at the commas that stand in no text and no brackets.
func members(s string) (list []string) {
	depth, quoted, from := 0, false, 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ',' && depth == 0:
			list = append(list, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return append(list, strings.TrimSpace(s[from:]))
}

// member is the value of a name in a dictionary; the last counts, as RFC 8941 has it.
func member(s, name string) (value string, ok bool) {
	for _, one := range members(s) {
		if n, v, has := strings.Cut(one, "="); has && n == name {
			value, ok = v, true
		}
	}
	return value, ok
}

type input struct {
	said

	key, alg string
}

// readInput reads a list of components with its parameters. What we do not
// understand makes it none: it is only our own side that it protects.
func readInput(s string) (in input, ok bool) {
	in.params = s
	inner, rest, found := strings.Cut(strings.TrimPrefix(s, "("), ")")
	if !strings.HasPrefix(s, "(") || !found {
		return in, false
	}
	for item := range strings.FieldsSeq(inner) {
		name, flags, closed := strings.Cut(strings.TrimPrefix(item, `"`), `"`)
		if !strings.HasPrefix(item, `"`) || !closed || name != strings.ToLower(name) {
			return in, false
		}
		c := component{name, flags}
		if slices.Contains(in.list, c) {
			return in, false // named twice
		}
		in.list = append(in.list, c)
	}
	for param := range strings.SplitSeq(strings.TrimPrefix(rest, ";"), ";") {
		name, value, _ := strings.Cut(param, "=")
		switch name {
		case "created":
			n, err := strconv.ParseInt(value, 10, 64)
			if err != nil {
				return in, false
			}
			in.created = time.Unix(n, 0)
		case "keyid":
			in.key = strings.Trim(value, `"`)
		case "alg":
			in.alg = strings.Trim(value, `"`)
		case "expires", "nonce", "tag":
		default:
			return in, false
		}
	}
	return in, !in.created.IsZero() && in.key != ""
}
