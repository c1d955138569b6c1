package hsds

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"hash"
	"maps"
	"net/http"
	"time"

	"github.com/clew-hotline/clew/internal/lib/errs"
	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/web"
)

// Key signs what is published. Whoever has the fingerprint of its public half knows
// of each answer that it is ours, whatever it came through.
type Key func(ctx context.Context) (ed25519.PrivateKey, error)

// signed lets the answers of a route be signed. Errors are not: nobody takes
// anything from one. Nor is "unchanged": a cache would put its signature in
// place of that of the copy which it keeps.
func (f *Feature) signed(next web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if f.Key == nil {
			return next(w, r)
		}
		key, err := f.Key(r.Context())
		if err != nil {
			return err
		}
		held := &held{ResponseWriter: w, message: httpsig.Asked(r.Method, r.URL), key: key, body: take()}
		defer held.free()
		if err := next(held, r); err != nil {
			return err
		}
		return held.send()
	}
}

// held keeps an answer until it is whole, so that its signature can stand before
// it; one that is sent piece by piece gets it behind.
type held struct {
	http.ResponseWriter

	message httpsig.Message
	key     ed25519.PrivateKey
	body    *bytes.Buffer
	sum     hash.Hash // of what was sent in pieces; nil while it is held
}

func take() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer) //nolint:forcetypeassert // the pool holds nothing else
	b.Reset()
	return b
}

func (h *held) free() { buffers.Put(h.body) }

// WriteHeader remembers the status.
func (h *held) WriteHeader(status int) {
	if h.message.Status == 0 {
		h.message.Status = status
	}
}

// Write keeps a piece, or sends it.
func (h *held) Write(b []byte) (int, error) {
	if h.message.Status == 0 {
		h.message.Status = http.StatusOK
	}
	if h.sum == nil {
		return h.body.Write(b)
	}
	_, _ = h.sum.Write(b) // never fails
	return h.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (h *held) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// inPieces lets what follows go out as it comes.
func inPieces(w http.ResponseWriter) {
	if h, ok := w.(*held); ok {
		h.sum, h.message.Trailer = sha256.New(), http.Header{}
		h.Header().Set("Trailer", httpsig.DigestHeader+", "+httpsig.InputHeader+", "+httpsig.SignatureHeader)
	}
}

func (h *held) send() error {
	m, head := &h.message, h.Header()
	if m.Status == 0 {
		m.Status = http.StatusOK
	}
	m.Header = head
	id := httpsig.Fingerprint(ed25519.PublicKey(h.key[ed25519.SeedSize:]))
	if h.sum != nil {
		behind := m.Trailer
		behind.Set(httpsig.DigestHeader, httpsig.Digest([sha256.Size]byte(h.sum.Sum(nil))))
		httpsig.Sign(behind, *m, h.key, id, time.Now())
		maps.Copy(head, behind)
		return nil
	}
	if m.Status != http.StatusNotModified && m.Status != http.StatusNoContent {
		head.Set(httpsig.DigestHeader, httpsig.Digest(sha256.Sum256(h.body.Bytes())))
		httpsig.Sign(head, *m, h.key, id, time.Now())
	}
	h.ResponseWriter.WriteHeader(m.Status)
	if h.body.Len() == 0 {
		return nil
	}
	_, err := h.ResponseWriter.Write(h.body.Bytes())
	return err
}

// keys gives the public key that signs, as RFC 7517 writes it. What it is called is
// its fingerprint.
//
//	GET /hsds/keys
//
//	200 {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "…", "kid": "7c1f-…", "use": "sig", "alg": "EdDSA"}]}
func (f *Feature) keys(w http.ResponseWriter, r *http.Request) error {
	if f.Key == nil {
		return errs.New(errs.NotFound, "", nil)
	}
	key, err := f.Key(r.Context())
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, httpsig.Publish(ed25519.PublicKey(key[ed25519.SeedSize:])))
}
