package web

import (
	"net/http"
	"strings"
)

// zone is a part of the site with its own headers and form of errors.
type zone int

const (
	zonePublic zone = iota
	zoneDesk
	zoneAPI
	zoneAsset
)

func zoneOf(path string) zone {
	switch {
	case strings.HasPrefix(path, "/staff"):
		return zoneDesk
	case strings.HasPrefix(path, "/api/"), path == "/healthz", path == "/readyz":
		return zoneAPI
	case strings.HasPrefix(path, assetPrefix):
		return zoneAsset
	}
	return zonePublic
}

// common are the headers of every answer. Nothing is kept, nothing is told to
// the next site, nobody may frame us.
var common = map[string]string{
	"Cache-Control":                "no-store",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Origin-Agent-Cluster":         "?1",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
	"Referrer-Policy":              "no-referrer",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"X-Robots-Tag":                 "noarchive",
}

const (
	policyBase = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
	policySite = policyBase + "img-src 'self'; script-src 'self'; style-src 'self'"
	policyDesk = policySite + "; connect-src 'self'; media-src 'self'"
	policyNone = "default-src 'none'; frame-ancestors 'none'"
)

// policies is the table of content security policies, one a zone.
var policies = map[zone]string{
	zonePublic: policySite,
	zoneDesk:   policyDesk,
	zoneAPI:    policyNone,
	zoneAsset:  policyNone,
}

func (s *Server) setHeaders(h http.Header, z zone) {
	for k, v := range common {
		h.Set(k, v)
	}
	h.Set("Content-Security-Policy", policies[z])
	if s.HTTPS {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}
