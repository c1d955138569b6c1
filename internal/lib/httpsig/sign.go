package httpsig

import (
	"crypto/ed25519"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// The headers.
const (
	DigestHeader    = "Content-Digest"
	InputHeader     = "Signature-Input"
	SignatureHeader = "Signature"
)

// label is what our signature is called among others.
const label = "feed"

// Sign puts a signature into h, which is the message's header or, if its digest
// stands behind the body, its trailer. The digest and the type have to be there.
func Sign(h http.Header, m Message, key ed25519.PrivateKey, keyID string, at time.Time) {
	list := covered(m.Trailer != nil)
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.String()
	}
	params := "(" + strings.Join(names, " ") + ");created=" + strconv.FormatInt(at.Unix(), 10) + `;keyid="` + keyID + `";alg="ed25519"`
	text, ok := m.base(list, params)
	if !ok {
		return // without a type or a digest there is nothing to vouch for
	}
	h.Set(InputHeader, label+"="+params)
	h.Set(SignatureHeader, label+"=:"+base64.StdEncoding.EncodeToString(ed25519.Sign(key, []byte(text)))+":")
}
