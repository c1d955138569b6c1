package listen

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// authority is a small one, for one name at a time. It asks in one way, and
// signs only for whoever answered.
type authority struct {
	*httptest.Server
	way                   string            // "http-01" or "tls-alpn-01"
	asks                  func(name string) // fails the test when the answer is not right
	mu                    sync.Mutex
	name                  string
	proved                bool
	certificate           []byte
	orders, conversations int
}

func newAuthority(t *testing.T, way string, asks func(name string)) *authority {
	t.Helper()
	a := &authority{way: way, asks: asks}
	a.Server = httptest.NewTLSServer(a)
	t.Cleanup(a.Close)
	return a
}

// ServeHTTP answers as RFC 8555 says. Signatures are not checked: that is the
// library's, and not ours to test.
func (a *authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.conversations++
	w.Header().Set("Replay-Nonce", fmt.Sprint(a.conversations))
	var message struct{ Payload string }
	_ = json.NewDecoder(r.Body).Decode(&message)
	payload, _ := base64.RawURLEncoding.DecodeString(message.Payload)
	say := func(status int, v any) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v)
	}
	status := map[bool]string{true: "valid", false: "pending"}[a.proved]
	challenge := map[string]string{"type": a.way, "url": a.URL + "/challenge", "token": "atoken", "status": status}
	order := map[string]any{"status": map[bool]string{true: "ready", false: "pending"}[a.proved], "authorizations": []string{a.URL + "/authorization"}, "finalize": a.URL + "/finalize"}
	if a.certificate != nil {
		order["status"], order["certificate"] = "valid", a.URL+"/certificate"
	}
	switch r.URL.Path {
	case "/":
		say(http.StatusOK, map[string]string{"newNonce": a.URL + "/nonce", "newAccount": a.URL + "/account", "newOrder": a.URL + "/new"})
	case "/account":
		w.Header().Set("Location", a.URL+"/account/1")
		say(http.StatusCreated, map[string]string{"status": "valid"})
	case "/new":
		var asked struct{ Identifiers []struct{ Value string } }
		_ = json.Unmarshal(payload, &asked)
		a.name, a.proved, a.certificate = asked.Identifiers[0].Value, false, nil
		a.orders++
		delete(order, "certificate")
		order["status"] = "pending"
		w.Header().Set("Location", a.URL+"/order")
		say(http.StatusCreated, order)
	case "/order":
		w.Header().Set("Location", a.URL+"/order")
		say(http.StatusOK, order)
	case "/authorization":
		say(http.StatusOK, map[string]any{"status": status, "identifier": map[string]string{"type": "dns", "value": a.name}, "challenges": []any{challenge}})
	case "/challenge":
		a.asks(a.name)
		a.proved = true
		challenge["status"] = "valid"
		say(http.StatusOK, challenge)
	case "/finalize":
		var asked struct{ CSR string }
		_ = json.Unmarshal(payload, &asked)
		der, _ := base64.RawURLEncoding.DecodeString(asked.CSR)
		a.certificate = a.sign(der)
		order["status"], order["certificate"] = "valid", a.URL+"/certificate"
		w.Header().Set("Location", a.URL+"/order")
		say(http.StatusOK, order)
	case "/certificate":
		w.Header().Set("Content-Type", "application/pem-certificate-chain")
		_, _ = w.Write(a.certificate)
	}
}

