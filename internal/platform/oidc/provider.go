package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
)

// Limits of what the provider may take and send.
const (
	patience   = 10 * time.Second // for one answer
	maxAnswer  = 1 << 20          // bytes of one answer
	foundFor   = time.Hour        // then its addresses are asked for anew
	pauseAfter = 5 * time.Second  // after it could not be reached: so that those who press again do not queue
)

// What can go wrong with a provider. Each may carry a reason for the operator's
// log, which names nobody.
var (
	ErrUnreachable = errors.New("oidc: the provider cannot be reached, or does not say where its pages are")
	ErrDenied      = errors.New("oidc: the provider did not let them through")
	ErrAnswer      = errors.New("oidc: the provider's answer does not count")
)

// Provider is an organisation's own.
type Provider struct {
	Name string // on the button, as people know it

	issuer, client string
	secrets        []string
	asks           *http.Client
	now            func() time.Time

	mu      sync.Mutex
	found   *oidc.Provider
	foundAt time.Time
	failed  error
}

// New is a provider by the address that it calls itself (issuer) and the client id
// that it gave us. The first of secrets proves to it who we are; see Marks for the
// others. roots reaches it, and is nil for what Go does; now is the clock.
func New(name, issuer, client string, secrets []string, roots http.RoundTripper, now func() time.Time) (*Provider, error) {
	switch {
	case !secure(issuer):
		return nil, errors.New("the provider's address begins with https:// and has no more than a path")
	case client == "":
		return nil, errors.New("the provider's client id is missing")
	case len(secrets) == 0:
		return nil, errors.New("the provider's client secret is missing")
	}
	if roots == nil {
		roots = http.DefaultTransport
	}
	return &Provider{
		Name: name, issuer: issuer, client: client, secrets: secrets, now: now,
		asks: &http.Client{
			Timeout: patience, Transport: bounded{roots},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// secure says whether an address is one that nobody on the way can read.
func secure(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil && u.RawQuery == "" && u.Fragment == ""
}

// bounded reads no more of an answer than is right, so that a provider gone mad
// fills no memory.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = http.MaxBytesReader(nil, res.Body, maxAnswer)
	}
	return res, err
}

// discover finds the provider's addresses and keys. One that does not answer is
// asked again after a pause.
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	age := p.now().Sub(p.foundAt)
	switch {
	case p.failed != nil && age >= 0 && age < pauseAfter:
		return nil, p.failed
	case p.found != nil && age >= 0 && age < foundFor:
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, p.asks), p.issuer)
	if err == nil {
		err = allSecure(found)
	}
	if ctx.Err() != nil { // somebody did not wait, which says nothing of the provider
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, ctx.Err())
	}
	p.foundAt = p.now()
	if err != nil {
		p.found, p.failed = nil, fmt.Errorf("%w: %.200s", ErrUnreachable, err.Error())
		return nil, p.failed
	}
	p.found, p.failed = found, nil
	return found, nil
}

// allSecure says that none of the provider's addresses can be listened to.
func allSecure(p *oidc.Provider) error {
	var says struct {
		Keys string `json:"jwks_uri"`
	}
	if err := p.Claims(&says); err != nil {
		return err
	}
	for _, address := range []string{p.Endpoint().AuthURL, p.Endpoint().TokenURL, says.Keys} {
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" || u.Host == "" {
			return errors.New("one of its addresses does not begin with https://")
		}
	}
	return nil
}

// Secrets reads a file with the client's secret in its first line and, below, those
// from before.
func Secrets(r io.Reader) (list []string, err error) {
	b, err := io.ReadAll(io.LimitReader(r, 64<<10))
	for line := range strings.Lines(string(b)) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list, err
}
