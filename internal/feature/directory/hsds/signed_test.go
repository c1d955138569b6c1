package hsds_test

import (
	"context"
	"crypto/ed25519"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/clew-hotline/clew/internal/feature/directory"
	"github.com/clew-hotline/clew/internal/lib/httpsig"
	"github.com/clew-hotline/clew/internal/platform/db/dbtest"
)

// TestEveryAnswerIsSigned asks a server as others do, over a line, and holds each
// answer to the key that it publishes.
func TestEveryAnswerIsSigned(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	c.load("town", town)
	c.verify()
	server := httptest.NewServer(c.handler)
	t.Cleanup(server.Close)
	ask := func(method, path string, headers ...string) (*http.Response, []byte) {
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		body, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, body
	}
	_, doc := ask("GET", "/hsds/keys")
	key, id, err := httpsig.Published(doc, httpsig.Fingerprint(ed25519.PublicKey(testKey[ed25519.SeedSize:])))
	if err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	first := "/hsds/services/" + idOf(t, c.list("/hsds/services").Contents[0])
	for _, path := range []string{
		"/hsds", "/hsds/", "/hsds/keys", "/hsds/openapi.json", "/hsds/services", "/hsds/services?full=true&per_page=1", "/hsds/services?format=ndjson",
		"/hsds/services?minimal=true", "/hsds/organizations?full_service=true", "/hsds/taxonomy_terms", first,
	} {
		for _, pack := range []string{"identity", "gzip"} {
			res, body := ask("GET", path, "Accept-Encoding", pack)
			u, _ := url.Parse(server.URL + path)
			m := httpsig.Asked("GET", u)
			m.Status, m.Header, m.Trailer = res.StatusCode, res.Header, res.Trailer
			if err := httpsig.Verify(m, body, key, id, time.Now()); err != nil || res.StatusCode != 200 {
				t.Errorf("%s %s: %d %v %v", pack, path, res.StatusCode, err, res.Header)
			}
			m.Query += "&"
			if httpsig.Verify(m, body, key, id, time.Now()) == nil {
				t.Errorf("%s answers another question, too", path)
			}
		}
	}
	for _, path := range []string{"/hsds/services/" + httpsig.Fingerprint(key), "/hsds/services?nothing=1"} {
		if res, _ := ask("GET", path); res.StatusCode < 400 || res.Header.Get("Signature") != "" {
			t.Errorf("%s: %d, signed %q", path, res.StatusCode, res.Header.Get("Signature"))
		}
	}
}

// A copy is asked after as before, and what says that it is still right does not
// bring a signature that is not the copy's.
func TestACopyKeepsItsSignature(t *testing.T) {
	t.Parallel()
	c := open(t, dbtest.Open(t, dbtest.SQLite(t), directory.Migrations), "agency")
	c.load("town", town)
	c.verify()
	got := c.get("/hsds/services")
	tag := got.Header().Get("ETag")
	if tag == "" || got.Header().Get("Signature") == "" {
		t.Fatalf("%v", got.Header())
	}
	again := c.do("GET", "/hsds/services", "", "", "If-None-Match", tag)
	h := again.Header()
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 || h.Get("ETag") != tag || h.Get("Signature")+h.Get("Signature-Input")+h.Get("Content-Digest") != "" {
		t.Errorf("%d %v", again.Code, h)
	}
}

var testKey = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

func useTestKey(context.Context) (ed25519.PrivateKey, error) { return testKey, nil }

// BenchmarkSigned is a page of fifty services, with and without a signature.
func BenchmarkSigned(b *testing.B) {
	for name, signed := range map[string]bool{"plain": false, "signed": true} {
		b.Run(name, func(b *testing.B) {
			c := benchmarked(b, signed)
			r := httptest.NewRequest("GET", "/hsds/services?full=true", nil)
			r.Header.Set("Accept-Encoding", "gzip")
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				c.handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					b.Fatal(w.Code)
				}
			}
		})
	}
}

func benchmarked(b *testing.B, signed bool) *client {
	b.Helper()
	c := open(b, dbtest.Open(b, dbtest.SQLite(b), directory.Migrations), "agency")
	if _, err := c.dir.LoadStarter(b.Context(), c.agency); err != nil {
		b.Fatal(err)
	}
	c.verify()
	if !signed {
		c.answers(nil)
	}
	return c
}
