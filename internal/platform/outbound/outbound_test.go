package outbound

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnlyPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, inside := range []string{
		"127.0.0.1", "127.9.9.9", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:db8::1", "fec0::1",
	} {
		if Public(netip.MustParseAddr(inside)) {
			t.Errorf("%s is asked", inside)
		}
	}
	for _, outside := range []string{"1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1"} {
		if !Public(netip.MustParseAddr(outside)) {
			t.Errorf("%s is not asked", outside)
		}
	}
}

// A name that leads to this machine is not asked, by whatever name.
func TestNothingInsideIsAsked(t *testing.T) {
	t.Parallel()
	asked := false
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(s.Close)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := New().Do(r)
	if err == nil {
		_ = res.Body.Close()
	}
	if !errors.Is(err, ErrInside) || asked {
		t.Errorf("%v, asked %t", err, asked)
	}
}

// A feed sees an address and a kind of reader: no name of ours, no version, and
// nothing that it gave us before.
func TestAFeedIsNotToldWhoAsks(t *testing.T) {
	t.Parallel()
	var told []http.Header
	feed := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		told = append(told, r.Header)
		http.SetCookie(w, &http.Cookie{Name: "seen", Value: "before"})
	}))
	defer feed.Close()
	c := New()
	asks, _ := c.Transport.(named)
	asks.next.(*http.Transport).DialContext = nil //nolint:forcetypeassert // New made it; the feed of this test is inside
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, feed.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	for _, header := range told {
		if len(header) != 1 || header.Get("User-Agent") != "hsds-reader" {
			t.Errorf("it was told %v", header)
		}
	}
}
