package signin

import (
	"net/url"
	"path"
	"strings"
	"testing"
)

// Whatever a link says, signing in ends on a page of the desk of this host.
func FuzzOnDesk(f *testing.F) {
	for _, s := range []string{"/staff/queue", "//evil.example", `/staff/\evil`, "/staff/../x", "/staff/%2f", "https:/staff/", "/staff/\t"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, next string) {
		got := onDesk(next)
		u, err := url.Parse(got)
		if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/staff/") || path.Clean(u.Path) != strings.TrimSuffix(u.Path, "/") || u.RawQuery != "" {
			t.Errorf("onDesk(%q) = %q", next, got)
		}
	})
}
