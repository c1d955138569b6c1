package httpsig

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
)

// Key is a public key as RFC 8037 writes it.
type Key struct {
	Type  string `json:"kty"`
	Curve string `json:"crv"`
	X     string `json:"x"`
	ID    string `json:"kid"`
	Use   string `json:"use"`
	Alg   string `json:"alg"`
}

// Keys are public keys as RFC 7517 writes them.
type Keys struct {
	Keys []Key `json:"keys"`
}

// Publish writes a public key under its fingerprint.
func Publish(public ed25519.PublicKey) Keys {
	return Keys{[]Key{{"OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(public), Fingerprint(public), "sig", "EdDSA"}}}
}

// maxKeys bounds how many keys are looked at.
const maxKeys = 16

// ErrKey is a document that has no key of ours.
var ErrKey = errors.New("httpsig: the key is not among those that are published")

// Published finds the key with a fingerprint in a document, and what it is called
// there. Without a fingerprint it is the first.
func Published(doc []byte, fingerprint string) (public ed25519.PublicKey, id string, err error) {
	var all Keys
	if err := json.Unmarshal(doc, &all); err != nil {
		return nil, "", ErrKey
	}
	for _, k := range all.Keys[:min(len(all.Keys), maxKeys)] {
		b, err := base64.RawURLEncoding.DecodeString(k.X)
		if err != nil || len(b) != ed25519.PublicKeySize || k.Type != "OKP" || k.Curve != "Ed25519" || k.ID == "" {
			continue
		}
		if fingerprint == "" || Fingerprint(b) == fingerprint {
			return b, k.ID, nil
		}
	}
	return nil, "", ErrKey
}
