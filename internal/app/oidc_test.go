package app

import (
	"os"
	"path/filepath"
	"testing"
)

// A provider is set up whole or not at all, and is asked for nothing at the start.
func TestProviderOptions(t *testing.T) {
	t.Parallel()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("s\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o         Options
		one, good bool
	}{
		"none":       {good: true},
		"whole":      {Options{OIDCIssuer: "https://id.test:8443", OIDCClient: "clew", OIDCSecretFile: secret}, true, true},
		"plain":      {Options{OIDCIssuer: "http://id.test", OIDCClient: "clew", OIDCSecretFile: secret}, false, false},
		"no client":  {Options{OIDCIssuer: "https://id.test", OIDCSecretFile: secret}, false, false},
		"no secret":  {Options{OIDCIssuer: "https://id.test", OIDCClient: "clew"}, false, false},
		"no file":    {Options{OIDCIssuer: "https://id.test", OIDCClient: "clew", OIDCSecretFile: secret + "s"}, false, false},
		"no address": {Options{OIDCClient: "clew", OIDCSecretFile: secret}, false, false},
	} {
		p, err := (&App{Options: c.o}).provider()
		if (err == nil) != c.good || (p != nil) != c.one {
			t.Errorf("%s: %v %v", name, p, err)
		}
	}
}

// A confined server may still reach the port that an address names.
func TestPortOf(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]uint16{"https://id.test": 443, "https://id.test:8443/realms/x": 8443, "https://[::1]:9": 9} {
		if got := portOf(address); got != want {
			t.Errorf("%s: %d", address, got)
		}
	}
}
