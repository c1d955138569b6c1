package web

import (
	"net"
	"net/http"
	"strings"
)

// Loopback says whether a host, with or without a port, is this machine itself
// and reached by no other.
func Loopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Origin is where the browser is: scheme, host and port, as this request was
// asked. It is HTTPS but on this machine itself.
func Origin(r *http.Request) string {
	if r.TLS == nil && Loopback(r.Host) {
		return "http://" + r.Host
	}
	return "https://" + r.Host
}
