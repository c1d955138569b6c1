package signin

import (
	"path"
	"strings"
)

// onDesk gives a path of the desk to go on to, or "/staff/" when it is
// anything else: whoever sends somebody a sign-in link must not choose where
// it ends. Pages that act by themselves are no places to go on to.
func onDesk(next string) string {
	const home = "/staff/"
	if len(next) > 300 || !strings.HasPrefix(next, home) || strings.TrimSuffix(next, "/") != path.Clean(next) {
		return home
	}
	for _, c := range next {
		if c <= ' ' || c > '~' || strings.ContainsRune(`\?#%"<>`, c) {
			return home
		}
	}
	switch next {
	case "/staff/signin", "/staff/unlock", "/staff/lock", "/staff/signout", "/staff/live", "/staff/here":
		return home
	}
	return next
}
