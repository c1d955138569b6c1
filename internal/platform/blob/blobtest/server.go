// Package blobtest is a small store that speaks as much of S3 as Clew needs,
// for tests. It checks every signature by its own reading of the rules, and
// can be unwell in the ways that stores and networks are.
package blobtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// What the server's one bucket is called, and what opens it.
const (
	Bucket = "clew-test"
	Region = "eu-test-1"
	KeyID  = "AKIATEST"
	Secret = "a-secret/of+the-test"
)

// Server is the store.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	objects  map[string][]byte
	requests []string
	heard    []byte
	trouble  func(w http.ResponseWriter, r *http.Request) bool
	versions bool
}

// New starts a server that ends with its test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{objects: map[string][]byte{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

// Address is that of its bucket, as an operator writes it.
func (s *Server) Address() string {
	return "s3://" + Bucket + "/files?endpoint=" + s.URL + "&region=" + Region
}

// KeyFile writes the file that opens it.
func (s *Server) KeyFile(t testing.TB) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bucket.key")
	if err := os.WriteFile(path, []byte(KeyID+"\n"+Secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Trouble is asked before each request that is signed well; if it gives true,
// it has answered. Nil ends all trouble.
func (s *Server) Trouble(f func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.trouble = f
}

// KeepVersions makes it say that it keeps what is deleted.
func (s *Server) KeepVersions() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.versions = true
}

// Objects are all that it has.
func (s *Server) Objects() map[string][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.objects)
}

// Requests are all that it was asked: "PUT /bucket/object".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// Heard is every byte that came: lines, headers, contents.
func (s *Server) Heard() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.heard)
}

// Lose cuts every object to its half.
func (s *Server) Lose() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, b := range s.objects {
		s.objects[name] = b[:len(b)/2]
	}
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.Path)
	s.heard = append(append(s.heard, fmt.Sprint(r.Method, r.URL, r.Header)...), body...)
	trouble := s.trouble
	s.mu.Unlock()
	switch {
	case err != nil || int64(len(body)) != r.ContentLength:
		refuse(w, http.StatusBadRequest, "IncompleteBody")
	case !genuine(r, body):
		refuse(w, http.StatusForbidden, "SignatureDoesNotMatch")
	case trouble != nil && trouble(w, r):
	case !strings.HasPrefix(r.URL.Path, "/"+Bucket+"/"):
		refuse(w, http.StatusNotFound, "NoSuchBucket")
	default:
		s.answer(w, r, body)
	}
}

func (s *Server) answer(w http.ResponseWriter, r *http.Request, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.versions {
		w.Header().Set("X-Amz-Version-Id", "3HL4kqtJ")
	}
	content, there := s.objects[r.URL.Path]
	switch {
	case r.Method == http.MethodPut:
		s.objects[r.URL.Path] = body
	case r.Method == http.MethodDelete:
		delete(s.objects, r.URL.Path)
		w.WriteHeader(http.StatusNoContent)
	case !there:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = w.Write(content) //nolint:errcheck // whoever asked went away
	}
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>%s</Code><Resource>%s</Resource></Error>`, code, KeyID) //nolint:errcheck // likewise
}

// Refuse answers like a store that will not.
func Refuse(status int, code string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, status, code)
		return true
	}
}

// genuine checks who asks, that each header which matters is signed, and that
// the content is what was signed.
func genuine(r *http.Request, body []byte) bool {
	var scope, names, given string
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		name, value, _ := strings.Cut(part, "=")
		switch name {
		case "Credential":
			scope = strings.TrimPrefix(value, KeyID+"/")
		case "SignedHeaders":
			names = value
		case "Signature":
			given = value
		}
	}
	at, sum := r.Header.Get("X-Amz-Date"), r.Header.Get("X-Amz-Content-Sha256")
	if len(at) < 8 || scope != at[:8]+"/"+Region+"/s3/aws4_request" || sum != hexOf(body) || names != "host;x-amz-content-sha256;x-amz-date" {
		return false
	}
	asked := strings.Join([]string{r.Method, r.URL.EscapedPath(), r.URL.RawQuery, "host:" + r.Host, "x-amz-content-sha256:" + sum, "x-amz-date:" + at, "", names, sum}, "\n")
	key := []byte("AWS4" + Secret)
	for _, part := range []string{at[:8], Region, "s3", "aws4_request", strings.Join([]string{"AWS4-HMAC-SHA256", at, scope, hexOf([]byte(asked))}, "\n")} {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	return hmac.Equal([]byte(given), []byte(hex.EncodeToString(key)))
}

func hexOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
