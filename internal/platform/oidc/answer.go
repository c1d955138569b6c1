package oidc

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// skew is how far the provider's clock and ours may be apart.
const skew = time.Minute

// maxSubject is the longest subject in bytes (OpenID Connect Core 1.0, section 2).
const maxSubject = 255

// Request is what one answer has to fit. Whoever asks keeps it, bound to the
// browser, and uses it once.
type Request struct {
	State    string `json:"state"`
	Nonce    string `json:"nonce"`
	Verifier string `json:"verifier"`
}

// NewRequest is one that nobody can guess.
func NewRequest() Request { return Request{secret(), secret(), secret()} }

func secret() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Address is where the browser goes to ask. back is where it comes back to.
// Nothing but the identity is asked for: no name, no e-mail.
func (p *Provider) Address(ctx context.Context, r Request, back string) (string, error) {
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	u, err := url.Parse(found.Endpoint().AuthURL)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	challenge := sha256.Sum256([]byte(r.Verifier))
	q := u.Query()
	for name, value := range map[string]string{
		"response_type": "code", "scope": "openid", "client_id": p.client, "redirect_uri": back,
		"state": r.State, "nonce": r.Nonce,
		"code_challenge_method": "S256", "code_challenge": base64.RawURLEncoding.EncodeToString(challenge[:]),
	} {
		q.Set(name, value)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// Subject gives who the provider says that somebody is, from what it sent the
// browser back with. It is what the provider calls them, and the same each time.
func (p *Provider) Subject(ctx context.Context, r Request, back string, answer url.Values) (string, error) {
	if r.State == "" || subtle.ConstantTimeCompare([]byte(r.State), []byte(answer.Get("state"))) != 1 {
		return "", fmt.Errorf("%w: it answers another request", ErrAnswer)
	}
	if iss := answer.Get("iss"); iss != "" && iss != p.issuer { // RFC 9207
		return "", fmt.Errorf("%w: it is another provider's", ErrAnswer)
	}
	if answer.Get("error") != "" {
		return "", ErrDenied // whatever it says of the reason is for nobody's log
	}
	found, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	raw, err := p.exchange(ctx, found, r, back, answer.Get("code"))
	if err != nil {
		return "", err
	}
	verifier := found.VerifierContext(oidc.ClientContext(ctx, p.asks), &oidc.Config{
		ClientID: p.client, Now: func() time.Time { return p.now().Add(-skew) },
	})
	token, err := verifier.Verify(ctx, raw)
	if err != nil {
		return "", fmt.Errorf("%w: %.200s", ErrAnswer, err.Error())
	}
	if err := p.fits(token, r); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return token.Subject, nil
}

// fits says whether a token is for this request, for us alone, and of now. That it
// is the provider's own and not expired has been seen.
func (p *Provider) fits(token *oidc.IDToken, r Request) error {
	var says struct {
		Party string `json:"azp"`
	}
	if err := token.Claims(&says); err != nil {
		return errors.New("it cannot be read")
	}
	switch {
	case r.Nonce == "" || subtle.ConstantTimeCompare([]byte(r.Nonce), []byte(token.Nonce)) != 1:
		return errors.New("it was made for another request")
	case says.Party != "" && says.Party != p.client, says.Party == "" && len(token.Audience) > 1:
		return errors.New("it was made for another program")
	case token.IssuedAt.After(p.now().Add(skew)):
		return errors.New("it was made in the future: one of the clocks is wrong")
	case token.Subject == "" || len(token.Subject) > maxSubject:
		return errors.New("it names nobody")
	}
	return nil
}

// exchange takes the signed token for a code, straight from the provider.
func (p *Provider) exchange(ctx context.Context, found *oidc.Provider, r Request, back, code string) (string, error) {
	if code == "" {
		return "", fmt.Errorf("%w: it has no code", ErrAnswer)
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "code_verifier": {r.Verifier},
	}
	var says struct {
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := found.Claims(&says); err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	// Basic is what a provider takes that names no method (OpenID Connect Discovery 1.0, section 3).
	basic := len(says.Methods) == 0 || slices.Contains(says.Methods, "client_secret_basic")
	if !basic {
		form.Set("client_id", p.client)
		form.Set("client_secret", p.secrets[0])
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, found.Endpoint().TokenURL, strings.NewReader(form.Encode()))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	if basic {
		req.SetBasicAuth(url.QueryEscape(p.client), url.QueryEscape(p.secrets[0])) // RFC 6749, section 2.3.1
	}
	res, err := p.asks.Do(req)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnreachable, errors.Unwrap(err)) // without the address
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%w: it gives no token for the code, with status %d", ErrAnswer, res.StatusCode)
	}
	var given struct {
		Token string `json:"id_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&given); err != nil || given.Token == "" {
		return "", fmt.Errorf("%w: it gives no token that can be read", ErrAnswer)
	}
	return given.Token, nil
}

// Marks are what to keep of a subject in place of it: a MAC of provider and subject under
// each of our secrets, that of now first. Whoever has a copy of the database and not
// the file with the secrets cannot try names against it.
func (p *Provider) Marks(subject string) (list []string, err error) {
	for _, s := range p.secrets {
		key, err := hkdf.Key(sha256.New, []byte(s), nil, "clew/v1 oidc subject", 32)
		if err != nil {
			return nil, err
		}
		mac := hmac.New(sha256.New, key)
		fmt.Fprintf(mac, "%d %s%s", len(p.issuer), p.issuer, subject)
		list = append(list, hex.EncodeToString(mac.Sum(nil)))
	}
	return list, nil
}
