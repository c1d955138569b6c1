package web

import (
	"net/http"
	"strings"
)

// Kind is a sort of answer, by who reads it. An error is of the kind of the
// page that it stands in for.
type Kind int

// The kinds.
const (
	Page      Kind = iota // a public page, with a form or without
	Desk                  // a page of the desk, or part of one
	Stream                // hints to an open page of the desk
	Download              // a file that somebody keeps
	API                   // an answer to a program, and whether we are well
	Open                  // the published directory, for programs and the scripts of other sites
	Asset                 // a style sheet, script or picture of public pages
	DeskAsset             // one of the desk
)

// Kinds are all kinds, and what people call them.
var Kinds = map[Kind]string{
	Page: "public page", Desk: "desk", Stream: "event stream", Download: "download", API: "interface", Open: "open data", Asset: "asset", DeskAsset: "desk asset",
}

// Header is a line of the table: what is sent with every answer, and why.
type Header struct {
	Name  string
	Value string          // of every kind that But does not name
	But   map[Kind]string // of others; empty is not sent
	Why   string          // a sentence without its full stop
}

const (
	policyNone = "default-src 'none'; frame-ancestors 'none'"
	policyBase = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
	policySite = policyBase + "img-src 'self'; script-src 'self'; style-src 'self'"
	policyDesk = policySite + "; connect-src 'self'; media-src 'self'"
	policyFile = policyNone + "; sandbox"
)

// Headers is the table. TestEveryRouteSendsTheTable holds every route to it,
// and writes docs/headers.md.
var Headers = []Header{
	{
		"Access-Control-Allow-Origin", "",
		map[Kind]string{Open: "*"},
		"what is published is for everybody's programs, also those that run on the page of another site; all else is for our own pages",
	},
	{
		"Access-Control-Expose-Headers", "",
		map[Kind]string{Open: "Content-Digest, ETag, Signature, Signature-Input"},
		"such a program may ask whether its copy is old, and whether it is ours",
	},
	{
		"Cache-Control", "no-store",
		map[Kind]string{DeskAsset: "public, max-age=31536000, immutable", Open: "no-cache"},
		"a watched phone must not hold what was read, nor a shared desk; even a style sheet says where somebody was. Those of the desk are kept, under a name with their hash. Copies of the published directory are asked after each time",
	},
	{
		"Content-Security-Policy", policyNone,
		map[Kind]string{Page: policySite, Desk: policyDesk, Download: policyFile},
		"nothing is loaded from another host, no script stands in a page, no form leads away, nobody frames us; what is no page can load nothing at all, and a file that is shown all the same runs nothing",
	},
	{
		"Cross-Origin-Opener-Policy", "same-origin", nil,
		"a site that we lead to gets no hold on the window that it was opened from",
	},
	{
		"Cross-Origin-Resource-Policy", "same-origin",
		map[Kind]string{Open: "cross-origin"},
		"another site can find out nothing by loading our pages as pictures or scripts",
	},
	{
		"Origin-Agent-Cluster", "?1", nil,
		"the browser keeps our pages in a process apart from those of neighbouring hosts",
	},
	{
		"Permissions-Policy", "browsing-topics=(), camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()", nil,
		"no page asks for these, so none shall be able to; and a browser counts a visit to us among nobody's interests",
	},
	{
		"Referrer-Policy", "no-referrer", nil,
		"the site that somebody goes to from here does not learn that they were here",
	},
	{
		"Strict-Transport-Security", "",
		map[Kind]string{Desk: "max-age=31536000", Stream: "max-age=31536000"},
		"staff never come in over a line that can be listened to; not on public pages, for a browser remembers the host for a year, past an emptied history; no list of preloaded hosts, which is public",
	},
	{
		"X-Accel-Buffering", "",
		map[Kind]string{Stream: "no"},
		"a proxy passes each hint on at once",
	},
	{
		"X-Content-Type-Options", "nosniff", nil,
		"no browser guesses that a text is a script",
	},
	{
		"X-DNS-Prefetch-Control", "off", nil,
		"the names of the services that a page leads to are not looked up, where a network could see it, before somebody follows the link",
	},
	{
		"X-Frame-Options", "DENY", nil,
		"old browsers, which do not know frame-ancestors, frame us neither",
	},
	{
		"X-Robots-Tag", "noindex, nofollow, noarchive",
		map[Kind]string{Page: "noarchive"},
		"people find the public pages with a search engine, and it keeps no copy; the rest is in none",
	},
}

// kindOf tells what an address gives, before anybody has looked at it: so the
// answers that the mux gives itself have their headers too. An asset says so
// once it is found: that there is none is told by a page.
func kindOf(path string) Kind {
	switch {
	case strings.HasPrefix(path, "/staff"):
		return Desk
	case path == "/hsds", strings.HasPrefix(path, "/hsds/"):
		return Open
	case strings.HasPrefix(path, "/api/"), path == "/healthz", path == "/readyz":
		return API
	}
	return Page
}

// setHeaders sets the column of a kind, in place of another's.
func setHeaders(h http.Header, k Kind) {
	for _, line := range Headers {
		value, differs := line.But[k]
		if !differs {
			value = line.Value
		}
		if value == "" {
			h.Del(line.Name)
			continue
		}
		h.Set(line.Name, value)
	}
}

// Attach makes the answer a file that the browser keeps and never shows. The
// name tells nothing of anybody: it stands in the list of downloads.
func Attach(w http.ResponseWriter, name, contentType string) {
	h := w.Header()
	setHeaders(h, Download)
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
}

// Inline makes the answer a picture that a page of ours shows. Whoever opens
// its address alone gets it where nothing can run.
func Inline(w http.ResponseWriter, contentType string) {
	setHeaders(w.Header(), Download)
	w.Header().Set("Content-Type", contentType)
}