// sign gives the certificate that was asked for. Its own key stands in for a
// root's: browsers trust neither here.
func (a *authority) sign(csr []byte) []byte {
	asked, err := x509.ParseCertificateRequest(csr)
	if err != nil || !a.proved {
		return nil
	}
	signer := a.TLS.Certificates[0]
	form := &x509.Certificate{
		SerialNumber: big.NewInt(int64(a.orders)), Subject: pkix.Name{CommonName: "given to " + a.name}, DNSNames: []string{a.name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(90 * 24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, form, signer.Leaf, asked.PublicKey, signer.PrivateKey)
	if err != nil {
		return nil
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// shelf is a cache in memory.
type shelf struct{ sync.Map }

func (s *shelf) Get(_ context.Context, name string) ([]byte, error) {
	if b, ok := s.Load(name); ok {
		return b.([]byte), nil //nolint:forcetypeassert // nothing else is put in
	}
	return nil, autocert.ErrCacheMiss
}

func (s *shelf) Put(_ context.Context, name string, b []byte) error {
	s.Store(name, b)
	return nil
}

func (s *shelf) Delete(_ context.Context, name string) error {
	s.Map.Delete(name)
	return nil
}

// A certificate is got in either way, for our names alone, and once.
func TestACertificateIsGotByItself(t *testing.T) {
	t.Parallel()
	for _, way := range []string{"http-01", "tls-alpn-01"} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			var server *tls.Config
			var plain http.Handler
			a := newAuthority(t, way, func(name string) {
				if way == "tls-alpn-01" {
					got, err := hello(t, server, &tls.Config{ServerName: name, NextProtos: []string{acme.ALPNProto}, InsecureSkipVerify: true}) //nolint:gosec // as the authority does
					if err != nil {
						t.Errorf("asked on the port of HTTPS, it says %q, %v", got, err)
					}
					return
				}
				w := httptest.NewRecorder()
				plain.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://"+name+"/.well-known/acme-challenge/atoken", nil))
				if !strings.HasPrefix(w.Body.String(), "atoken.") {
					t.Errorf("asked on port 80, it says %d %q", w.Code, w.Body)
				}
			})
			kept := new(shelf)
			server, plain = Automatic([]string{"quiet.example"}, a.URL+"/", kept, a.Client())
			ask := &tls.Config{ServerName: "quiet.example", InsecureSkipVerify: true} //nolint:gosec // its root is nobody's
			for range 2 {
				if got, err := hello(t, server, ask); err != nil || got != "given to quiet.example" {
					t.Fatalf("it serves %q, %v", got, err)
				}
			}
			if _, err := hello(t, server, &tls.Config{ServerName: "evil.example", InsecureSkipVerify: true}); err == nil { //nolint:gosec // it gets none
				t.Error("it got a certificate for a name that is not ours")
			}
			// The next start, or another machine, uses what is kept.
			server, _ = Automatic([]string{"quiet.example"}, a.URL+"/", kept, a.Client())
			if _, err := hello(t, server, ask); err != nil || a.orders != 1 {
				t.Errorf("%d certificates were asked for: %v", a.orders, err)
			}
		})
	}
}

// Plain HTTP leads to HTTPS under our names, with what was sent, and leaves no
// trace in the browser.
func TestPlainLeadsOnward(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{"quiet.example": "https://quiet.example/es/contact?x=1", "quiet.example:80": "https://quiet.example/es/contact?x=1", "evil.example": ""} {
		w := httptest.NewRecorder()
		Onward(func(host string) bool { return host == "quiet.example" }).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "http://"+host+"/es/contact?x=1", nil))
		if got := w.Header().Get("Location"); got != want || want != "" && w.Code != http.StatusTemporaryRedirect || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s leads to %q with %d %v", host, got, w.Code, w.Header())
		}
	}
}

// A request that no browser sends makes no other name of ours.
func TestPlainLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	for _, ask := range []string{
		"GET http:.evil.example/ HTTP/1.1\r\nHost: quiet.example", "GET x:.evil.example/ HTTP/1.1\r\nHost: quiet.example",
		"OPTIONS * HTTP/1.1\r\nHost: quiet.example", "GET / HTTP/1.1\r\nHost: ",
	} {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(ask + "\r\n\r\n")))
		if err != nil {
			t.Fatal(err)
		}
		w := httptest.NewRecorder()
		Onward(func(string) bool { return true }).ServeHTTP(w, r)
		if got := w.Header().Get("Location"); got != "" || w.Code != http.StatusNotFound {
			t.Errorf("%q leads to %q with %d", ask, got, w.Code)
		}
	}
}

func TestANameThatSpeaks(t *testing.T) {
	t.Parallel()
	got := Speaks([]string{"www.blueriver.example", "TraffickingHotline.example", "safe-shelter.example", "contact.example"})
	if strings.Join(got, " ") != "TraffickingHotline.example safe-shelter.example" {
		t.Errorf("%q", got)
	}
}
