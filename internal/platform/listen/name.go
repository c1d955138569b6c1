package listen

import (
	"net"
	"net/netip"
	"strings"
)

// telling are words by which a name says what this is. Names stand in the
// history of a phone, in the look-ups that a network sees, and, once a
// certificate is made, for ever in public lists of all certificates.
var telling = []string{
	"traffick", "hotline", "helpline", "victim", "survivor", "slave", "abuse", "exploit", "rescue", "refuge", "shelter", "crisis", "clew",
	"trata", "victima", "esclav", "abus", "violen", "handel", "ofiar", "ittijar", "torgovl",
}

// Speaks gives those names that say what this is.
func Speaks(names []string) (telltale []string) {
	for _, name := range names {
		for _, word := range telling {
			if strings.Contains(strings.ToLower(name), word) {
				telltale = append(telltale, name)
				break
			}
		}
	}
	return telltale
}

// hostOf is a host without its port, as a name or an address is written in a
// link; empty if it is neither.
func hostOf(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		switch {
		case ip.Zone() != "":
			return ""
		case ip.Is6():
			return "[" + ip.String() + "]"
		}
		return ip.String()
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if strings.Trim(host, "abcdefghijklmnopqrstuvwxyz0123456789-._") != "" {
		return ""
	}
	return host
}
