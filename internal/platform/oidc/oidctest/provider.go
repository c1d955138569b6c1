// Package oidctest is a small OpenID provider for tests, and it can lie.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"
)

// Client and Secret are what the provider knows us by.
const (
	Client = "clew"
	Secret = "a secret: with/signs"
)

// Provider is one that runs on this machine. Its fields are set between requests.
type Provider struct {
	URL     string
	Subject string // who is at its page
	Down    bool   // it answers nothing
	Denies  bool   // it lets nobody through
	Alg     string // with which it signs: ES256, HS256, none, or "stranger", with another's key
	Lie     func(claims map[string]any)
	Post    bool // it takes the client's secret in the form alone

	t      *testing.T
	server *httptest.Server
	key    *ecdsa.PrivateKey
	mu     sync.Mutex
	codes  map[string]url.Values // what was asked, by code
}

// Start starts one, until the test ends.
func Start(t *testing.T) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{Subject: "subject of Ada", Alg: "ES256", t: t, key: key, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.says)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.Down {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.server.Close)
	p.URL = p.server.URL
	return p
}

// Roots reaches the provider, whose certificate is its own.
func (p *Provider) Roots() http.RoundTripper { return p.server.Client().Transport }

// Visit is a browser at the provider's page: it gives what it is sent back with.
func (p *Provider) Visit(address string) url.Values {
	p.t.Helper()
	client := p.server.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Get(address)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	back, err := res.Location()
	if err != nil {
		p.t.Fatalf("the provider answers %d: %v", res.StatusCode, err)
	}
	return back.Query()
}

func (p *Provider) says(w http.ResponseWriter, _ *http.Request) {
	method := "client_secret_basic"
	if p.Post {
		method = "client_secret_post"
	}
	answer(w, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"id_token_signing_alg_values_supported": []string{"ES256", "HS256", "none"}, "token_endpoint_auth_methods_supported": []string{method},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	public, err := p.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		p.t.Error(err)
	}
	answer(w, map[string]any{"keys": []any{map[string]any{"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1", "x": b64(public[1:33]), "y": b64(public[33:])}}})
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != Client || q.Get("scope") != "openid" || q.Get("code_challenge_method") != "S256" {
		http.Error(w, "not what we agreed on", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {q.Get("state")}, "iss": {p.URL}}
	if p.Denies {
		back.Set("error", "access_denied")
	} else {
		code := rand.Text()
		p.codes[code] = q
		back.Set("code", code)
	}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther) //nolint:gosec // a test's own
}

// token gives a token for a code, once, to whoever asked for it.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	asked, ok := p.codes[r.PostFormValue("code")]
	delete(p.codes, r.PostFormValue("code"))
	client, secret, basic := r.BasicAuth()
	if !basic {
		client, secret = r.PostFormValue("client_id"), r.PostFormValue("client_secret")
	} else {
		client, _ = url.QueryUnescape(client)
		secret, _ = url.QueryUnescape(secret)
	}
	challenge := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || basic == p.Post || client != Client || secret != Secret || b64(challenge[:]) != asked.Get("code_challenge") ||
		r.PostFormValue("redirect_uri") != asked.Get("redirect_uri") || r.PostFormValue("grant_type") != "authorization_code" {
		http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
		return
	}
	claims := map[string]any{
		"iss": p.URL, "sub": p.Subject, "aud": Client, "nonce": asked.Get("nonce"),
		"iat": time.Now().Unix(), "exp": time.Now().Add(5 * time.Minute).Unix(),
	}
	if p.Lie != nil {
		p.Lie(claims)
	}
	answer(w, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": p.sign(claims)})
}

func (p *Provider) sign(claims map[string]any) string {
	alg, key := p.Alg, p.key
	if alg == "stranger" {
		alg, key = "ES256", must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	}
	text := b64(must(json.Marshal(map[string]any{"alg": alg, "kid": "1"}))) + "." + b64(must(json.Marshal(claims)))
	var signature []byte
	switch alg {
	case "ES256":
		sum := sha256.Sum256([]byte(text))
		r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
		if err != nil {
			panic(err)
		}
		signature = append(fill(r), fill(s)...)
	case "HS256": // with the client's secret, which the standard allows and we do not
		mac := hmac.New(sha256.New, []byte(Secret))
		mac.Write([]byte(text))
		signature = mac.Sum(nil)
	}
	return text + "." + b64(signature)
}

func fill(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func answer(w http.ResponseWriter, what any) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(must(json.Marshal(what)))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
