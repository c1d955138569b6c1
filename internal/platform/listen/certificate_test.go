package listen

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// issue writes a certificate for a name, and for more names or addresses, and its
// key, and gives their paths.
func issue(t testing.TB, dir, name string, key crypto.Signer, more ...string) (certFile, keyFile string) {
	t.Helper()
	form := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	for _, host := range more {
		if ip := net.ParseIP(host); ip != nil {
			form.IPAddresses = append(form.IPAddresses, ip)
			continue
		}
		form.DNSNames = append(form.DNSNames, host)
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")
	for path, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "PRIVATE KEY", Bytes: pkcs8},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certFile, keyFile
}

func ellipticKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// hello shakes hands as a client and gives the certificate's name.
func hello(t testing.TB, server, client *tls.Config) (name string, err error) {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	go func() { _ = tls.Server(a, server).Handshake() }() //nolint:noctx // a pipe
	c := tls.Client(b, client)
	if err := c.Handshake(); err != nil { //nolint:noctx // a pipe
		return "", err
	}
	return c.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
}

// A renewed certificate is served without a restart; one that is half written
// is not, and the one before stays.
func TestARenewedCertificateIsServed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	certFile, keyFile := issue(t, dir, "one.example", ellipticKey(t))
	now := time.Now()
	k := &keeper{files: [2]string{certFile, keyFile}, log: slog.New(slog.DiscardHandler), now: func() time.Time { return now }}
	if err := k.load(k.stamp()); err != nil {
		t.Fatal(err)
	}
	server := settings()
	server.GetCertificate = k.get
	serves := func(want string) {
		t.Helper()
		now = now.Add(lookEvery)
		got, err := hello(t, server, &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // it is looked at below
		if err != nil || got != want {
			t.Fatalf("serves %q, %v; not %s", got, err, want)
		}
	}
	serves("one.example")
	if err := os.WriteFile(keyFile, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	serves("one.example")
	issue(t, dir, "two.example", ellipticKey(t))
	serves("two.example")
	if err := os.Remove(certFile); err != nil {
		t.Fatal(err)
	}
	serves("two.example")
}

func TestNoCertificateNoServer(t *testing.T) {
	t.Parallel()
	if _, _, err := Certificate("nothing.crt", "nothing.key", slog.New(slog.DiscardHandler)); err == nil {
		t.Error("it starts without a certificate")
	}
}

// Old telephones get in, and nothing older than is safe.
func TestWhatIsSpoken(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	server := func(key crypto.Signer) *tls.Config {
		c, k := issue(t, t.TempDir(), "a.example", key)
		s, _, err := Certificate(c, k, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	withRSA, withEC := server(rsaKey), server(ellipticKey(t))
	old := func(suite uint16) *tls.Config {
		return &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite}} //nolint:gosec // an old telephone
	}
	for name, c := range map[string]struct {
		server, client *tls.Config
		in             bool
	}{
		"today":                   {withEC, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}, true}, //nolint:gosec // a test
		"2014":                    {withRSA, old(tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA), true},
		"2016":                    {withRSA, old(tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256), true},
		"a cheap one without AES": {withEC, old(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256), true},
		"no forward secrecy":      {withRSA, old(tls.TLS_RSA_WITH_AES_128_GCM_SHA256), false},
		"3DES":                    {withRSA, old(tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA), false},
		"RC4":                     {withRSA, old(tls.TLS_ECDHE_RSA_WITH_RC4_128_SHA), false},
		"TLS 1.1":                 {withRSA, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, false}, //nolint:gosec // an old telephone
	} {
		if _, err := hello(t, c.server, c.client); (err == nil) != c.in {
			t.Errorf("%s: let in is %t: %v", name, err == nil, err)
		}
	}
}

// Plain HTTP leads to those hosts that the certificate is for, and nobody to
// another: not to an address in brackets, a port, or what only looks like a host.
func TestPlainLeadsWhereTheCertificateIsFor(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cert, key := issue(t, dir, "quiet.example", ellipticKey(t), "*.river.example", "2001:db8::7", "192.0.2.7")
	_, plain, err := Certificate(cert, key, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	for host, want := range map[string]string{
		"quiet.example": "quiet.example", "Quiet.Example.": "quiet.example", "quiet.example:80": "quiet.example", "quiet.example:443": "quiet.example",
		"a.river.example:8080": "a.river.example", "[2001:db8::7]": "[2001:db8::7]", "[2001:DB8:0::7]:80": "[2001:db8::7]", "192.0.2.7:80": "192.0.2.7",
		"evil.example": "", "evil.example:443": "", "a.b.river.example": "", "[2001:db8::8]:80": "", "[2001:db8::7%25eth0]:80": "", "192.0.2.8": "", "": "", ":80": "",
		"quiet.example@evil.example": "", "evil.example#quiet.example": "", "quiet.example\\.evil.example": "", "quiet.example/": "", "[quiet.example": "",
	} {
		r := httptest.NewRequest(http.MethodGet, "/es/contact?x=1", nil)
		r.Host = host
		w := httptest.NewRecorder()
		plain.ServeHTTP(w, r)
		if want != "" {
			want = "https://" + want + "/es/contact?x=1"
		}
		if got := w.Header().Get("Location"); got != want || (want == "") != (w.Code == http.StatusNotFound) {
			t.Errorf("%q leads to %q with %d, not to %q", host, got, w.Code, want)
		}
	}
}
