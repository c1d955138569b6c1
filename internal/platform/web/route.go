package web

import (
	"net/http"
	"regexp"
	"strings"
)

// Access names what a route needs: an action of the permission matrix, or
// one of the two below. A route without one does not start.
type Access string

const (
	// Public is for everybody, without a sign-in and without a cookie.
	Public Access = "public"
	// Mailbox is for who holds a mailbox cookie or brings a code.
	Mailbox Access = "mailbox"
)

// Handler answers a request, or returns why it could not. The error is
// written in one place, in the person's language; see Server.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Trace says what a route of the desk leaves in the log of who did what.
type Trace uint8

// The traces. A route that says nothing leaves an entry, so that none is
// forgotten.
const (
	ByRoute  Trace = iota // an entry with the route's action, before it answers
	OnPage                // part of a page that is open: the page's entry stands for it for a while
	ByDeed                // what it does writes its own entry, in the same transaction
	Untraced              // none: it shows and changes nothing that is anybody's
)

// Route is one line of a feature's routes block.
type Route struct {
	Pattern string // as http.ServeMux takes it: "GET /staff/queue"
	Access  Access
	Handle  Handler
	Trace   Trace // only on the desk
}

var pathName = regexp.MustCompile(`{([a-z]+)}`)

// namedNothing puts U+FFFD where a value of the path has a NUL or broken UTF-8. Nothing
// that we named has that, so the address is one of nothing, as any other that was made
// up; as it was, the database would refuse to look for it, which is another answer.
func (route Route) namedNothing(r *http.Request) {
	for _, name := range pathName.FindAllStringSubmatch(route.Pattern, -1) {
		value := r.PathValue(name[1])
		r.SetPathValue(name[1], strings.ToValidUTF8(strings.ReplaceAll(value, "\x00", "\uFFFD"), "\uFFFD"))
	}
}
