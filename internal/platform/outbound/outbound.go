// Package outbound asks machines of others for what they publish.
//
// It promises that the server is no way into its own network: whatever a name
// leads to, nothing is asked of this machine, of its neighbours or of addresses
// that are no machine's; nothing follows an answer elsewhere; no proxy, no cookie
// and no name of this program is involved; and nobody keeps it waiting for long.
package outbound

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrInside is an address that is not asked.
var ErrInside = errors.New("outbound: the name leads to no machine that is public")

// agent is what we call ourselves: what we do, and not who we are.
const agent = "hsds-reader"

// patience is how long one answer may take.
const patience = 2 * time.Minute

// never are addresses that look public and are not: each leads inside, is shared by
// neighbours, or carries another address in it.
var never = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "fec0::/10", "3fff::/20")

func prefixes(list ...string) (out []netip.Prefix) {
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Public says whether an address is one that anybody on the Internet can ask.
func Public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(never, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// look stops a connection before it is made, when the name has been looked up: so it
// does not help to let a name lead elsewhere a second later.
func look(_ context.Context, _, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !Public(at.Addr()) {
		return ErrInside
	}
	return nil
}

// New is a client for machines of others.
func New() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, ControlContext: look}
	return &http.Client{
		Timeout: patience,
		Transport: named{&http.Transport{
			DialContext: dialer.DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: time.Minute, MaxResponseHeaderBytes: 64 << 10,
			IdleConnTimeout: time.Minute, MaxConnsPerHost: 1, DisableCompression: true, ForceAttemptHTTP2: true,
		}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

type named struct{ next http.RoundTripper }

// RoundTrip says what asks.
func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", agent)
	return n.next.RoundTrip(r)
}
