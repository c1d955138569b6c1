package listen

import (
	"crypto/tls"
	"net/http"
	"slices"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"
)

// Authority is asked for certificates when no other is named.
const Authority = "https://acme-v02.api.letsencrypt.org/directory"

// Automatic serves certificates that it gets by itself (ACME, RFC 8555), for
// the names that it is given and for no other: else whoever leads a name here
// would use up what the authority allows. cache keeps keys and certificates
// between starts and between machines. asks reaches the authority; nil is as
// Go does.
//
// plain answers on port 80: what the authority asks there, and to everybody
// else where HTTPS is. The authority may also ask on the port of HTTPS itself.
func Automatic(names []string, authority string, cache autocert.Cache, asks *http.Client) (c *tls.Config, plain http.Handler) {
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(names...), Cache: cache,
		Client: &acme.Client{DirectoryURL: authority, HTTPClient: asks},
	}
	c = settings()
	c.NextProtos = append(c.NextProtos, acme.ALPNProto)
	c.GetCertificate = m.GetCertificate
	return c, m.HTTPHandler(Onward(func(host string) bool { return slices.Contains(names, host) }))
}

// Onward leads from plain HTTP to HTTPS on the same host, if it is ours: on any
// other, this would send people wherever somebody wants. A form that was sent comes
// along: it has been read on the way already, and must not be lost too. Nothing of
// it is kept, so that no browser remembers the move.
func Onward(ours func(host string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		host := hostOf(r.Host)
		rest := r.URL.RequestURI()
		// What stands behind a name and does not begin with a slash makes it another.
		if host == "" || rest[0] != '/' || !ours(host) {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		h.Set("Location", "https://"+host+rest)
		w.WriteHeader(http.StatusTemporaryRedirect)
	})
}
