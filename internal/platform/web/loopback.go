package web

import (
	"net"
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
